// Jobs at the foot: what runs, how far it is, what came of it. Finished ones stay until they are closed.
import { useState, useSyncExternalStore } from 'react';
import { backend } from '../../backend-client/client.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';

const COUNT_WORDS: Record<string, string> = {
  stored: 'stored',
  repaired: 'repaired',
  duplicate: 'already here',
  conflict: 'in quarantine',
  refused: 'refused',
  'not-dicom': 'not DICOM',
};
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

function progressText(job: Job): string {
  const items = job.itemsTotal === null ? `${job.itemsDone} files` : `${job.itemsDone} of ${job.itemsTotal} files`;
  const bytes =
    job.bytesTotal === null ? megabytes(job.bytesDone) : `${megabytes(job.bytesDone)} of ${megabytes(job.bytesTotal)}`;
  const seconds = (Date.now() - job.createdAt) / 1000;
  const rate = job.state === 'running' && seconds > 1 ? `, ${Math.round(job.bytesDone / 1e6 / seconds)} MB/s` : '';
  return `${items}, ${bytes}${rate}`;
}

const countsText = (job: Job): string =>
  Object.entries(job.counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${COUNT_WORDS[name] ?? name}`)
    .join(', ');

const STATE_WORDS: Record<Job['state'], string> = {
  queued: 'waiting',
  running: '',
  paused: 'paused',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
};

export function JobsFoot({ store }: { store: ArchiveStore }) {
  const { jobs } = useSyncExternalStore(store.subscribe, store.state);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [openedAt] = useState(() => Date.now());
  // Jobs that ended before this page was opened are history, not news.
  const shown = jobs
    .filter((job) => !closed.has(job.id) && (job.finishedAt === null || job.finishedAt > openedAt))
    .slice(0, 5);
  if (!shown.length) return <div />;
  return (
    <section className="foot" aria-label="Jobs">
      {shown.map((job) => (
        <JobLine key={job.id} job={job} store={store} onClose={() => setClosed(new Set([...closed, job.id]))} />
      ))}
    </section>
  );
}

function JobLine({ job, store, onClose }: { job: Job; store: ArchiveStore; onClose(): void }) {
  const [report, setReport] = useState<FileReport[]>();
  const isOpen = job.finishedAt === null;
  const needsLook =
    ['refused', 'conflict', 'repaired'].some((name) => (job.counts[name] ?? 0) > 0) || job.state === 'failed';
  const steer = (what: 'pause' | 'resume' | 'cancel') => () => void store.attempt(() => backend.steerJob(job.id, what));
  return (
    <>
      <div className="job" data-state={job.state}>
        <span className="title" title={job.title}>
          {job.title}
        </span>
        {isOpen && (
          <progress
            aria-label={`Progress of ${job.title}`}
            {...(job.bytesTotal || job.itemsTotal
              ? { max: job.bytesTotal || job.itemsTotal || 1, value: job.bytesTotal ? job.bytesDone : job.itemsDone }
              : {})}
          />
        )}
        <span className="quiet">{progressText(job)}</span>
        <span className={needsLook ? 'warning' : ''} role={isOpen ? undefined : 'status'}>
          {[STATE_WORDS[job.state], countsText(job)].filter(Boolean).join(': ')}
        </span>
        {job.message !== null && <span className="warning">{job.message}</span>}
        <span className="row">
          {job.state === 'running' && (
            <button type="button" onClick={steer('pause')}>
              Pause
            </button>
          )}
          {job.state === 'paused' && (
            <button type="button" onClick={steer('resume')}>
              Resume
            </button>
          )}
          {isOpen && (
            <button type="button" onClick={steer('cancel')}>
              Cancel
            </button>
          )}
          {job.kind !== 'rebuild' && job.itemsDone > 0 && (
            <button
              type="button"
              aria-expanded={report !== undefined}
              onClick={() =>
                report
                  ? setReport(undefined)
                  : void store.attempt(async () => setReport(await backend.jobReport(job.id)))
              }
            >
              Report
            </button>
          )}
          {!isOpen && (
            <button type="button" onClick={onClose}>
              Close
            </button>
          )}
        </span>
      </div>
      {report && <ReportTable jobId={job.id} report={report} />}
    </>
  );
}

const MOST_ROWS = 500;

function ReportTable({ jobId, report }: { jobId: string; report: readonly FileReport[] }) {
  const [outcome, setOutcome] = useState('');
  const rows = report.filter((item) => outcome === '' || item.outcome === outcome);
  return (
    <div>
      <div className="row">
        <label>
          Show{' '}
          <select value={outcome} onChange={(event) => setOutcome(event.target.value)}>
            <option value="">all {report.length} files</option>
            {[...new Set(report.map((item) => item.outcome))].map((name) => (
              <option key={name} value={name}>
                {COUNT_WORDS[name] ?? name}
              </option>
            ))}
          </select>
        </label>
        <a href={`/api/jobs/${jobId}/report?format=csv`} download="lectern-report.csv">
          Save as CSV
        </a>
        <a href={`/api/jobs/${jobId}/report?format=json`} download="lectern-report.json">
          Save as JSON
        </a>
        {rows.length > MOST_ROWS && (
          <span className="warning">
            The first {MOST_ROWS} of {rows.length} are shown; the saved report holds all.
          </span>
        )}
      </div>
      <div className="report" tabIndex={0} role="region" aria-label="Report, file by file">
        <table>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((item) => (
              <tr key={item.path}>
                <td>{COUNT_WORDS[item.outcome] ?? item.outcome}</td>
                <td>{item.path}</td>
                <td>{item.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
