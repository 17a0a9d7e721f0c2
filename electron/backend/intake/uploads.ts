// Files that a browser hands over one by one: a job that the page drives. A ZIP must be whole before it can be read: it
// waits in the archive's temporary folder, which is emptied at each start. A DICOMDIR waits there until all files are in,
// then it is compared with them as one of a folder is. Nobody but the page that began an upload can go on with it: it ends when
// that page is gone, which the closing of its event stream tells, or hands over nothing any more. What a page hands over once more,
// since it had no answer, counts once.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import type { Archive } from '#backend/archive/archive.ts';
import { TakenIn } from '#backend/archive/taken-in.ts';
import { notWritten, SEE_TO_DISK } from '#backend/base/not-written.ts';
import { JobStopped, type DrivenJob, type JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import { containerRefusal } from './containers.ts';
import { reportFileSet, sameName } from './file-set.ts';
import { importProgram, importZip, mayBeMended, reportOf } from './import.ts';
import { readDicomdir } from './read-dicomdir.ts';
import { fromSender, looked } from './sent-body.ts';
import { isSelfExtractingZip, isZip } from './zip-members.ts';

export interface UploadAbout {
  title: string;
  itemsTotal: number | null;
  bytesTotal: number | null;
  /** Name of the page's event stream; absent for a program, which is trusted to end what it began. */
  page?: string | undefined;
}

interface Upload extends DrivenJob {
  page: string | undefined;
  taken: TakenIn;
  /** What became of all files that came whole or cannot be read, by their names as the page gave them. */
  came: Map<string, FileReport[]>;
  /** Spooled DICOMDIRs by name. */
  dicomdirs: Map<string, string>;
  /** Calls under way. */
  inHand: Set<Promise<unknown>>;
  /** Runs while there is no sign of its page, or no file of it. */
  patience?: NodeJS.Timeout;
  /** Why no more files will come. */
  cutBy?: string;
}

interface UploadPorts {
  spoolDir: string;
  /** Told of each that ended, by what became of its files. */
  onTaken(counts: Job['counts'], isWhole: boolean): void;
  onBug(error: unknown): void;
}

const PROGRAM_START = Buffer.from('MZ');
/** How long an event stream may be cut before its page counts as gone: a living page opens it again within seconds. */
export const PAGE_PATIENCE_MS = 60_000;
/** How long a page that is there may hand over nothing: to read a file from a slow medium takes it a while. */
export const FILE_PATIENCE_MS = 10 * 60_000;
const PAGE_GONE = 'The page that handed over the files is gone';
const LINE_CUT = 'The line to the page that handed over the files was cut';
const CLOSING = 'Lectern was ended';

export class Uploads {
  readonly #archive: Pick<Archive, 'ingest' | 'onRemoval' | 'space'>;
  readonly #jobs: JobQueue;
  readonly #ports: UploadPorts;
  readonly #open = new Map<string, Upload>();
  /** Event streams that are open, by page. */
  readonly #pages = new Map<string, number>();
  readonly #ending = new Set<Promise<void>>();

  constructor(archive: Pick<Archive, 'ingest' | 'onRemoval' | 'space'>, jobs: JobQueue, ports: UploadPorts) {
    this.#archive = archive;
    this.#jobs = jobs;
    this.#ports = ports;
  }

  begin({ title, itemsTotal, bytesTotal, page }: UploadAbout): Job {
    const driven = this.#jobs.startDriven('upload', title);
    const upload: Upload = {
      ...driven,
      page,
      taken: new TakenIn(this.#archive),
      came: new Map(),
      dicomdirs: new Map(),
      inHand: new Set(),
    };
    this.#open.set(upload.job.id, upload);
    upload.context.setTotals({ items: itemsTotal, bytes: bytesTotal });
    upload.context.signal.addEventListener('abort', () => {
      const ending = this.#stopped(upload)
        .catch(this.#ports.onBug)
        .finally(() => this.#ending.delete(ending));
      this.#ending.add(ending);
    });
    this.#lookForPage(upload);
    return upload.job;
  }

  /** A page follows the events; to be called back when it does so no more. */
  pageCame(page: string): () => void {
    this.#pages.set(page, (this.#pages.get(page) ?? 0) + 1);
    this.#lookForPages(page);
    return () => {
      const left = (this.#pages.get(page) ?? 0) - 1;
      if (left > 0) this.#pages.set(page, left);
      else this.#pages.delete(page);
      this.#lookForPages(page);
    };
  }

  /** The page says that it goes, or that it could not hand over its files. */
  leave(jobId: string, isPageThere: boolean): void {
    const upload = this.#open.get(jobId);
    if (upload) this.#cut(upload, isPageThere ? LINE_CUT : PAGE_GONE);
  }

  /** Ends what is open; to be called before the jobs are closed. */
  async close(): Promise<void> {
    for (const upload of this.#open.values()) this.#cut(upload, CLOSING);
    await Promise.all(this.#ending);
  }

  #lookForPages(page: string): void {
    for (const upload of this.#open.values()) if (upload.page === page) this.#lookForPage(upload);
  }

  #lookForPage(upload: Upload): void {
    clearTimeout(upload.patience);
    const { page, inHand, context } = upload;
    if (page === undefined || inHand.size > 0 || context.signal.aborted) return;
    const [end, patienceMs] = this.#pages.has(page)
      ? [() => this.#endIdle(upload), FILE_PATIENCE_MS]
      : [() => this.#cut(upload, PAGE_GONE), PAGE_PATIENCE_MS];
    upload.patience = setTimeout(end, patienceMs).unref();
  }

  #endIdle(upload: Upload): void {
    if (upload.job.state === 'paused') this.#lookForPage(upload);
    else this.#cut(upload, LINE_CUT);
  }

  #cut(upload: Upload, why: string): void {
    upload.cutBy ??= why;
    upload.stop();
  }

  /** Work for an upload, which does not end before it. */
  async #handle<T>(upload: Upload, work: Promise<T>): Promise<T> {
    upload.inHand.add(work);
    this.#lookForPage(upload);
    try {
      return await work;
    } finally {
      upload.inHand.delete(work);
      this.#lookForPage(upload);
    }
  }

  #get(jobId: string): Upload {
    const upload = this.#open.get(jobId);
    if (!upload || upload.context.signal.aborted) throw new LecternError('conflict', 'This upload has ended.');
    return upload;
  }

  /** Takes one file. While the job is paused a program waits here; a page, which has few connections, waits by itself. `password`
   * opens an encrypted ZIP and is kept nowhere. Throws LecternError 'conflict' when the job has ended, 'disk-full' and 'not-written',
   * which stand on the job too. */
  async file(
    jobId: string,
    name: string,
    body: ReadableStream<Uint8Array> | null,
    password?: string,
  ): Promise<FileReport[]> {
    const upload = this.#get(jobId);
    try {
      if (upload.page === undefined) await upload.context.checkpoint();
      const reports = await this.#handle(upload, this.#takeOnce(upload, name, body, password));
      upload.came.set(name, reports);
      return reports;
    } catch (error) {
      if (error instanceof JobStopped) throw new LecternError('conflict', 'This upload was cancelled.');
      if (mayBeMended(error)) upload.context.note(error.message);
      throw error;
    }
  }

  /** Names of a page are each of one file, and a ZIP may come again with a password. */
  #before({ page, came }: Upload, name: string): FileReport[] | undefined {
    return page === undefined ? undefined : came.get(name);
  }

  async #takeOnce(
    upload: Upload,
    name: string,
    body: ReadableStream<Uint8Array> | null,
    password: string | undefined,
  ): Promise<FileReport[]> {
    const before = password === undefined ? this.#before(upload, name) : undefined;
    if (!before) return this.#take(upload, name, body, password);
    // The answer would not be read before all of it is sent.
    for await (const piece of fromSender(body, upload.context.signal)) void piece;
    return before;
  }

  async #take(
    upload: Upload,
    name: string,
    body: ReadableStream<Uint8Array> | null,
    password: string | undefined,
  ): Promise<FileReport[]> {
    const { head, all } = await looked(body, upload.context.signal);
    if (isZip(name, head)) return this.#zip(upload, name, await this.#spool(all), importZip, password);
    if (head.subarray(0, 2).equals(PROGRAM_START)) return this.#program(upload, name, await this.#spool(all), password);
    return sameName(path.posix.basename(name), 'DICOMDIR')
      ? this.#dicomdir(upload, name, all)
      : this.#single(upload, name, all, head);
  }

  /** Notes a file that the page could not read, with the reason in a sentence. Throws LecternError 'conflict' when the job has
   * ended. */
  unread(jobId: string, name: string, reason: string): void {
    const upload = this.#get(jobId);
    this.#lookForPage(upload);
    if (this.#before(upload, name)) return;
    const report: FileReport = { path: name, outcome: 'refused', code: 'unreadable', reason };
    upload.came.set(name, [report]);
    upload.context.item(report, 0);
  }

  /** A program is a ZIP file where it unpacks itself; whole before that is known. */
  async #program(upload: Upload, name: string, spool: string, password: string | undefined): Promise<FileReport[]> {
    if (await isSelfExtractingZip(spool)) return this.#zip(upload, name, spool, importProgram, password);
    try {
      return await this.#single(upload, name, fs.createReadStream(spool), Buffer.alloc(0));
    } finally {
      await fs.promises.rm(spool, { force: true });
    }
  }

  async #single(upload: Upload, name: string, bytes: AsyncIterable<Uint8Array>, head: Buffer): Promise<FileReport[]> {
    const stream = upload.taken.stream({ path: name });
    let size = 0;
    try {
      for await (const piece of bytes) {
        size += piece.length;
        await stream.write(piece);
      }
    } catch (error) {
      await stream.abort();
      throw error;
    }
    const outcome = await stream.finish();
    const refusal = outcome.outcome === 'not-dicom' ? containerRefusal(head) : undefined;
    const report: FileReport = refusal ? { path: name, outcome: 'refused', ...refusal } : reportOf(name, outcome);
    // The call whose answer the page had not was under way still.
    const before = this.#before(upload, name);
    if (before) return before;
    upload.came.set(name, [report]);
    upload.context.item(report, size);
    return [report];
  }

  /** Put aside until the files beside it are in. */
  async #dicomdir(upload: Upload, name: string, bytes: AsyncIterable<Uint8Array>): Promise<FileReport[]> {
    upload.dicomdirs.set(name, await this.#spool(bytes));
    return [];
  }

  async #spool(bytes: AsyncIterable<Uint8Array>): Promise<string> {
    const spool = path.join(this.#ports.spoolDir, randomUUID());
    try {
      await fs.promises.writeFile(spool, this.#claimed(bytes), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      await fs.promises.rm(spool, { force: true });
      throw notWritten(`The archive in ${path.dirname(this.#ports.spoolDir)}`, error, SEE_TO_DISK);
    }
    return spool;
  }

  /** Each piece is on the disk when the next one is asked for. */
  async *#claimed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      const claim = this.#archive.space.claim(piece.length);
      try {
        yield piece;
      } finally {
        claim.release();
      }
    }
  }

  async #compareAll(upload: Upload): Promise<void> {
    for (const [name, spool] of upload.dicomdirs)
      await reportFileSet(
        {
          file: name,
          sizeBytes: (await fs.promises.stat(spool)).size,
          dicomdir: await readDicomdir(spool),
          list: () => upload.came.keys(),
          uidAt: (file) => upload.came.get(file)?.[0]?.sopInstanceUid,
        },
        (report, bytes) => upload.context.item(report, bytes),
      );
  }

  async #zip(
    upload: Upload,
    name: string,
    spool: string,
    take: typeof importZip,
    password: string | undefined,
  ): Promise<FileReport[]> {
    try {
      const reports: FileReport[] = [];
      const report = (item: FileReport, size: number): void => {
        reports.push(item);
        upload.context.item(item, size);
      };
      // It may come again, with another password.
      const context: JobContext = { ...upload.context, isDone: () => false };
      await take(upload.taken, context, { path: spool, label: name }, report, password);
      return reports;
    } finally {
      await fs.promises.rm(spool, { force: true });
    }
  }

  async complete(jobId: string): Promise<Job> {
    const upload = this.#get(jobId);
    await this.#handle(upload, this.#complete(upload));
    return upload.job;
  }

  async #complete(upload: Upload): Promise<void> {
    await this.#archive.ingest.settled();
    await this.#compareAll(upload);
    this.#end(upload, 'done', upload.job.message);
  }

  /** Cancelled by a person, or cut. */
  async #stopped(upload: Upload): Promise<void> {
    clearTimeout(upload.patience);
    await Promise.allSettled(upload.inHand);
    // All of it came meanwhile.
    if (!this.#open.has(upload.job.id)) return;
    if (upload.cutBy === undefined) return this.#end(upload, 'cancelled', upload.job.message);
    try {
      await this.#compareAll(upload);
    } finally {
      const { itemsTotal } = upload.job;
      if (itemsTotal === upload.came.size) this.#end(upload, 'done', upload.job.message);
      else this.#end(upload, 'failed', cutMessage(upload.cutBy, upload.came.size, itemsTotal));
    }
  }

  #end(upload: Upload, state: 'done' | 'failed' | 'cancelled', message: string | null): void {
    for (const spool of upload.dicomdirs.values()) fs.rmSync(spool, { force: true });
    if (!this.#open.delete(upload.job.id)) return;
    const removed = upload.taken.close();
    const said = state === 'failed' && removed !== undefined ? `${message} ${removed}` : (removed ?? message);
    upload.end(state, said ?? undefined);
    this.#ports.onTaken(upload.job.counts, state === 'done');
  }
}

function cutMessage(why: string, came: number, total: number | null): string {
  const count = total === null ? 'not all files came' : `${total - came} of ${total} files never came`;
  return `${why}: ${count}. Import them again: those that are here are found and not stored twice.`;
}
