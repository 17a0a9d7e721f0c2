// Reads every stored file again and compares it with its SHA-256; says what the last run found.
import { useSyncExternalStore } from 'react';
import { backend } from '../../backend-client/client.ts';
import type { ArchiveStore } from '../archive/index.ts';

export function VerifySection({ store }: { store: ArchiveStore }) {
  const { jobs } = useSyncExternalStore(store.subscribe, store.state);
  const last = jobs.find((job) => job.kind === 'verify');
  const isRunning = last !== undefined && last.finishedAt === null;
  const damaged = last?.counts['refused'] ?? 0;
  return (
    <>
      <p className="quiet">
        Each stored file is read, decrypted and compared with the SHA-256 taken when it came. Damaged files are named in
        the report; reading goes on meanwhile.
      </p>
      <p>
        {!last && 'Never verified on this archive.'}
        {isRunning && `Under way: ${last.itemsDone} of ${last.itemsTotal ?? 0} files.`}
        {last && last.finishedAt !== null && (
          <>
            Last run {new Date(last.finishedAt).toLocaleString()}: {last.itemsDone - damaged} files intact,{' '}
            <span className={damaged > 0 ? 'dangerous' : ''}>{damaged} damaged</span>
            {last.state !== 'done' && <span className="warning"> ({last.state} before its end)</span>}.
          </>
        )}
      </p>
      <div className="row">
        <button type="button" disabled={isRunning} onClick={() => void store.attempt(() => backend.verify())}>
          Verify now
        </button>
        {last && damaged > 0 && (
          <a href={`/api/jobs/${last.id}/report?format=csv`} download="lectern-verification.csv">
            Save the report
          </a>
        )}
      </div>
    </>
  );
}
