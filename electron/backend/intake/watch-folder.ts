// Watches a folder and takes in what appears there. Sources are only read; a file is taken once it has rested (size and times
// unchanged over two looks; one that is cut, over many, since a slow copy may stand still), and again only if it changed. What was
// taken is remembered over restarts, and forgotten once it is seen to be gone; what could not be read is not, and is taken once it can
// be.
import fs from 'node:fs';
import { sep } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Archive } from '#backend/archive/archive.ts';
import { outcomeOfUnread } from '#backend/archive/ingest-outcome.ts';
import type { Database } from '#backend/base/database.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { runImport } from './import.ts';
import { isOwnFolder, walk } from './walk.ts';
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

/** Remembers which files of watched folders were dealt with, by path and mark. */
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
  forgetFile(folder: string, path: string): void {
    this.#db.prepare('DELETE FROM watched_file WHERE folder = ? AND path = ?').run(folder, path);
  }
}

export interface WatchParts {
  archive: Pick<Archive, 'ingest' | 'onRemoval' | 'dataDir'>;
  jobs: JobQueue;
  memory: WatchMemory;
  /** Time between two looks. */
  intervalMs: number;
  /** Told after each job, for the audit log. */
  onTaken(counts: Job['counts'], isWhole: boolean): void;
  onBug(error: unknown): void;
}

/** Rejects with LecternError 'bad-request' for the data folder and what is in it: each job there leads to the next. */
export async function checkNotOwn(folder: string, dataDir: string): Promise<void> {
  if (await isOwnFolder(folder, dataDir))
    throw new LecternError('bad-request', 'The data folder of Lectern itself cannot be watched.');
}

/** Looks that must find a file as it was before it is taken though it is cut. */
export const LOOKS_AT_CUT = 15;

/** What a look found, and how many before it found the same. */
interface Seen {
  mark: string;
  rested: number;
  /** Once it was looked into. */
  mayBeCut?: boolean;
  /** Why its last take could not read it. */
  unread?: string;
}
interface Resting {
  path: string;
  mark: string;
}

/** What a look found in the folder itself, not on disks that are mounted in it. */
interface Present {
  folder: fs.Stats;
  paths: Set<string>;
}

/** Older versions knew a file by this alone, which one that is put in its place may share. */
const oldMarkOf = ({ size, mtimeMs }: fs.Stats): string => `${size}/${mtimeMs}`;
/** With the time at which the entry itself changed, which no copy keeps. Not its inode: many network drives and FAT number them anew
 * each time they are mounted, and all would be taken again. */
const markOf = (stat: fs.Stats): string => `${oldMarkOf(stat)}/${stat.ctimeMs}`;

const GONE = 'The folder went away while its files were taken; those that are left are taken once it is there again.';
/** Codes of what says nothing of a file's content. */
const UNREAD: ReadonlySet<string | undefined> = new Set(['absent', 'no-access', 'unreadable']);

/** Where a disk is unmounted its mount point stays, which is another folder. */
const isSame = (a: fs.Stats, b: fs.Stats): boolean => a.dev === b.dev && a.ino === b.ino;
function isStill(folder: string, before: fs.Stats): boolean {
  try {
    return isSame(fs.statSync(folder), before);
  } catch {
    return false;
  }
}

/** Rejects as the file system does where it cannot be read to its end. */
async function readThrough(file: string): Promise<void> {
  await finished(fs.createReadStream(rawPath(file)).resume());
}

/** Which of the files could not be read as a line of the report says: the one that it names, or the ZIP file that a member is in. */
function unreadOf({ path, code }: FileReport, files: ReadonlyMap<string, unknown>): string | undefined {
  if (!UNREAD.has(code)) return undefined;
  if (files.has(path)) return path;
  // Whatever else a DICOMDIR in it lists is absent for good.
  if (code !== 'unreadable') return undefined;
  for (let at = path.indexOf('!/'); at >= 0; at = path.indexOf('!/', at + 1))
    if (files.has(path.slice(0, at))) return path.slice(0, at);
  return undefined;
}

/** The first reason, and how many there are. */
function toldOf(unread: readonly string[]): string | null {
  const [first] = unread;
  if (first === undefined) return null;
  const which = unread.length === 1 ? 'It is' : `This and ${unread.length - 1} more that cannot be read are`;
  return `${first} ${which} tried again and again.`;
}

export class WatchFolder {
  readonly path: string;
  readonly #parts: WatchParts;
  readonly #abort = new AbortController();
  /** At the last look: a file whose mark did not change since has rested. */
  #before = new Map<string, Seen>();
  /** At the last look. */
  #present: Present | undefined;
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
        const folder = this.#state.state === 'paused' ? undefined : await this.#found();
        const resting = folder ? await this.#look(folder) : [];
        if (folder && resting.length) await this.#take(folder, resting);
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

