// What the runner of a job gets: how it says where it stands, and waits.
import type { FileReport } from '#shared/contract/views.ts';
import { JobStopped, type JobContext } from './job-context.ts';
import type { JobStore } from './job-store.ts';
import { endRecount, waitForResume, type Live, type Tally } from './live-job.ts';

/** What the queue does for one job. */
interface QueueOf {
  store: JobStore;
  changed(): void;
  /** The same, of work whose items are not stored. */
  stepped(): void;
  /** Waits without a place in its lane. */
  aside<T>(waiting: Promise<T>): Promise<T>;
  finish(state: 'done' | 'failed', message: string): void;
}

export function contextOf(live: Live, queue: QueueOf): JobContext {
  const { job } = live.stored;
  const checkpoint = async (): Promise<void> => {
    while (job.state === 'paused' && !live.abort.signal.aborted) await queue.aside(waitForResume(live));
    if (live.abort.signal.aborted) throw new JobStopped('stopped');
  };
  const count = (tally: Tally, outcome: FileReport['outcome'] | undefined, bytes: number): void => {
    if (outcome !== undefined) tally.counts[outcome] = (tally.counts[outcome] ?? 0) + 1;
    tally.itemsDone++;
    tally.bytesDone += bytes;
    queue.changed();
  };
  return {
    jobId: job.id,
    signal: live.abort.signal,
    wantsTotals: true,
    checkpoint,
    aside: (waiting) => queue.aside(waiting),
    untilPaused: () => {
      live.pauses = new AbortController();
      return AbortSignal.any([live.abort.signal, live.pauses.signal]);
    },
    isDone: (path) => queue.store.hasItem(job.id, path),
    codeOf: (path) => queue.store.codeOf(job.id, path),
    setTotals: ({ items, bytes }) => {
      Object.assign(job, { itemsTotal: items, bytesTotal: bytes });
      queue.changed();
    },
    skip: (path, bytes) => count(live.recount ?? job, queue.store.outcomeOf(job.id, path), bytes),
    item: (report, bytes) => {
      endRecount(live);
      const before = job.finishedAt === null ? undefined : queue.store.outcomeOf(job.id, report.path);
      if (before !== undefined) job.counts[before] = (job.counts[before] ?? 1) - 1;
      live.items.push(report);
      count(job, report.outcome, bytes);
    },
    advance: (items, bytes) => {
      endRecount(live);
      job.itemsDone += items;
      job.bytesDone += bytes;
      queue.stepped();
    },
    note: (message) => {
      job.message = message;
      queue.changed();
    },
    amend: (state, message) => {
      if (job.finishedAt !== null) queue.finish(state, message);
    },
    remember: (later) => void (live.stored.later = later),
    hold: async (reason) => {
      if (job.state === 'running') Object.assign(job, { state: 'paused', message: reason.message });
      queue.changed();
      await checkpoint();
    },
  };
}
