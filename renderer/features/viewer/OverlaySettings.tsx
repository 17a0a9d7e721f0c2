// Which facts stand in which corner, by modality.
import { useState, useSyncExternalStore } from 'react';
import {
  CORNER_NAMES,
  CORNERS,
  DEFAULT_OVERLAY,
  FIELD_NAMES,
  fieldsFor,
  type Corner,
  type Field,
} from './overlay-fields.ts';
import { ModalityField } from './ModalityField.tsx';
import type { ViewerSettingsStore } from './viewer-settings.ts';

export function OverlaySettings({ settings, modality }: { settings: ViewerSettingsStore; modality: string }) {
  const { overlay } = useSyncExternalStore(settings.subscribe, settings.getState);
  const [chosen, setChosen] = useState(modality);
  const fields = fieldsFor(chosen, overlay);
  const set = (corner: Corner, list: readonly Field[]): void =>
    settings.change({ overlay: { ...overlay, [chosen]: { ...fields, [corner]: list } } });
  return (
    <>
      <ModalityField
        value={chosen}
        modalities={[modality, ...Object.keys(DEFAULT_OVERLAY), ...Object.keys(overlay)]}
        onChoose={setChosen}
      />
      {CORNERS.map((corner) => (
        <fieldset key={corner}>
          <legend>{CORNER_NAMES[corner]}</legend>
          {fields[corner].map((field) => (
            <span key={field} className="field-chip">
              {field}
              <button
                type="button"
                className="plain"
                aria-label={`Remove ${field} from ${CORNER_NAMES[corner]}`}
                onClick={({ currentTarget }) => {
                  // This button goes; what it took away can be added there.
                  currentTarget.closest('fieldset')?.querySelector('select')?.focus();
                  set(
                    corner,
                    fields[corner].filter((each) => each !== field),
                  );
                }}
              >
                &times;
              </button>
            </span>
          ))}
          <select
            aria-label={`Add to ${CORNER_NAMES[corner]}`}
            value=""
            onChange={({ target }) => set(corner, [...fields[corner], target.value as Field])}
          >
            <option value="">Add</option>
            {FIELD_NAMES.filter((field) => !fields[corner].includes(field)).map((field) => (
              <option key={field}>{field}</option>
            ))}
          </select>
        </fieldset>
      ))}
      <button
        type="button"
        onClick={() => {
          const { [chosen]: _, ...rest } = overlay;
          settings.change({ overlay: rest });
        }}
      >
        Back to the defaults for {chosen || 'all others'}
      </button>
    </>
  );
}
