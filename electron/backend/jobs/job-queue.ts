// Runs long work as jobs, in lanes that do not wait for one another: by urgency, then in order of arrival, with progress,
// pause, resume, cancel, and a restart after the program was ended. Knows no kind of job: open-parts.ts registers the runners.
import { LecternError } from '#shared/contract/errors.ts';
import type { Urgency } from '#shared/contract/network.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import { contextOf } from './context-of.ts';
import { isClosing, JobStopped, type DrivenJob, type JobContext, type JobRunner } from './job-context.ts';
import { JobSaver } from './job-saver.ts';
import type { JobStore, StoredJob } from './job-store.ts';
import { LOCAL, Places, type Lane, type Waiter } from './lanes.ts';
import {
  beginCount,
  CANCELLING,
  countItems,
  endRecount,
  endAtStart,
  KEPT_JOBS,
  LEFT,
  letGoOfOld,
  liveOf,
  newJob,
  noteCut,
  renameNodeOf,
  stop,
  urgencyOf,
  wake,
  type Live,
} from './live-job.ts';

interface Runner {
  run: JobRunner<never>;
  lane: Lane;
  subjectOf(input: never): Pick<Job, 'node' | 'studyUid'>;
}

const SAVE_EVERY_MS = 250;

export class JobQueue {
  readonly #store: JobStore;
  readonly #saver: JobSaver;
  readonly #onBug: (error: unknown) => void;
  readonly #runners = new Map<Job['kind'], Runner>();
  readonly #jobs = new Map<string, Live>();
  readonly #listeners = new Set<(job: Job) => void>();
  readonly #places = new Places();
  /** What runners are at. */
  readonly #works = new Set<Promise<void>>();

  /** `onBug`: told of a runner's failure that is no expected one. */
  constructor(store: JobStore, onBug: (error: unknown) => void) {
    this.#store = store;
    this.#saver = new JobSaver(store, onBug);
    this.#onBug = onBug;
    for (const stored of store.list(KEPT_JOBS)) this.#jobs.set(stored.job.id, liveOf(stored));
  }

  /** `subjectOf` says of a job's input what lists show of it. */
  register<Input>(
    kind: Job['kind'],
    run: JobRunner<Input>,
    lane = LOCAL,
    subjectOf: (input: Input) => Pick<Job, 'node' | 'studyUid'> = () => ({}),
  ): void {
    this.#runners.set(kind, { run, lane, subjectOf });
  }

