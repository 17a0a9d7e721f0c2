// Beside the images: that what was dropped was taken, how far it is and what came of it; its report stands over them only where
// it is asked for.
import { useState, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { backend } from '../../backend-client/client.ts';
import { useModal } from '../../ui/use-modal.ts';
import { needsLook, type FileReport, type Job } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { countsText, STATE_WORDS } from './job-words.ts';
import { JobReport } from './JobReport.tsx';
import { barOf, progressText } from './progress.logic.ts';
import { seenJobs } from './seen-jobs.ts';

export function ImportNotes({ store }: { store: ArchiveStore }) {
  const { jobs, notice } = useSyncExternalStore(store.subscribe, store.state);
  const { seen, close } = useStore(seenJobs);
  const [openedAtMs] = useState(Date.now);
  const [reported, setReported] = useState<Reported>();
  const shown = jobs.filter(
    ({ id, kind, finishedAt }) =>
      (kind === 'import' || kind === 'upload') &&
      (finishedAt === null || finishedAt > openedAtMs) &&
      seen?.has(id) === false,
  );
  const show = (job: Job): void =>
    void store.attempt(async () => setReported({ job, report: await backend.jobReport(job.id) }));
  return (
    <>
      {(shown.length > 0 || notice !== undefined) && (
        <section className="import-notes" aria-label="Imports">
          {notice !== undefined && (
            <div role="alert">
              <span className="warning">{notice}</span>
              <button type="button" title="Close what is said here" onClick={store.dismissNotice}>
                Close
              </button>
            </div>
          )}
          {shown.map((job) => (
            <ImportNote key={job.id} job={job} onReport={() => show(job)} onClose={() => close([job.id])} />
          ))}
        </section>
      )}
      {reported && <ReportDialog {...reported} store={store} onClose={() => setReported(undefined)} />}
    </>
  );
}

function ImportNote({ job, onReport, onClose }: { job: Job; onReport(): void; onClose(): void }) {
  const { title, message } = job;
  const isOpen = job.finishedAt === null;
  return (
    <div>
      <span className="title" title={title}>
        {title}
      </span>
      {isOpen ? (
        <>
          <progress aria-label={`Progress of ${title}`} {...barOf(job)} />
          <span className="quiet">{progressText(job, undefined)}</span>
        </>
      ) : (
        <>
          <span className={needsLook(job) ? 'warning' : ''} role="status">
            {[STATE_WORDS[job.state], countsText(job)].filter(Boolean).join(': ')}
          </span>
          {message !== null && <span className="warning">{message}</span>}
          <span className="row">
            <button type="button" aria-label={`Report of ${title}`} title="What came of each file" onClick={onReport}>
              Report
            </button>
            <button type="button" aria-label={`Close ${title}`} title="It stays among the jobs" onClick={onClose}>
              Close
            </button>
          </span>
        </>
      )}
    </div>
  );
}

interface Reported {
  job: Job;
  report: readonly FileReport[];
}

function ReportDialog({ job, report, store, onClose }: Reported & { store: ArchiveStore; onClose(): void }) {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      className="report-dialog"
      aria-label={`Report of ${job.title}`}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header className="row">
        <h1>{job.title}</h1>
        <button type="button" autoFocus title="Back to the images (Escape)" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <JobReport job={job} report={report} store={store} />
    </dialog>
  );
}
