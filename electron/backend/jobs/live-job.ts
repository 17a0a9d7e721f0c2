// A job as the queue has it in hand: what is stored of it, and who waits for what.
import { randomUUID } from 'node:crypto';
import type { Job } from '#shared/contract/views.ts';
import type { Saved } from './job-saver.ts';
import type { StoredJob } from './job-store.ts';
import { URGENCY, type Waiter } from './lanes.ts';

export interface Live extends Saved {
  abort: AbortController;
  /** Ends what `untilPaused` was given for. */
  pauses: AbortController;
  /** Whoever waits for the job to go on. */
  waiters: Set<() => void>;
  /** Before it begins. */
  waiter?: Waiter;
  /** Its place in its lane, while it has one. */
  place?: Waiter | undefined;
}

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
