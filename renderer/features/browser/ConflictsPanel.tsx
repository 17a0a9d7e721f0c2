// What lies in quarantine: which instance, where it came from, what keeps its UID, and what can be done.
import { useEffect, useRef, useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { Conflict, StudyRow } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { showBytes, showDate, showMoment } from './columns.ts';
import { useConflicts } from './use-conflicts.ts';

interface ConflictsPanelProps {
  store: ArchiveStore;
  studies: readonly StudyRow[];
  onShowStudy(studyUid: string): void;
  onClose(): void;
}

const SHOWN = 200;

export function ConflictsPanel({ store, studies, onShowStudy, onClose }: ConflictsPanelProps) {
  const count = studies.reduce((sum, row) => sum + row.conflictCount, 0);
  // Changing places leaves their number as it was.
  const [turn, setTurn] = useState(0);
  const { conflicts, failure } = useConflicts(`${count} ${turn}`);
  const back = useRef<HTMLButtonElement>(null);
  // What had the focus may be gone with its conflict.
  useEffect(() => {
    if (document.activeElement === document.body) back.current?.focus();
  }, [conflicts]);
  const byUid = new Map(studies.map((row) => [row.studyUid, row]));
  return (
    <section
      className="conflicts"
      aria-labelledby="conflicts-title"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header className="row">
        <h1 id="conflicts-title">Conflicts in quarantine</h1>
        <button ref={back} type="button" autoFocus onClick={onClose}>
          Back to the studies
        </button>
      </header>
      <p className="quiet">
        These instances came with a SOP Instance UID that the archive holds already, but with other content. What was
        stored first is shown everywhere; what came later is kept apart here until somebody decides.
      </p>
      {failure !== undefined && <p className="dangerous">{failure}</p>}
      {conflicts?.length === 0 && <p>Nothing is in quarantine.</p>}
      {conflicts && conflicts.length > SHOWN && (
        <p className="warning">
          The first {SHOWN} of {conflicts.length} are shown.
        </p>
      )}
      <ul className="conflict-list">
        {conflicts?.slice(0, SHOWN).map((conflict) => (
          <ConflictItem
            key={conflict.id}
            conflict={conflict}
            study={byUid.get(conflict.stored?.studyUid ?? conflict.studyUid)}
            onShowStudy={onShowStudy}
            onKeep={() => void store.attempt(() => backend.keepStored(conflict.id))}
            onPrefer={() => void store.attempt(() => backend.preferConflict(conflict.id)).then(() => setTurn(turn + 1))}
          />
        ))}
      </ul>
    </section>
  );
}

interface ConflictItemProps {
  conflict: Conflict;
  study: StudyRow | undefined;
  onShowStudy(studyUid: string): void;
  onKeep(): void;
  onPrefer(): void;
}

function ConflictItem({ conflict, study, onShowStudy, onKeep, onPrefer }: ConflictItemProps) {
  const [hasDetails, setDetails] = useState(false);
  const [asked, setAsked] = useState<'keep' | 'prefer'>();
  const { stored } = conflict;
  const name = study ? displayPersonName(study.patientName) || 'No name' : 'Study not in the list';
  return (
    <li>
      <div className="row">
        <strong>{name}</strong>
        {study && (
          <span>
            {study.patientId}, {showDate(study.studyDate)}, {study.description}
          </span>
        )}
        {stored && stored.studyUid !== conflict.studyUid && <span className="warning">names another study</span>}
      </div>
      <div className="quiet">
        from {conflict.path}, {showMoment(conflict.receivedAt)}
      </div>
      {hasDetails && (
        <table className="details">
          <thead>
            <tr>
              <th scope="col">Attribute</th>
              <th scope="col">stored</th>
              <th scope="col">in quarantine</th>
            </tr>
          </thead>
          <tbody>
            <Detail name="Instance" stored={conflict.sopInstanceUid} other={conflict.sopInstanceUid} />
            <Detail name="Study" stored={stored?.studyUid} other={conflict.studyUid} />
            <Detail name="Series" stored={stored?.seriesUid} other={conflict.seriesUid} />
            <Detail
              name="Size"
              stored={stored && `${stored.sizeBytes} bytes (${showBytes(stored.sizeBytes)})`}
              other={`${conflict.sizeBytes} bytes (${showBytes(conflict.sizeBytes)})`}
            />
            <Detail name="SHA-256" stored={stored?.sha256} other={conflict.sha256} />
            <Detail
              name="Received"
              stored={stored && showMoment(stored.receivedAt)}
              other={showMoment(conflict.receivedAt)}
            />
          </tbody>
        </table>
      )}
      <div className="row">
        <button type="button" aria-expanded={hasDetails} onClick={() => setDetails(!hasDetails)}>
          Details
        </button>
        {study && (
          <button type="button" onClick={() => onShowStudy(study.studyUid)}>
            Show the study
          </button>
        )}
        {asked === undefined ? (
          <>
            <button type="button" onClick={() => setAsked('keep')}>
              Keep what is stored
            </button>
            {stored && (
              <button type="button" onClick={() => setAsked('prefer')}>
                Let them change places
              </button>
            )}
          </>
        ) : (
          <>
            <span className="warning">
              {asked === 'keep'
                ? 'The file in quarantine is destroyed; it cannot be brought back.'
                : 'The file in quarantine is shown from now on; the stored one goes into quarantine.'}
            </span>
            <button type="button" className="danger" onClick={asked === 'keep' ? onKeep : onPrefer}>
              {asked === 'keep' ? 'Destroy it' : 'Change places'}
            </button>
            <button type="button" autoFocus onClick={() => setAsked(undefined)}>
              Cancel
            </button>
          </>
        )}
      </div>
    </li>
  );
}

function Detail({ name, stored, other }: { name: string; stored: string | null | undefined; other: string }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{stored ?? 'no longer here'}</td>
      <td className={stored !== other ? 'warning' : ''}>{other}</td>
    </tr>
  );
}
