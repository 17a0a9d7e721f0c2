// Files that a browser hands over one by one: a job that the page drives. A ZIP must be whole before it can be read: it
// waits in the archive's temporary folder, which is emptied at each start. A DICOMDIR waits there until all files are in,
// then it is compared with them as one of a folder is.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import type { FreeSpace } from '#backend/archive/free-space.ts';
import type { Ingest } from '#backend/archive/ingest.ts';
import { notWritten, SEE_TO_DISK } from '#backend/base/not-written.ts';
import { JobStopped, type JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import { CONTAINER_HEAD_BYTES, containerRefusal } from './containers.ts';
import { reportFileSet, sameName } from './file-set.ts';
import { importProgram, importZip, mayBeMended, reportOf } from './import.ts';
import { readDicomdir } from './read-dicomdir.ts';
import { isSelfExtractingZip, isZip } from './zip-members.ts';

interface Upload {
  job: Job;
  context: JobContext;
  /** Names of all files handed over, as the page gave them. */
  names: Set<string>;
  /** Spooled DICOMDIRs by name. */
  dicomdirs: Map<string, string>;
  end(state: 'done' | 'failed' | 'cancelled', message?: string): void;
}

const PROGRAM_START = Buffer.from('MZ');

export class Uploads {
  readonly #ingest: Ingest;
  readonly #space: FreeSpace;
  readonly #jobs: JobQueue;
  readonly #spoolDir: string;
  readonly #open = new Map<string, Upload>();

  constructor(archive: { ingest: Ingest; space: FreeSpace }, jobs: JobQueue, spoolDir: string) {
    this.#ingest = archive.ingest;
    this.#space = archive.space;
    this.#jobs = jobs;
    this.#spoolDir = spoolDir;
  }

  begin(title: string, itemsTotal: number | null, bytesTotal: number | null): Job {
    const upload: Upload = { ...this.#jobs.startDriven('upload', title), names: new Set(), dicomdirs: new Map() };
    this.#open.set(upload.job.id, upload);
    upload.context.setTotals({ items: itemsTotal, bytes: bytesTotal });
    upload.context.signal.addEventListener('abort', () => this.#end(upload, 'cancelled'));
    return upload.job;
  }

  /** Takes one file; waits while the job is paused. `password` opens an encrypted ZIP and is kept nowhere. Throws
   * LecternError 'conflict' when the job has ended, 'disk-full' and 'not-written', which stand on the job too. */
  async file(
    jobId: string,
    name: string,
    body: ReadableStream<Uint8Array> | null,
    password?: string,
  ): Promise<FileReport[]> {
    const upload = this.#open.get(jobId);
    if (!upload) throw new LecternError('conflict', 'This upload has ended.');
    try {
      await upload.context.checkpoint();
      return await this.#take(upload, name, body, password);
    } catch (error) {
      if (error instanceof JobStopped) throw new LecternError('conflict', 'This upload was cancelled.');
      if (mayBeMended(error)) upload.context.note(error.message);
      throw error;
    }
  }

  async #take(
    upload: Upload,
    name: string,
    body: ReadableStream<Uint8Array> | null,
    password: string | undefined,
  ): Promise<FileReport[]> {
    const { head, all } = await looked(body);
    upload.names.add(name);
    if (isZip(name, head)) return this.#zip(upload, name, await this.#spool(all), importZip, password);
    if (head.subarray(0, 2).equals(PROGRAM_START)) return this.#program(upload, name, await this.#spool(all), password);
    return sameName(path.posix.basename(name), 'DICOMDIR')
      ? this.#dicomdir(upload, name, all)
      : this.#single(upload, name, all, head);
  }

  /** Notes a file that the page could not read, with the reason in a sentence. Throws LecternError 'conflict' when the job has
   * ended. */
  unread(jobId: string, name: string, reason: string): void {
    const upload = this.#open.get(jobId);
    if (!upload) throw new LecternError('conflict', 'This upload has ended.');
    upload.names.add(name);
    upload.context.item({ path: name, outcome: 'refused', code: 'unreadable', reason }, 0);
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
    const stream = this.#ingest.stream({ path: name });
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
    upload.context.item(report, size);
    return [report];
  }

  /** Put aside until the files beside it are in. */
  async #dicomdir(upload: Upload, name: string, bytes: AsyncIterable<Uint8Array>): Promise<FileReport[]> {
    upload.dicomdirs.set(name, await this.#spool(bytes));
    return [];
  }

  async #spool(bytes: AsyncIterable<Uint8Array>): Promise<string> {
    const spool = path.join(this.#spoolDir, randomUUID());
    try {
      await fs.promises.writeFile(spool, this.#claimed(bytes), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      await fs.promises.rm(spool, { force: true });
      throw notWritten(`The archive in ${path.dirname(this.#spoolDir)}`, error, SEE_TO_DISK);
    }
    return spool;
  }

  /** Each piece is on the disk when the next one is asked for. */
  async *#claimed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      const claim = this.#space.claim(piece.length);
      try {
        yield piece;
      } finally {
        claim.release();
      }
    }
  }

  async #compare(upload: Upload, name: string, spool: string): Promise<void> {
    await reportFileSet(
      {
        file: name,
        sizeBytes: (await fs.promises.stat(spool)).size,
        dicomdir: await readDicomdir(spool),
        list: () => upload.names,
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
      await take(this.#ingest, context, { path: spool, label: name }, report, password);
      return reports;
    } finally {
      await fs.promises.rm(spool, { force: true });
    }
  }

  async complete(jobId: string): Promise<Job> {
    const upload = this.#open.get(jobId);
    if (!upload) throw new LecternError('conflict', 'This upload has ended.');
    await this.#ingest.settled();
    for (const [name, spool] of upload.dicomdirs) await this.#compare(upload, name, spool);
    this.#end(upload, 'done');
    return upload.job;
  }

  #end(upload: Upload, state: 'done' | 'cancelled'): void {
    for (const spool of upload.dicomdirs.values()) fs.rmSync(spool, { force: true });
    if (this.#open.delete(upload.job.id)) upload.end(state, upload.job.message ?? undefined);
  }
}

/** A sender that goes away is no mistake of ours. */
async function* fromSender(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void> {
  try {
    if (body) yield* body;
  } catch (cause) {
    throw new LecternError('bad-request', 'The file did not come whole: its sender went away.', { cause });
  }
}

/** The beginning of a body, as far as it tells what the file is, and all of it. */
async function looked(
  body: ReadableStream<Uint8Array> | null,
): Promise<{ head: Buffer; all: AsyncIterable<Uint8Array> }> {
  const pieces = fromSender(body);
  const first: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < CONTAINER_HEAD_BYTES) {
    const next = await pieces.next();
    if (next.done) break;
    bytes += next.value.length;
    first.push(next.value);
  }
  const all = (async function* whole() {
    yield* first;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  })();
  return { head: Buffer.concat(first), all };
}
