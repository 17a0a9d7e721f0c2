// A job as the queue has it in hand: what is stored of it, and who waits for what.
import { randomUUID } from 'node:crypto';
import { needsLook, type Job } from '#shared/contract/views.ts';
import type { Saved } from './job-saver.ts';
import type { StoredJob } from './job-store.ts';
import { URGENCY, type Waiter } from './lanes.ts';

export interface Live extends Saved {
  abort: AbortController;
  /** Ends what `untilPaused` was given for. */
  pauses: AbortController;
  /** Whoever waits for the job to go on. */
  waiters: Set<() => void>;
  /** Stores the fate of its items now and then while it is at work. */
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
export const ENDED_EARLY: Partial<Record<Job['kind'], string>> = {
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
});
export const urgencyOf = ({ stored }: Live): number => URGENCY[stored.urgency ?? 'study'];
export const waitForResume = (live: Live): Promise<void> => new Promise((resolve) => void live.waiters.add(resolve));
export function wake(live: Live): void {
  for (const waiter of live.waiters) waiter();
  live.waiters.clear();
}

/** Of those that ended, so many are at hand that want a look, and so many that do not. */
export const KEPT_JOBS = 200;

/** Older ones stay in the store only: a station that runs for weeks ends thousands of jobs. */
export function letGoOfOld(jobs: Map<string, Live>): void {
  const ended = [...jobs.values()].map(({ stored }) => stored.job).filter(({ finishedAt }) => finishedAt !== null);
  if (ended.length <= KEPT_JOBS) return;
  for (const isToLookAt of [true, false])
    for (const { id } of ended
      .filter((job) => needsLook(job) === isToLookAt)
      .sort((a, b) => b.createdAt - a.createdAt)
      .slice(KEPT_JOBS))
      jobs.delete(id);
}
