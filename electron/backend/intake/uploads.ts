// Files that a browser hands over one by one: a job that the page drives. A ZIP must be whole before it can be read: it
// waits in the archive's temporary folder, which is emptied at each start.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import type { Ingest } from '#backend/archive/ingest.ts';
import type { JobContext, JobQueue } from '#backend/jobs/job-queue.ts';
import { importZip, reportOf } from './import.ts';

interface Upload {
  job: Job;
  context: JobContext;
  end(state: 'done' | 'failed' | 'cancelled', message?: string): void;
}

const ZIP_START = Buffer.from('PK\x03\x04');

export class Uploads {
  readonly #ingest: Ingest;
  readonly #jobs: JobQueue;
  readonly #spoolDir: string;
  readonly #open = new Map<string, Upload>();

  constructor(ingest: Ingest, jobs: JobQueue, spoolDir: string) {
    this.#ingest = ingest;
    this.#jobs = jobs;
    this.#spoolDir = spoolDir;
  }

  begin(title: string, itemsTotal: number | null, bytesTotal: number | null): Job {
    const upload = this.#jobs.startDriven('upload', title);
    this.#open.set(upload.job.id, upload);
    upload.context.setTotals({ items: itemsTotal, bytes: bytesTotal });
    upload.context.signal.addEventListener('abort', () => this.#end(upload, 'cancelled'));
    return upload.job;
  }

  /** Takes one file; waits while the job is paused. Throws LecternError 'conflict' when the job has ended. */
  async file(jobId: string, name: string, body: ReadableStream<Uint8Array> | null): Promise<FileReport[]> {
    const upload = this.#open.get(jobId);
    if (!upload) throw new LecternError('conflict', 'This upload has ended.');
    await upload.context.checkpoint().catch(() => {
      throw new LecternError('conflict', 'This upload was cancelled.');
    });
    const pieces = body ? body[Symbol.asyncIterator]() : (async function* none() {})();
    const first = await pieces.next();
    const head = first.done ? Buffer.alloc(0) : Buffer.from(first.value);
    const all = (async function* whole() {
      yield new Uint8Array(head);
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    })();
    return head.subarray(0, 4).equals(ZIP_START) ? this.#zip(upload, name, all) : this.#single(upload, name, all);
  }

  async #single(upload: Upload, name: string, bytes: AsyncIterable<Uint8Array>): Promise<FileReport[]> {
    const stream = await this.#ingest.stream({ path: name });
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
    const report = reportOf(name, await stream.finish());
    upload.context.item(report, size);
    return [report];
  }

  async #zip(upload: Upload, name: string, bytes: AsyncIterable<Uint8Array>): Promise<FileReport[]> {
    const spool = path.join(this.#spoolDir, `${randomUUID()}.zip`);
    try {
      await fs.promises.writeFile(spool, bytes, { mode: 0o600, flag: 'wx' });
      const reports: FileReport[] = [];
      await importZip(this.#ingest, upload.context, { path: spool, label: name }, (report, size) => {
        reports.push(report);
        upload.context.item(report, size);
      });
      return reports;
    } finally {
      await fs.promises.rm(spool, { force: true });
    }
  }

  async complete(jobId: string): Promise<Job> {
    const upload = this.#open.get(jobId);
    if (!upload) throw new LecternError('conflict', 'This upload has ended.');
    await this.#ingest.settled();
    this.#end(upload, 'done');
    return upload.job;
  }

  #end(upload: Upload, state: 'done' | 'cancelled'): void {
    if (this.#open.delete(upload.job.id)) upload.end(state);
  }
}
