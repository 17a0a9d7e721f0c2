// One job: progress, what came of it, pause, resume, cancel, its report.
import { useState } from 'react';
import { backend } from '../../backend-client/client.ts';
import { needsLook, type FileReport, type Job } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { countsText, isTransfer, STATE_WORDS } from './job-words.ts';
import { barOf, progressText, type Pace } from './progress.logic.ts';
import { JobReport } from './JobReport.tsx';

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
  // What was seen to be tried again wants no look any more.
  const again = (): void => void store.attempt(() => backend.repeatJob(job.id)).then((isDone) => isDone && onClose?.());
  // A retrieval has a line for what did not come only.
  const hasReport =
    job.kind === 'retrieve' ? Object.keys(job.counts).length > 0 : job.kind !== 'rebuild' && job.itemsDone > 0;
  return (
    <>
      <div className="job" data-state={job.state}>
        <span className="title" title={job.title}>
          {job.title}
        </span>
        {isOpen && <progress aria-label={`Progress of ${job.title}`} {...barOf(job)} />}
        <span className="quiet">{progressText(job, pace)}</span>
        <span className={needsLook(job) ? 'warning' : ''} role={isOpen ? undefined : 'status'}>
          {[STATE_WORDS[job.state], countsText(job)].filter(Boolean).join(': ')}
        </span>
        {job.message !== null && <span className="warning">{job.message}</span>}
        <span className="row">
          {(job.state === 'running' || job.state === 'queued') && (
            <button
              type="button"
              aria-label={`Pause ${job.title}`}
              title="Keep what has come, go on later"
              onClick={steer('pause')}
            >
              Pause
            </button>
          )}
          {job.state === 'paused' && (
            <button
              type="button"
              aria-label={`Resume ${job.title}`}
              title="Go on where it was paused"
              onClick={steer('resume')}
            >
              Resume
            </button>
          )}
          {job.state === 'queued' && isTransfer(job) && (
            <button
              type="button"
              aria-label={`Hurry ${job.title}`}
              title="Let it pass the transfers that wait before it"
              onClick={() => void store.attempt(() => backend.hurryJob(job.id))}
            >
              Hurry
            </button>
          )}
          {isOpen && (
            <button
              type="button"
              aria-label={`Cancel ${job.title}`}
              title="End it; what was done stays"
              onClick={steer('cancel')}
            >
              Cancel
            </button>
          )}
          {!isOpen && job.state !== 'done' && isTransfer(job) && (
            <button
              type="button"
              aria-label={`Try ${job.title} again`}
              title="Start it anew: what is there already is not fetched or sent twice"
              onClick={again}
            >
              Try again
            </button>
          )}
          {hasReport && (
            <button
              type="button"
              aria-expanded={report !== undefined}
              title="What came of each file"
              onClick={toggleReport}
            >
              Report
            </button>
          )}
          {!isOpen && onClose && (
            <button
              type="button"
              aria-label={`Close ${job.title}`}
              title="It stays among the earlier jobs"
              onClick={onClose}
            >
              Close
            </button>
          )}
        </span>
      </div>
      {report && <JobReport job={job} report={report} store={store} />}
    </>
  );
}
