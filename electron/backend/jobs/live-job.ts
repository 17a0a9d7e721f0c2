// A job as the queue has it in hand: what is stored of it, and who waits for what.
import { randomUUID } from 'node:crypto';
import { needsLook, type Job } from '#shared/contract/views.ts';
import { JobStopped } from './job-context.ts';
import type { Saved } from './job-saver.ts';
import type { JobStore, StoredJob } from './job-store.ts';
import { URGENCY, type Waiter } from './lanes.ts';

export type Tally = Pick<Job, 'itemsDone' | 'bytesDone' | 'counts'>;

export interface Live extends Saved {
  abort: AbortController;
  /** Ends what `untilPaused` was given for. */
  pauses: AbortController;
  /** Whoever waits for the job to go on. */
  waiters: Set<() => void>;
  /** What this run came to by items that earlier runs did, before it did one itself: the job shows what those came to until then. */
  recount?: Tally | undefined;
  /** Stores the fate of its items and how far it is now and then while it is at work. */
  saving?: NodeJS.Timeout;
  /** Before it begins. */
  waiter?: Waiter;
  /** Its place in its lane, while it has one. */
  place?: Waiter | undefined;
}

export const LEFT =
  'The program ended before this was done. It goes on when it is resumed, or when the Lectern workstation is opened.';
export const GOT_NO_FURTHER =
  'Lectern was ended twice while this was at the same place, which may be what ended it. Resume it to try again, or cancel it.';
/** Of what nobody can go on with, where there is more to say. */
const ENDED_EARLY: Partial<Record<Job['kind'], string>> = {
  upload:
    'Lectern ended before all files had come. Import them again: those that are here are found and not stored twice.',
};
/** Who is at work may have to wait for another system that says nothing. */
export const CANCELLING = 'It is being cancelled: what is under way ends first.';

/** Nothing of it is done. */
export const newJob = (about: Pick<Job, 'kind' | 'title' | 'node' | 'studyUid'>): Job => ({
  id: randomUUID(),
  state: 'queued',
  itemsDone: 0,
  itemsTotal: null,
  bytesDone: 0,
  bytesTotal: null,
  createdAt: Date.now(),
  finishedAt: null,
  counts: {},
  message: null,
  ...about,
});

export const liveOf = (stored: StoredJob): Live => ({
  stored,
  abort: new AbortController(),
  pauses: new AbortController(),
  waiters: new Set(),
  items: [],
  savedDone: stored.job.itemsDone,
});
export const urgencyOf = ({ stored }: Live): number => URGENCY[stored.urgency ?? 'study'];
export const waitForResume = (live: Live): Promise<void> => new Promise((resolve) => void live.waiters.add(resolve));
/** Work and waiting for it end. */
export function stop(live: Live, why: 'stopped' | 'cancelled' | 'closing'): void {
  live.abort.abort(new JobStopped(why));
  wake(live);
}

export function wake(live: Live): void {
  for (const waiter of live.waiters) waiter();
  live.waiters.clear();
}

const total = (counts: Job['counts']): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** What its items say, which outlive a cut off program: what else is stored of it may be of a run that was counting them again. */
export function countItems({ stored: { job } }: Live, store: JobStore): void {
  const counts = store.countsOf(job.id);
  Object.assign(job, { counts, itemsDone: Math.max(job.itemsDone, total(counts)) });
}

/** For a run, which counts from the start. What has no items begins at none. */
export function beginCount(live: Live, store: JobStore): void {
  const { job } = live.stored;
  const counts = store.countsOf(job.id);
  const itemsDone = total(counts);
  Object.assign(job, { counts, itemsDone, bytesDone: itemsDone > 0 ? job.bytesDone : 0 });
  live.recount = { itemsDone: 0, bytesDone: 0, counts: {} };
}

/** From now on the job shows what this run comes to. */
export function endRecount(live: Live): void {
  Object.assign(live.stored.job, live.recount);
  live.recount = undefined;
}

/** How a job that was not done ends at the start of the program, where nobody can go on with it. */
export function endAtStart(
  { job, input }: StoredJob,
  hasRunner: boolean,
): { state: 'failed' | 'cancelled'; message: string } | undefined {
  if (job.kind === 'watch')
    return { state: 'cancelled', message: 'The program ended; the next look at the folder goes on.' };
  if (hasRunner && input !== null) return undefined;
  const message = ENDED_EARLY[job.kind] ?? 'The program ended before this was done; start it again.';
  return { state: 'failed', message };
}

/** A node has another name now; false where the job is not about it. */
export function renameNodeOf({ job, input }: StoredJob, from: string, to: string): boolean {
  if (typeof input !== 'object' || input === null || !('node' in input) || input.node !== from) return false;
  input.node = to;
  if (job.node === from) job.node = to;
  return true;
}

/** The program was cut off while it ran. Where that was at the same place as the time before it waits for a person. */
export function noteCut({ stored }: Live): void {
  const { itemsDone } = stored.job;
  if (stored.cutAt === itemsDone) Object.assign(stored.job, { state: 'paused', message: GOT_NO_FURTHER });
  stored.cutAt = itemsDone;
}

/** Of those that ended, so many are at hand that want a look, and so many that do not. */
export const KEPT_JOBS = 200;

/** What ended longer ago stays in the store only, by its end since that may be amended: a station that runs for weeks ends thousands of jobs. */
export function letGoOfOld(jobs: Map<string, Live>): void {
  const ended = [...jobs.values()].map(({ stored }) => stored.job).filter(({ finishedAt }) => finishedAt !== null);
  if (ended.length <= KEPT_JOBS) return;
  for (const isToLookAt of [true, false])
    for (const { id } of ended
      .filter((job) => needsLook(job) === isToLookAt)
      .sort((a, b) => (b.finishedAt ?? 0) - (a.finishedAt ?? 0))
      .slice(KEPT_JOBS))
      jobs.delete(id);
}
