// Asks before studies are destroyed: the one thing here that is modal.
import { useEffect, useRef, useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import { showDate } from './columns.ts';

export function RemoveDialog({
  rows,
  onConfirm,
  onClose,
}: {
  rows: readonly StudyRow[];
  onConfirm(uids: string[]): void;
  onClose(): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [lengths, setLengths] = useState<Readonly<Record<string, number>> | 'unknown'>({});
  useEffect(() => {
    dialog.current?.showModal();
    backend.lengthCounts().then(setLengths, () => setLengths('unknown'));
  }, []);
  const images = rows.reduce((sum, row) => sum + row.instanceCount, 0);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="remove-title">
      <h1 id="remove-title">{rows.length === 1 ? 'Remove this study?' : `Remove ${rows.length} studies?`}</h1>
      <p>
        {images === 1 ? '1 object is' : `${images} objects are`} deleted and the keys destroyed. They cannot be brought
        back from this archive.
      </p>
      <ul>
        {rows.slice(0, 8).map((row) => (
          <li key={row.studyUid}>
            {[
              displayPersonName(row.patientName) || 'No name',
              row.patientId || 'no patient ID',
              showDate(row.studyDate) || 'no date',
              row.modalities.join(' '),
              row.description,
            ]
              .filter(Boolean)
              .join(', ')}
            {row.isPinned && <span className="warning"> (pinned)</span>}
            {lengths !== 'unknown' && <LengthsWord count={lengths[row.studyUid] ?? 0} />}
          </li>
        ))}
        {rows.length > 8 && <li>and {rows.length - 8} more</li>}
      </ul>
      {lengths === 'unknown' && <p className="warning">Lengths that were drawn on them go too.</p>}
      <div className="row">
        <button type="button" autoFocus onClick={onClose}>
          Keep
        </button>
        <button type="button" className="danger" onClick={() => onConfirm(rows.map((row) => row.studyUid))}>
          Remove
        </button>
      </div>
    </dialog>
  );
}

/** What goes with the study that no other place has. */
function LengthsWord({ count }: { count: number }) {
  if (count === 0) return null;
  return <span className="warning"> (with {count === 1 ? 'its length' : `its ${count} lengths`})</span>;
}
