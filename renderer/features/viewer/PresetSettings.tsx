// The person's own windows, by modality, in the order of the number keys.
import { useState, useSyncExternalStore } from 'react';
import { ModalityField } from './ModalityField.tsx';
import { useHint } from './use-hint.ts';
import type { ViewerSettingsStore } from './viewer-settings.ts';
import { DEFAULT_PRESETS, rulesFor, type PresetRule, type PresetWindow } from './window-presets.ts';

const KIND_NAMES: Record<PresetWindow['kind'], string> = {
  window: 'Centre and width',
  suv: 'SUV from and to',
  range: 'Range without, %',
  share: 'Zero to, % of greatest',
};
/** Characters; a menu names them all. */
const MOST_NAME = 60;
const FIRST_OF_KIND: Record<PresetWindow['kind'], PresetWindow> = {
  window: { kind: 'window', center: 40, width: 400 },
  suv: { kind: 'suv', from: 0, to: 5 },
  range: { kind: 'range', trim: 0.01 },
  share: { kind: 'share', to: 1 },
};

export function PresetSettings({ settings, modality }: { settings: ViewerSettingsStore; modality: string }) {
  const hint = useHint();
  const { presets } = useSyncExternalStore(settings.subscribe, settings.getState);
  const [chosen, setChosen] = useState(modality);
  const rules = rulesFor(chosen, presets);
  const put = (list: readonly PresetRule[]): void => settings.change({ presets: { ...presets, [chosen]: list } });
  return (
    <>
      <ModalityField
        value={chosen}
        modalities={[modality, ...Object.keys(DEFAULT_PRESETS), ...Object.keys(presets)]}
        onChoose={setChosen}
      />
      <ol className="preset-list">
        {rules.map((rule, index) => (
          <PresetLine
            // Lines have no names of their own: a name may stand twice while it is typed.
            key={index}
            rule={rule}
            number={index + 1}
            isLast={index === rules.length - 1}
            onChange={(changed) => put(rules.map((each, at) => (at === index ? changed : each)))}
            onMove={(by) => put(swapped(rules, index, index + by))}
            onRemove={() => put(rules.filter((_, at) => at !== index))}
          />
        ))}
      </ol>
      <div className="row">
        <button
          type="button"
          onClick={() =>
            put([...rules, { label: 'New window', window: FIRST_OF_KIND[chosen === 'PT' ? 'suv' : 'window'] }])
          }
        >
          Add a window
        </button>
        <button
          type="button"
          onClick={() => {
            const { [chosen]: _, ...rest } = presets;
            settings.change({ presets: rest });
          }}
        >
          Back to the defaults for {chosen || 'all others'}
        </button>
      </div>
      <p className="quiet">
        The first nine have keys of their own, from {hint('preset.1')} to {hint('preset.9')}. Windows that the header
        names are not listed: {hint('window.header')} takes one after the other.
      </p>
    </>
  );
}

function swapped(rules: readonly PresetRule[], one: number, other: number): readonly PresetRule[] {
  const [first, second] = [rules[one], rules[other]];
  if (!first || !second) return rules;
  return rules.map((each, at) => (at === one ? second : at === other ? first : each));
}

interface PresetLineProps {
  rule: PresetRule;
  /** From 1. */
  number: number;
  isLast: boolean;
  onChange(rule: PresetRule): void;
  onMove(by: 1 | -1): void;
  onRemove(): void;
}

function PresetLine({ rule, number, isLast, onChange, onMove, onRemove }: PresetLineProps) {
  const { label, window } = rule;
  return (
    <li>
      <span className="quiet number">{number <= 9 ? number : ''}</span>
      <input
        type="text"
        aria-label={`Name of window ${number}`}
        value={label}
        maxLength={MOST_NAME}
        onChange={({ target }) => onChange({ ...rule, label: target.value })}
      />
      <button
        type="button"
        className="plain"
        aria-label={`${label}: up`}
        disabled={number === 1}
        onClick={() => onMove(-1)}
      >
        &uarr;
      </button>
      <button type="button" className="plain" aria-label={`${label}: down`} disabled={isLast} onClick={() => onMove(1)}>
        &darr;
      </button>
      <button type="button" className="plain" aria-label={`Remove ${label}`} onClick={onRemove}>
        &times;
      </button>
      <span className="values">
        <select
          aria-label={`Kind of ${label}`}
          value={window.kind}
          onChange={({ target }) => onChange({ ...rule, window: FIRST_OF_KIND[target.value as PresetWindow['kind']] })}
        >
          {Object.entries(KIND_NAMES).map(([kind, name]) => (
            <option key={kind} value={kind}>
              {name}
            </option>
          ))}
        </select>
        <Values name={label} window={window} onChange={(changed) => onChange({ ...rule, window: changed })} />
      </span>
    </li>
  );
}

interface ValuesProps {
  name: string;
  window: PresetWindow;
  onChange(window: PresetWindow): void;
}

function Values({ name, window, onChange }: ValuesProps) {
  const field = (what: string, value: number, isValid: (value: number) => boolean, take: (value: number) => void) => (
    <NumberField
      // Of another window's name it is another field: what is typed, and the focus, do not go over to it.
      key={`${window.kind} ${what} ${name}`}
      label={`${what} of ${name}`}
      value={value}
      isValid={isValid}
      onValue={take}
    />
  );
  switch (window.kind) {
    case 'window':
      return [
        field('Centre', window.center, Number.isFinite, (center) => onChange({ ...window, center })),
        field(
          'Width',
          window.width,
          (value) => value >= 1,
          (width) => onChange({ ...window, width }),
        ),
      ];
    case 'suv':
      return [
        field(
          'Least SUV',
          window.from,
          (value) => value >= 0 && value < window.to,
          (from) => onChange({ ...window, from }),
        ),
        field(
          'Greatest SUV',
          window.to,
          (value) => value > window.from,
          (to) => onChange({ ...window, to }),
        ),
      ];
    case 'range':
      return field(
        'Percent left out at each end',
        window.trim * 100,
        (value) => value >= 0 && value < 50,
        (percent) => onChange({ ...window, trim: percent / 100 }),
      );
    case 'share':
      return field(
        'Percent of the greatest value',
        window.to * 100,
        (value) => value > 0 && value <= 100,
        (percent) => onChange({ ...window, to: percent / 100 }),
      );
  }
}

interface NumberFieldProps {
  label: string;
  value: number;
  isValid(value: number): boolean;
  onValue(value: number): void;
}

const shown = (value: number): string => String(Number(value.toFixed(4)));

/** Only a valid number counts; another is marked while it is typed, and changes nothing. */
function NumberField({ label, value, isValid, onValue }: NumberFieldProps) {
  /** While it is typed. `standsFor`: the value it was taken as, or left as it was; of any other value it is not the text. */
  const [typed, setTyped] = useState<{ text: string; standsFor: string }>();
  const text = typed?.standsFor === shown(value) ? typed.text : shown(value);
  const read = (from: string): number => (from.trim() === '' ? Number.NaN : Number(from.replace(',', '.')));
  const isGood = (from: string): boolean => Number.isFinite(read(from)) && isValid(read(from));
  return (
    <input
      type="text"
      inputMode="decimal"
      size={6}
      aria-label={label}
      title={label}
      aria-invalid={!isGood(text)}
      value={text}
      onChange={({ target }) => {
        const taken = isGood(target.value) ? read(target.value) : value;
        setTyped({ text: target.value, standsFor: shown(taken) });
        if (taken !== value) onValue(taken);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}
