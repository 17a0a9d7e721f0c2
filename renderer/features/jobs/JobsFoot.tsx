// Jobs at the foot: what runs, how far it is, what came of it. What wants a look stays until it was closed, also over a
// reload; the rest of the history can be opened.
import { useRef, useState, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { keepFocusNear } from '../../ui/keep-focus-near.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { CancelAll } from './CancelAll.tsx';
import { JobLine } from './JobLine.tsx';
import { linesAndRest, PaceMeter, shownJobs, standText } from './progress.logic.ts';
import { seenJobs } from './seen-jobs.ts';

const HISTORY = 50;
/** Of those that wait for their turn or their node there may be thousands. */
const MOST_OPENED = 200;
const openedAtMs = Date.now();

export function JobsFoot({ store }: { store: ArchiveStore }) {
  const { jobs } = useSyncExternalStore(store.subscribe, store.state);
  const { seen, close } = useStore(seenJobs);
  const [hasHistory, setHistory] = useState(false);
  const [isOpened, setOpened] = useState(false);
  const paces = useRef(new PaceMeter());
  if (!seen || jobs.length === 0) return <div />;
  const shown = shownJobs(jobs, seen, openedAtMs);
  const atFoot = new Set(shown);
  const earlier = jobs.filter((job) => !atFoot.has(job));
  const open = shown.filter((job) => job.finishedAt === null);
  const closable = shown.filter((job) => job.finishedAt !== null);
  const { lines, rest } = linesAndRest(shown);
  const listed = isOpened ? [...lines, ...rest].slice(0, MOST_OPENED) : lines;
  return (
    <section ref={keepFocusNear} className="foot" aria-label="Jobs">
      {listed.map((job) => (
        <JobLine
          key={job.id}
          job={job}
          pace={paces.current.note(job, Date.now())}
          store={store}
          onClose={() => close([job.id])}
        />
      ))}
      <div className="row foot-actions">
        {rest.length > 0 && (
          <button
            type="button"
            className="plain"
            aria-expanded={isOpened}
            title={isOpened ? 'Show the most urgent ones only' : 'List these jobs too'}
            onClick={() => setOpened(!isOpened)}
          >
            {isOpened ? 'Show fewer' : `${rest.length} more: ${standText(rest)}`}
          </button>
        )}
        {isOpened && shown.length > listed.length && (
          <span className="quiet">
            {listed.length} of {shown.length} are listed.
          </span>
        )}
        {earlier.length > 0 && (
          <button type="button" className="plain" aria-expanded={hasHistory} onClick={() => setHistory(!hasHistory)}>
            {hasHistory ? 'Hide earlier jobs' : `Earlier jobs (${earlier.length})`}
          </button>
        )}
        {open.length > 1 && <CancelAll jobs={open} store={store} />}
        {closable.length > 1 && (
          <button
            type="button"
            className="plain"
            title="They stay among the earlier jobs"
            onClick={() => close(closable.map((job) => job.id))}
          >
            Close all that ended
          </button>
        )}
      </div>
      {hasHistory && earlier.slice(0, HISTORY).map((job) => <JobLine key={job.id} job={job} store={store} />)}
    </section>
  );
}
