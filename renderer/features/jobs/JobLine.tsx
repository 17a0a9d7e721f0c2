// One job: progress, what came of it, pause, resume, cancel, its report, and the password that an encrypted ZIP wants.
import { useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { countsText, STATE_WORDS } from './job-words.ts';
import { needsLook, progressText, type Pace } from './progress.logic.ts';
import { ReportTable } from './ReportTable.tsx';

interface JobLineProps {
  job: Job;
  pace?: Pace | undefined;
  store: ArchiveStore;
  /** Absent in the history. */
  onClose?(): void;
}

export function JobLine({ job, pace, store, onClose }: JobLineProps) {
  const [report, setReport] = useState<FileReport[]>();
  const isOpen = job.finishedAt === null;
  const steer = (what: 'pause' | 'resume' | 'cancel') => () => void store.attempt(() => backend.steerJob(job.id, what));
  const toggleReport = (): void =>
    report ? setReport(undefined) : void store.attempt(async () => setReport(await backend.jobReport(job.id)));
  const total = job.bytesTotal || job.itemsTotal;
  return (
    <>
      <div className="job" data-state={job.state}>
        <span className="title" title={job.title}>
          {job.title}
        </span>
        {isOpen && (
          <progress
            aria-label={`Progress of ${job.title}`}
            {...(total && { max: total, value: job.bytesTotal ? job.bytesDone : job.itemsDone })}
          />
        )}
        <span className="quiet">{progressText(job, pace)}</span>
        <span className={needsLook(job) ? 'warning' : ''} role={isOpen ? undefined : 'status'}>
          {[STATE_WORDS[job.state], countsText(job)].filter(Boolean).join(': ')}
        </span>
        {job.message !== null && <span className="warning">{job.message}</span>}
        <span className="row">
          {(job.state === 'running' || job.state === 'queued') && (
            <button type="button" aria-label={`Pause ${job.title}`} onClick={steer('pause')}>
              Pause
            </button>
          )}
          {job.state === 'paused' && (
            <button type="button" aria-label={`Resume ${job.title}`} onClick={steer('resume')}>
              Resume
            </button>
          )}
          {isOpen && (
            <button type="button" aria-label={`Cancel ${job.title}`} onClick={steer('cancel')}>
              Cancel
            </button>
          )}
          {job.kind !== 'rebuild' && job.itemsDone > 0 && (
            <button type="button" aria-expanded={report !== undefined} onClick={toggleReport}>
              Report
            </button>
          )}
          {!isOpen && onClose && (
            <button type="button" aria-label={`Close ${job.title}`} onClick={onClose}>
              Close
            </button>
          )}
        </span>
      </div>
      {report && <LockedZips report={report} job={job} store={store} />}
      {report && <ReportTable job={job} report={report} />}
    </>
  );
}

/** ZIP files of an import from paths of this machine whose members are encrypted: the password can be given here. */
function LockedZips({ report, job, store }: { report: readonly FileReport[]; job: Job; store: ArchiveStore }) {
  const [password, setPassword] = useState('');
  const locked = new Set(
    report.filter(({ code }) => code === 'password-needed').map(({ path }) => path.split('!/')[0] ?? path),
  );
  if (job.kind !== 'import' || job.finishedAt === null || locked.size === 0) return null;
  return (
    <form
      className="row"
      aria-label="Password of the encrypted ZIP files"
      onSubmit={(event) => {
        event.preventDefault();
        setPassword('');
        void store.attempt(() => backend.importPaths([...locked], password));
      }}
    >
      <label htmlFor={`password-${job.id}`}>
        {locked.size === 1 ? 'A ZIP file is' : `${locked.size} ZIP files are`} encrypted. Password, used once:
      </label>
      <input
        id={`password-${job.id}`}
        type="password"
        autoComplete="off"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <button type="submit" disabled={password === ''}>
        Import again
      </button>
    </form>
  );
}