  /** Puts back to work what was queued, running or paused when the program ended; where `isResident` is false it is paused until a
   * person resumes it, or the next resident program goes on with it. `wasCut`: it did not end in order, so work that it was at and that
   * got no further since the time before waits for a person: it may be what ends it. Call once all kinds are registered. */
  restore(isResident = true, wasCut = false): void {
    const unfinished = [...this.#jobs.values()].filter((live) => live.stored.job.finishedAt === null);
    for (const live of unfinished.reverse()) {
      countItems(live, this.#store);
      const end = endAtStart(live.stored, this.#runners.has(live.stored.job.kind));
      if (end) {
        this.#finish(live, end.state, end.message);
        continue;
      }
      if (isResident && wasCut && live.stored.job.state === 'running') {
        noteCut(live);
        this.#saver.save(live);
      }
      const { state, message } = live.stored.job;
      if (state !== 'paused' || message === LEFT)
        Object.assign(
          live.stored.job,
          isResident ? { state: 'queued', message: null } : { state: 'paused', message: LEFT },
        );
      this.#enqueue(live);
    }
  }

  onChange(listener: (job: Job) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  list(): Job[] {
    return [...this.#jobs.values()].map((live) => live.stored.job).sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Jobs of a kind with what they were started with. */
  inputs(kind: Job['kind']): Pick<StoredJob, 'job' | 'input'>[] {
    return [...this.#jobs.values()].map((live) => live.stored).filter(({ job }) => job.kind === kind);
  }

  /** Jobs of a kind that are neither done nor cancelled, however long ago they failed. */
  undone(kind: Job['kind']): Pick<StoredJob, 'job' | 'input'>[] {
    const atHand = this.inputs(kind).filter(({ job: { state } }) => state !== 'done' && state !== 'cancelled');
    return [...atHand, ...this.#store.undone(kind).filter(({ job }) => !this.#jobs.has(job.id))];
  }

  /** The job that keeps this Transaction UID for later reports, however old it is; it is at hand from now on. */
  ofTransaction(transactionUid: string): StoredJob | undefined {
    const found = this.#store.ofTransaction(transactionUid);
    if (found && !this.#jobs.has(found.job.id)) this.#jobs.set(found.job.id, liveOf(found));
    return found && this.#jobs.get(found.job.id)?.stored;
  }

  /** True when an instance was sent by some job, as far as that is down already. */
  wasSent(sopInstanceUid: string): boolean {
    return this.#store.hasDone('send', sopInstanceUid);
  }

  get(id: string): Job {
    return this.#live(id).stored.job;
  }

  items(id: string): Iterable<FileReport> {
    const live = this.#live(id);
    this.#saver.saveProgress(live);
    return live.items.length > 0 ? [...this.#store.items(id), ...live.items] : this.#store.items(id);
  }

  /** For what is said of a job after its end. */
  contextOf(id: string): JobContext {
    return this.#context(this.#live(id));
  }

  /** Starts a job when its turn comes. Throws LecternError 'disk-full'. `input` must be plain data without secrets; null: it cannot go on after a restart. */
  start(kind: Job['kind'], title: string, input: unknown, urgency: Urgency = 'study'): Job {
    const live = this.#make(kind, title, input, urgency);
    this.#enqueue(live);
    return live.stored.job;
  }

  /** Starts the same work once more. Throws LecternError 'conflict' while it is under way, or where it cannot be done again. */
  again(id: string): Job {
    const { job, input, urgency } = this.#live(id).stored;
    if (job.finishedAt === null) throw new LecternError('conflict', 'This work is still under way.');
    if (input === null) throw new LecternError('conflict', 'This work cannot be done again by itself; start it anew.');
    return this.start(job.kind, job.title, input, urgency);
  }

  /** Changes the input of work that is queued or running, which is to look at it again before it ends; false where it is none of that.
   * Throws LecternError 'disk-full'. */
  widen(id: string, change: object): boolean {
    const live = this.#live(id);
    const { job, input } = live.stored;
    if (!['queued', 'running'].includes(job.state) || live.abort.signal.aborted) return false;
    const before = { ...(input as object) };
    Object.assign(input as object, change);
    try {
      this.#saver.saveOrThrow(live);
    } catch (error) {
      Object.assign(input as object, before);
      throw error;
    }
    return true;
  }

  /** A node has another name now: jobs that are about it go on, and can be done again, by that one. */
  renameNode(from: string, to: string): void {
    for (const live of this.#jobs.values()) if (renameNodeOf(live.stored, from, to)) this.#keep(live);
  }

  /** A job that somebody else drives (an upload): running at once, ended by `end`. */
  startDriven(kind: Job['kind'], title: string): DrivenJob {
    const live = this.#make(kind, title, null);
    live.stored.job.state = 'running';
    live.saving = setInterval(() => this.#saver.saveProgress(live), SAVE_EVERY_MS).unref();
    this.#changed(live);
    return {
      job: live.stored.job,
      context: this.#context(live),
      end: (state, message) => this.#finish(live, state, message ?? null),
      stop: () => stop(live, 'stopped'),
    };
  }

  pause(id: string): Job {
    const live = this.#live(id);
    if (!['queued', 'running'].includes(live.stored.job.state))
      throw new LecternError('conflict', 'Only work that is under way can be paused.');
    live.stored.job.state = 'paused';
    live.pauses.abort(new JobStopped('paused'));
    return this.#keep(live);
  }

  resume(id: string): Job {
    const live = this.#live(id);
    if (live.stored.job.state !== 'paused') throw new LecternError('conflict', 'Only paused work can be resumed.');
    // A driven job needs no place, and never waited for one.
    live.stored.job.state = live.place || !live.waiter ? 'running' : 'queued';
    live.stored.job.message = null;
    wake(live);
    return this.#keep(live);
  }

  cancel(id: string): Job {
    const live = this.#live(id);
    if (live.stored.job.finishedAt !== null) throw new LecternError('conflict', 'This work has ended already.');
    if (live.stored.job.message === LEFT) live.stored.job.message = null;
    live.stored.job.message ??= CANCELLING;
    stop(live, 'cancelled');
    if (live.waiter && this.#places.giveUp(live.waiter)) this.#finish(live, 'cancelled', null);
    else this.#changed(live);
    return live.stored.job;
  }

  /** What waits to do work of a kind has nothing left to do: the work was done by other means. */
  endPaused(kind: Job['kind']): void {
    for (const live of this.#jobs.values()) {
      if (live.stored.job.kind !== kind || live.stored.job.state !== 'paused') continue;
      this.#finish(live, 'done', null);
      stop(live, 'stopped');
    }
  }

  /** Stops after the items under way; unfinished jobs go on at the next start. */
  async close(): Promise<void> {
    this.#places.close();
    for (const live of this.#jobs.values()) {
      if (live.stored.job.finishedAt === null) live.abort.abort(new JobStopped('closing'));
      wake(live);
    }
    await Promise.all(this.#works);
    for (const live of this.#jobs.values()) {
      clearInterval(live.saving);
      this.#saver.saveProgress(live);
    }
    this.#saver.close();
  }

  #live(id: string): Live {
    const live = this.#jobs.get(id);
    if (!live) throw new LecternError('not-found', `No job ${id}.`);
    return live;
  }

  /** Lets a waiting job pass those that are less urgent. */
  hurry(id: string, urgency: Urgency): Job {
    const live = this.#live(id);
    live.stored.urgency = urgency;
    this.#saver.save(live);
    this.#places.lookAgain();
    return live.stored.job;
  }

  #make(kind: Job['kind'], title: string, input: unknown, urgency: Urgency = 'study'): Live {
    const subject = input === null ? {} : this.#runners.get(kind)?.subjectOf(input as never);
    const job = newJob({ kind, title, ...subject });
    const live = liveOf({ job, input, urgency });
    this.#saver.saveOrThrow(live);
    this.#jobs.set(job.id, live);
    return live;
  }

  #laneOf({ stored }: Live): Lane {
    return this.#runners.get(stored.job.kind)?.lane ?? LOCAL;
  }

  #waiterOf(live: Live, onPlace: () => void): Waiter {
    const { node } = live.stored.job;
    const waiter: Waiter = {
      lane: this.#laneOf(live),
      ...(node !== undefined && { node }),
      urgency: () => urgencyOf(live),
      go: () => {
        live.place = waiter;
        onPlace();
      },
    };
    return waiter;
  }

  #enqueue(live: Live): void {
    live.waiter = this.#waiterOf(live, () => this.#begin(live));
    this.#places.wait(live.waiter);
    this.#changed(live);
  }

  #begin(live: Live): void {
    const work = this.#run(live).finally(() => {
      this.#works.delete(work);
      this.#leave(live);
    });
    this.#works.add(work);
  }

  #leave(live: Live): void {
    if (live.place) this.#places.leave(live.place);
    live.place = undefined;
  }

  /** Until there is a place for it again, or it is stopped. */
  #comeBack(live: Live): Promise<void> {
    const { signal } = live.abort;
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const waiter = this.#waiterOf(live, () => {
        if (live.stored.job.state === 'queued') live.stored.job.state = 'running';
        this.#changed(live);
        end();
      });
      const stop = (): void => void (this.#places.giveUp(waiter) && end());
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', stop);
      this.#places.wait(waiter);
    });
  }

  async #aside<T>(live: Live, waiting: Promise<T>): Promise<T> {
    // A driven job has no place.
    if (!live.place) return waiting;
    this.#leave(live);
    try {
      return await waiting;
    } finally {
      await this.#comeBack(live);
    }
  }

