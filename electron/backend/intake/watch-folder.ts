// Watches a folder and takes in what appears there. Sources are only read; a file is taken once it has rested (size and time
// unchanged over two looks; one that is cut, over many, since a slow copy may stand still), and again only if it changed. What was
// taken is remembered over restarts.
import fs from 'node:fs';
import type { Ingest } from '#backend/archive/ingest.ts';
import type { Database } from '#backend/base/database.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import type { Job } from '#shared/contract/views.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { runImport } from './import.ts';
import { walk } from './walk.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';

export interface WatchState {
  path: string;
  state: 'watching' | 'missing' | 'paused';
  /** Epoch milliseconds of the last look that found the folder. */
  lastSeenAt: number | null;
  /** A sentence where a person must do something. */
  message: string | null;
}

/** Remembers which files of watched folders were dealt with, by path, size and time of change. */
export class WatchMemory {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
    db.execute(
      'CREATE TABLE IF NOT EXISTS watched_file (folder TEXT NOT NULL, path TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (folder, path)) WITHOUT ROWID',
    );
  }
  markOf(folder: string, path: string): string | undefined {
    return this.#db
      .prepare<{ mark: string }>('SELECT mark FROM watched_file WHERE folder = ? AND path = ?')
      .get(folder, path)?.mark;
  }
  remember(folder: string, path: string, mark: string): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO watched_file (folder, path, mark) VALUES (?, ?, ?)')
      .run(folder, path, mark);
  }
  forget(folder: string): void {
    this.#db.prepare('DELETE FROM watched_file WHERE folder = ?').run(folder);
  }
}

export interface WatchParts {
  ingest: Ingest;
  jobs: JobQueue;
  memory: WatchMemory;
  /** Time between two looks. */
  intervalMs: number;
  /** Told after each job, for the audit log. */
  onTaken(counts: Job['counts'], isWhole: boolean): void;
  onBug(error: unknown): void;
}

/** Looks that must find a file as it was before it is taken though it is cut. */
export const LOOKS_AT_CUT = 15;

/** What a look found, and how many before it found the same. */
interface Seen {
  mark: string;
  rested: number;
  /** Once it was looked into. */
  mayBeCut?: boolean;
}
interface Resting {
  path: string;
  mark: string;
}

export class WatchFolder {
  readonly path: string;
  readonly #parts: WatchParts;
  readonly #abort = new AbortController();
  /** At the last look: a file whose mark did not change since has rested. */
  #before = new Map<string, Seen>();
  #state: WatchState;
  #loop: Promise<void>;

  constructor(folder: string, parts: WatchParts) {
    this.path = folder;
    this.#parts = parts;
    this.#state = { path: folder, state: 'watching', lastSeenAt: null, message: null };
    this.#loop = this.#run();
  }

  get state(): WatchState {
    return this.#state;
  }

  /** Goes on after a cancelled take. */
  resume(): void {
    if (this.#state.state === 'paused') this.#state = { ...this.#state, state: 'watching', message: null };
  }

  /** Ends after the files under way. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        const resting = this.#state.state === 'paused' ? [] : await this.#look();
        if (resting.length) await this.#take(resting);
      } catch (error) {
        if (error instanceof LecternError) this.#state = { ...this.#state, message: error.message };
        else this.#parts.onBug(error);
      }
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#abort.signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, this.#parts.intervalMs);
      timer.unref();
      this.#abort.signal.addEventListener('abort', end);
      if (this.#abort.signal.aborted) end();
    });
  }

  /** Files that have rested and were not dealt with yet. */
  async #look(): Promise<Resting[]> {
    const folder = await fs.promises.stat(this.path).catch(() => undefined);
    if (!folder?.isDirectory()) {
      this.#state = {
        ...this.#state,
        state: 'missing',
        message: 'The folder is not there or may not be read; it is looked for again and again.',
      };
      return [];
    }
    this.#state = { path: this.path, state: 'watching', lastSeenAt: Date.now(), message: null };
    const seen = new Map<string, Seen>();
    const resting: Resting[] = [];
    for await (const found of walk([this.path])) {
      if (this.#abort.signal.aborted) return [];
      if ('reason' in found) {
        this.#state = { ...this.#state, message: `${found.path}: ${found.reason}` };
        continue;
      }
      const stat = await fs.promises.stat(rawPath(found.path)).catch(() => undefined);
      if (!stat || stat.size === 0) continue;
      const mark = `${stat.size}/${stat.mtimeMs}`;
      if (this.#parts.memory.markOf(this.path, found.path) === mark) continue;
      const before = this.#before.get(found.path);
      const now: Seen = before?.mark === mark ? { ...before, rested: before.rested + 1 } : { mark, rested: 0 };
      seen.set(found.path, now);
      if (now.rested === 0) continue;
      now.mayBeCut ??= await this.#parts.ingest.mayBeCut(found.path);
      if (now.rested >= LOOKS_AT_CUT || !now.mayBeCut) resting.push({ path: found.path, mark });
    }
    this.#before = seen;
    return resting;
  }

  async #take(files: readonly Resting[]): Promise<void> {
    const { ingest, jobs, memory } = this.#parts;
    const marks = new Map(files.map(({ path, mark }) => [path, mark]));
    const dealtWith = (path: string): void => {
      const mark = marks.get(path);
      if (mark !== undefined) memory.remember(this.path, path, mark);
    };
    const driven = jobs.startDriven('watch', this.path);
    const context: JobContext = {
      ...driven.context,
      item: (report, bytes) => {
        driven.context.item(report, bytes);
        dealtWith(report.path);
      },
    };
    const stop = (): void => driven.stop();
    this.#abort.signal.addEventListener('abort', stop);
    try {
      await runImport(ingest, context, { paths: files.map(({ path }) => path) });
      for (const path of marks.keys()) dealtWith(path);
      driven.end('done');
    } catch (error) {
      const isCancelled = driven.context.signal.aborted;
      driven.end(isCancelled ? 'cancelled' : 'failed', error instanceof LecternError ? error.message : undefined);
      if (!isCancelled) this.#state = { ...this.#state, message: 'The last look failed; it is tried again.' };
      else if (!this.#abort.signal.aborted)
        this.#state = { ...this.#state, state: 'paused', message: 'Taking in was cancelled; it waits to be resumed.' };
    } finally {
      this.#abort.signal.removeEventListener('abort', stop);
      this.#parts.onTaken(driven.job.counts, driven.job.state === 'done');
    }
  }
}
