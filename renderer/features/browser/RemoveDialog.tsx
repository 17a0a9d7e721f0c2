// Asks before studies are destroyed: the one thing here that is modal.
import { Fragment, useEffect, useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { MarkCounts } from '#shared/contract/marks.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import { useModal } from '../../ui/use-modal.ts';
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
  const dialog = useModal();
  const [marks, setMarks] = useState<MarkCounts | 'unknown'>({ lengths: {}, keyImages: {} });
  useEffect(() => void backend.markCounts().then(setMarks, () => setMarks('unknown')), []);
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
            {/* Each by itself: behind a name that is written from right to left, ID and date would change places. */}
            {[
              displayPersonName(row.patientName) || 'No name',
              row.patientId || 'no patient ID',
              showDate(row.studyDate) || 'no date',
              row.modalities.join(' '),
              row.description,
            ]
              .filter(Boolean)
              .map((part, index) => (
                <Fragment key={index}>
                  {index > 0 && ', '}
                  <bdi>{part}</bdi>
                </Fragment>
              ))}
            {row.isPinned && <span className="warning"> (pinned)</span>}
            {marks !== 'unknown' && <MarksWord marks={marks} studyUid={row.studyUid} />}
          </li>
        ))}
        {rows.length > 8 && <li>and {rows.length - 8} more</li>}
      </ul>
      {marks === 'unknown' && <p className="warning">Lengths and key images that were marked go too.</p>}
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
function MarksWord({ marks, studyUid }: { marks: MarkCounts; studyUid: string }) {
  const lengths = marks.lengths[studyUid] ?? 0;
  const keyImages = marks.keyImages[studyUid] ?? 0;
  const words = [
    lengths > 0 && (lengths === 1 ? 'its length' : `its ${lengths} lengths`),
    keyImages > 0 && (keyImages === 1 ? 'its key image' : `its ${keyImages} key images`),
  ].filter((word) => word !== false);
  return words.length > 0 && <span className="warning"> (with {words.join(' and ')})</span>;
}