  async #run(live: Live): Promise<void> {
    const { job, input } = live.stored;
    const runner = this.#runners.get(job.kind)?.run;
    if (!runner) return this.#finish(live, 'failed', `Nothing here does ${job.kind}.`);
    const context = this.#context(live);
    live.saving = setInterval(() => this.#saver.saveProgress(live), SAVE_EVERY_MS);
    try {
      await context.checkpoint();
      if (job.state === 'queued') job.state = 'running';
      beginCount(live, this.#store);
      this.#keep(live);
      await runner(context, input as never);
      endRecount(live);
      this.#finish(live, 'done', job.message);
    } catch (error) {
      if (error instanceof JobStopped || live.abort.signal.aborted) {
        if (isClosing(live.abort.signal) || job.finishedAt !== null) return;
        // What it had to say of its end.
        this.#finish(live, 'cancelled', job.message);
      } else if (error instanceof LecternError) this.#finish(live, 'failed', error.message);
      else {
        this.#finish(live, 'failed', 'Something failed inside Lectern.');
        this.#onBug(error);
      }
    } finally {
      clearInterval(live.saving);
      this.#saver.saveProgress(live);
    }
  }

  #context(live: Live): JobContext {
    return contextOf(live, {
      store: this.#store,
      changed: () => this.#changed(live),
      stepped: () => {
        this.#saver.saveStep(live);
        this.#changed(live);
      },
      aside: (waiting) => this.#aside(live, waiting),
      finish: (state, message) => this.#finish(live, state, message),
    });
  }

  #changed(live: Live): void {
    for (const listener of this.#listeners) listener(live.stored.job);
  }

  /** Stores how it stands: a kill may come at once. */
  #keep(live: Live): Job {
    this.#saver.save(live);
    this.#changed(live);
    return live.stored.job;
  }

  #finish(live: Live, state: 'done' | 'failed' | 'cancelled', said: string | null): void {
    clearInterval(live.saving);
    const message = said === CANCELLING ? null : said;
    Object.assign(live.stored.job, { state, message, finishedAt: Date.now() });
    letGoOfOld(this.#jobs);
    this.#keep(live);
  }
}
