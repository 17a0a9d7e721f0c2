// How fast a job goes and how long it still takes, from what was seen of it lately. Pure.
import { needsLook, type Job } from '#shared/contract/views.ts';

interface Sample {
  atMs: number;
  bytes: number;
  items: number;
}

const WINDOW_MS = 10_000;
const LEAST_MS = 1000;

export interface Pace {
  bytesPerSecond: number;
  itemsPerSecond: number;
}

/** Remembers the last ten seconds of each running job; pauses do not count. */
export class PaceMeter {
  readonly #samples = new Map<string, Sample[]>();

  /** Undefined until a second of work was seen. */
  note(job: Job, nowMs: number): Pace | undefined {
    if (job.state !== 'running') {
      this.#samples.delete(job.id);
      return undefined;
    }
    const samples = this.#samples.get(job.id) ?? [];
    const last = samples.at(-1);
    if (!last || last.bytes !== job.bytesDone || last.items !== job.itemsDone)
      samples.push({ atMs: nowMs, bytes: job.bytesDone, items: job.itemsDone });
    while (samples.length > 2 && (samples[0]?.atMs ?? nowMs) < nowMs - WINDOW_MS) samples.shift();
    this.#samples.set(job.id, samples);
    const [first] = samples;
    const seconds = first ? (nowMs - first.atMs) / 1000 : 0;
    if (!first || seconds * 1000 < LEAST_MS) return undefined;
    return {
      bytesPerSecond: (job.bytesDone - first.bytes) / seconds,
      itemsPerSecond: (job.itemsDone - first.items) / seconds,
    };
  }
}

/** Totals, where they are known: a ZIP counts as one file of its size until its members come. */
const totalsOf = (job: Job): { items: number | undefined; bytes: number | undefined } => ({
  items: job.itemsTotal !== null && job.itemsTotal >= job.itemsDone ? job.itemsTotal : undefined,
  bytes: job.bytesTotal !== null && job.bytesTotal >= job.bytesDone ? job.bytesTotal : undefined,
});

/** For a progress bar: by bytes, or by items where these have none; without an end where it is not known. */
export function barOf(job: Job): { max: number; value: number } | undefined {
  const { items, bytes } = totalsOf(job);
  if (items === undefined && job.itemsTotal !== null) return undefined;
  if (bytes) return { max: bytes, value: job.bytesDone };
  return items ? { max: items, value: job.itemsDone } : undefined;
}

/** Seconds that the rest takes at this pace; undefined where the total or the pace is unknown. */
export function remainingSeconds(job: Job, pace: Pace | undefined): number | undefined {
  if (!pace || job.state !== 'running') return undefined;
  const { items, bytes } = totalsOf(job);
  // More have come than they were said to be: what is left is anybody's guess.
  if (items === undefined && job.itemsTotal !== null) return undefined;
  if (bytes && pace.bytesPerSecond > 0) return (bytes - job.bytesDone) / pace.bytesPerSecond;
  if (items !== undefined && pace.itemsPerSecond > 0) return (items - job.itemsDone) / pace.itemsPerSecond;
  return undefined;
}

export function showDuration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

const megabytes = (bytes: number): string =>
  bytes < 10e6
    ? `${(bytes / 1e6).toFixed(1)} MB`
    : bytes < 10e9
      ? `${Math.round(bytes / 1e6)} MB`
      : `${(bytes / 1e9).toFixed(1)} GB`;

/** Files and bytes, pace and remaining time, as far as they are known. */
export function progressText(job: Job, pace: Pace | undefined): string {
  const isOpen = job.finishedAt === null;
  const of = <T>(done: T, total: T | undefined): string =>
    job.state === 'done' || total === undefined || total === done
      ? String(done)
      : `${String(done)} of ${String(total)}`;
  const things = job.kind === 'retrieve' || job.kind === 'send' ? 'instances' : 'files';
  const { items, bytes } = totalsOf(job);
  const count = of(job.itemsDone, items);
  const parts = [`${count} ${count === '1' ? things.slice(0, -1) : things}`];
  if (job.bytesDone > 0 || job.bytesTotal !== null)
    parts.push(of(megabytes(job.bytesDone), bytes === undefined ? undefined : megabytes(bytes)));
  if (pace && pace.bytesPerSecond > 0) parts.push(`${megabytes(pace.bytesPerSecond)}/s`);
  const rest = remainingSeconds(job, pace);
  if (rest !== undefined) parts.push(`about ${showDuration(rest)} left`);
  else if (isOpen && job.itemsTotal === null && job.state === 'running') parts.push('still counting');
  return parts.join(', ');
}

/** What stands at the foot: work under way, what wants a look until it was seen, and what ended while the page was open. */
export function shownJobs(jobs: readonly Job[], seen: ReadonlySet<string>, openedAtMs: number): Job[] {
  return jobs.filter(
    (job) => job.finishedAt === null || (!seen.has(job.id) && (needsLook(job) || job.finishedAt > openedAtMs)),
  );
}

/** In the order in which they are to be seen. */
const STANDS = ['to be looked at', 'under way', 'ended', 'paused', 'waiting'] as const;

function standOf(job: Job): (typeof STANDS)[number] {
  if (needsLook(job)) return 'to be looked at';
  if (job.finishedAt !== null) return 'ended';
  if (job.state === 'paused') return 'paused';
  // Its turn has not come, or what it needs is not there.
  return job.state === 'queued' || job.message !== null ? 'waiting' : 'under way';
}

/** Lines that the foot has before it is opened: more would leave too little of the list of studies. */
const MOST_LINES = 5;

/** Splits what stands at the foot into the lines that it has at first, in the order given, and the rest: for a node that is away
 * thousands of jobs may wait. */
export function linesAndRest(shown: readonly Job[]): { lines: Job[]; rest: Job[] } {
  const place = (job: Job): number => STANDS.indexOf(standOf(job));
  const first = new Set(shown.toSorted((a, b) => place(a) - place(b)).slice(0, MOST_LINES));
  return { lines: shown.filter((job) => first.has(job)), rest: shown.filter((job) => !first.has(job)) };
}

/** How many of them want a look, wait, and so on. */
export const standText = (jobs: readonly Job[]): string =>
  [...Map.groupBy(jobs, standOf)].map(([stand, { length }]) => `${length} ${stand}`).join(', ');