  /** The folder, where it is there. Rejects with LecternError 'bad-request' where it has become the data folder. */
  async #found(): Promise<fs.Stats | undefined> {
    const folder = await fs.promises.stat(this.path).catch(() => undefined);
    if (folder?.isDirectory()) {
      await checkNotOwn(this.path, this.#parts.archive.dataDir);
      return folder;
    }
    this.#state = {
      ...this.#state,
      state: 'missing',
      message: 'The folder is not there or may not be read; it is looked for again and again.',
    };
    return undefined;
  }

  /** Files that have rested and were not dealt with yet. */
  async #look(folder: fs.Stats): Promise<Resting[]> {
    const { archive, memory } = this.#parts;
    const present = new Set<string>();
    const unreadable: string[] = [];
    const seen = new Map<string, Seen>();
    const resting: Resting[] = [];
    const unread: string[] = [];
    for await (const found of walk([this.path], archive.dataDir)) {
      if (this.#abort.signal.aborted) return [];
      if ('isOwn' in found) continue;
      if ('reason' in found) {
        unread.push(`${found.path}: ${found.reason}`);
        unreadable.push(found.path);
        continue;
      }
      const stat = await fs.promises.stat(rawPath(found.path)).catch(() => undefined);
      if (stat?.dev === folder.dev) present.add(found.path);
      if (!stat || stat.size === 0) continue;
      const mark = markOf(stat);
      const known = memory.markOf(this.path, found.path);
      if (known === oldMarkOf(stat)) memory.remember(this.path, found.path, mark);
      if (known === mark || known === oldMarkOf(stat)) continue;
      const before = this.#before.get(found.path);
      const now: Seen = before?.mark === mark ? { ...before, rested: before.rested + 1 } : { mark, rested: 0 };
      seen.set(found.path, now);
      if (now.rested === 0) continue;
      const reason = await this.#lookInto(found.path, now);
      if (reason !== undefined) unread.push(`${found.path}: ${reason}`);
      else if (now.rested >= LOOKS_AT_CUT || now.mayBeCut === false) resting.push({ path: found.path, mark });
    }
    this.#before = seen;
    this.#forgetGone({ folder, paths: present }, unreadable);
    this.#state = { path: this.path, state: 'watching', lastSeenAt: Date.now(), message: toldOf(unread) };
    return resting;
  }

  /** Forgets what was there at the last look and is not now. Of a folder that was away in between nothing is known to be gone; in one
   * that cannot be read it may still be there. */
  #forgetGone(now: Present, unreadable: readonly string[]): void {
    const before = this.#present;
    this.#present = now;
    if (!before || !isSame(before.folder, now.folder) || !isStill(this.path, now.folder)) return;
    for (const path of before.paths) {
      if (now.paths.has(path)) continue;
      if (unreadable.some((each) => path === each || path.startsWith(each + sep))) now.paths.add(path);
      else this.#parts.memory.forgetFile(this.path, path);
    }
  }

  /** Why a file cannot be read now, if it cannot. One that failed while it was taken is read through first, which is dear and done
   * seldom: else each look would have a job that fails alike. */
  async #lookInto(file: string, seen: Seen): Promise<string | undefined> {
    if (seen.unread !== undefined && seen.rested % LOOKS_AT_CUT !== 0) return seen.unread;
    try {
      if (seen.unread !== undefined) await readThrough(file);
      seen.mayBeCut ??= await this.#parts.archive.ingest.mayBeCut(file);
      delete seen.unread;
      return undefined;
    } catch (error) {
      return outcomeOfUnread(error).reason;
    }
  }

  async #take(folder: fs.Stats, files: readonly Resting[]): Promise<void> {
    const { archive, jobs, memory } = this.#parts;
    const marks = new Map(files.map(({ path, mark }) => [path, mark]));
    const dealtWith = (path: string): void => {
      const mark = marks.get(path);
      if (mark !== undefined) memory.remember(this.path, path, mark);
      marks.delete(path);
    };
    const driven = jobs.startDriven('watch', this.path);
    const context: JobContext = {
      ...driven.context,
      item: (report, bytes) => {
        // Of a folder that is gone nothing is told file by file.
        if (UNREAD.has(report.code) && !isStill(this.path, folder)) throw new LecternError('not-found', GONE);
        driven.context.item(report, bytes);
        const unread = unreadOf(report, marks);
        if (unread === undefined) return dealtWith(report.path);
        const seen = this.#before.get(unread);
        if (seen) this.#before.set(unread, { mark: seen.mark, rested: 0, unread: report.reason ?? '' });
        marks.delete(unread);
      },
    };
    const stop = (): void => driven.stop();
    this.#abort.signal.addEventListener('abort', stop);
    try {
      await runImport(archive, context, { paths: files.map(({ path }) => path) });
      // ZIP files have no line of their own.
      for (const path of marks.keys()) dealtWith(path);
      driven.end('done', driven.job.message ?? undefined);
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
