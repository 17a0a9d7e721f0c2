// The study's lengths: go to one, name it, delete it, take back the last change.
import { useState } from 'react';
import type { SeriesRow } from '#shared/contract/views.ts';
import type { StoredLength } from '#shared/contract/measurements.ts';

interface LengthsPanelProps {
  lengths: readonly StoredLength[];
  series: readonly SeriesRow[];
  /** SOP Instance UID in the active cell. */
  shownUid: string | undefined;
  canUndo: boolean;
  onGo(length: StoredLength): void;
  onRename(uid: string, label: string): void;
  onRemove(uid: string): void;
  onUndo(): void;
  onClose(): void;
}

export function LengthsPanel(props: LengthsPanelProps) {
  const { lengths, series, shownUid, canUndo, onUndo, onClose } = props;
  const groups = series
    .map((row) => ({ row, own: lengths.filter(({ seriesUid }) => seriesUid === row.seriesUid) }))
    .filter(({ own }) => own.length > 0);
  return (
    <aside className="side-panel lengths-panel" aria-label="Lengths">
      <header>
        <h2>Lengths</h2>
        <button type="button" className="plain" onClick={onClose}>
          Close
        </button>
      </header>
      <div className="note">
        <p className="warning">
          Kept in the archive at each change. They are not sent with the study, and go when it is deleted.
        </p>
        <button type="button" disabled={!canUndo} onClick={onUndo}>
          Undo the last change
        </button>
      </div>
      <div className="panel-body">
        {groups.length === 0 && <p className="quiet">No lengths yet. Key L draws one.</p>}
        {groups.map(({ row, own }) => (
          <section key={row.seriesUid} aria-label={`${row.modality} ${row.description}`}>
            <h3>
              {row.modality} {row.description}
            </h3>
            <ul className="length-list">
              {own.map((length) => (
                <LengthLine
                  key={`${length.uid} ${length.label}`}
                  length={length}
                  isShown={length.sopInstanceUid === shownUid}
                  onGo={() => props.onGo(length)}
                  onRename={(label) => props.onRename(length.uid, label)}
                  onRemove={() => props.onRemove(length.uid)}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </aside>
  );
}

interface LengthLineProps {
  length: StoredLength;
  isShown: boolean;
  onGo(): void;
  onRename(label: string): void;
  onRemove(): void;
}

function LengthLine({ length, isShown, onGo, onRename, onRemove }: LengthLineProps) {
  const [label, setLabel] = useState(length.label);
  const where = length.instanceNumber === undefined ? 'its image' : `image ${length.instanceNumber}`;
  const frame = length.frameIndex > 0 ? `, frame ${length.frameIndex + 1}` : '';
  return (
    <li data-shown={isShown}>
      <button type="button" className="plain go" aria-label={`Go to ${length.text}, ${where}${frame}`} onClick={onGo}>
        <strong>{length.text}</strong>
        <span className="quiet">
          {where}
          {frame}
        </span>
      </button>
      <input
        type="text"
        aria-label={`Name of ${length.text}`}
        placeholder="Name"
        value={label}
        maxLength={200}
        onChange={({ target }) => setLabel(target.value)}
        onBlur={() => onRename(label.trim())}
        onKeyDown={({ key }) => key === 'Enter' && onRename(label.trim())}
      />
      <button type="button" className="plain" aria-label={`Delete ${length.text}, ${where}${frame}`} onClick={onRemove}>
        &times;
      </button>
    </li>
  );
}
