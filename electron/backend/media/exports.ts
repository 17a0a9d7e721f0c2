// Studies as one ZIP of the original bytes, made while it is fetched: nothing is held in memory but the instance under way,
// nothing is written to disk. The job that shows it can be paused and cancelled; a fetch that breaks off ends it.
import { configure, ZipWriter } from '@zip.js/zip.js';
import { LecternError } from '#shared/contract/errors.ts';
import type { Job } from '#shared/contract/views.ts';
import { DamagedFile } from '#backend/archive/sealed-file.ts';
import type { Archive } from '#backend/archive/archive.ts';
import { lackOf, notWholeWords, type Lack } from '#backend/archive/lacks.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import type { DrivenJob } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import { streamedBody, streamOf } from '#backend/base/streamed-body.ts';
import type { UseCases } from '#backend/people/use-cases.ts';
import { exportNames } from './export-names.ts';

configure({ useWebWorkers: false });

/** Larger ones are not read whole before they are begun: should one be damaged, the ZIP breaks off there. */
const MOST_WHOLE_BYTES = 64 * 1024 * 1024;
/** A ZIP that nobody fetches is given up. */
const WAIT_FOR_FETCH_MS = 60_000;

interface Export {
  driven: DrivenJob;
  studyUids: readonly string[];
  locations: readonly InstanceLocation[];
  lack: Lack;
  timer: ReturnType<typeof setTimeout>;
  /** Whoever fetched it wants no more. */
  isBrokenOff: boolean;
}

export interface ExportPorts {
  archive: Archive;
  jobs: JobQueue;
  useCases: UseCases;
  /** The stored file piece by piece, as received. */
  read(location: InstanceLocation): AsyncGenerator<Uint8Array, void>;
  /** Told of a failure that is no expected one. */
  onBug(error: unknown): void;
}

export class Exports {
  readonly #ports: ExportPorts;
  readonly #waiting = new Map<string, Export>();

  constructor(ports: ExportPorts) {
    this.#ports = ports;
  }

  /** A job whose ZIP is to be fetched once. Throws LecternError 'not-found' where a study is not here. */
  begin(studyUids: readonly string[], title: string): Job {
    const { archive, jobs, useCases } = this.#ports;
    const locations = studyUids.flatMap((studyUid) => {
      useCases.check('export', studyUid);
      const found = archive.index.locateAll({ studyUid });
      if (!found.length) throw new LecternError('not-found', `The archive has no study ${studyUid}.`);
      return found;
    });
    const driven = jobs.startDriven('export', title);
    const timer = setTimeout(() => {
      if (this.#waiting.delete(driven.job.id)) driven.end('failed', 'The ZIP file was not fetched.');
    }, WAIT_FOR_FETCH_MS);
    timer.unref();
    const lack = lackOf(archive.index, studyUids, locations);
    this.#waiting.set(driven.job.id, { driven, studyUids, locations, lack, timer, isBrokenOff: false });
    driven.context.setTotals({
      items: locations.length,
      bytes: locations.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    });
    driven.context.signal.addEventListener('abort', () => {
      if (this.#waiting.delete(driven.job.id)) driven.end('cancelled');
    });
    return driven.job;
  }

  /** The ZIP of a job, once. Throws LecternError 'not-found'. */
  stream(jobId: string): ReadableStream<Uint8Array> {
    const waiting = this.#waiting.get(jobId);
    if (!waiting) throw new LecternError('not-found', 'This ZIP file was fetched already, or given up. Export again.');
    this.#waiting.delete(jobId);
    clearTimeout(waiting.timer);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    void this.#run(waiting, writable).catch(this.#ports.onBug);
    const reader = readable.getReader();
    return streamedBody({ next: () => reader.read() }, async () => {
      waiting.isBrokenOff = true;
      await reader.cancel();
    });
  }

  async #run(own: Export, writable: WritableStream<Uint8Array>): Promise<void> {
    const { driven, studyUids, locations, lack } = own;
    const { context, job } = driven;
    const audit = (outcome: 0 | 4): void =>
      this.#ports.useCases.audit('export', outcome, {
        studyUids: [...studyUids],
        instanceCount: job.counts['stored'] ?? 0,
        detail: 'ZIP file',
      });
    try {
      const zip = new ZipWriter(writable, { level: 0, keepOrder: true });
      const names = exportNames(this.#ports.archive.index, locations);
      for (const [at, location] of locations.entries()) {
        await context.checkpoint();
        await this.#add(zip, names[at] ?? `${location.sopUid}.dcm`, location, context);
      }
      await zip.close();
      const refused = job.counts['refused'] ?? 0;
      const left = refused === 1 ? '1 stored file is' : `${refused} stored files are`;
      const words = [
        ...(refused > 0 ? [`${left} damaged and not in the ZIP file: see the report.`] : []),
        notWholeWords('The ZIP file', lack),
      ].filter(Boolean);
      driven.end('done', words.join(' ') || undefined);
      audit(words.length > 0 ? 4 : 0);
    } catch (error) {
      await writable.abort(error).catch(() => undefined);
      if (own.isBrokenOff || context.signal.aborted) driven.end('cancelled');
      else {
        if (!isFault(error)) this.#ports.onBug(error);
        driven.end('failed', `The ZIP file broke off: ${isFault(error) ? error.message : 'something failed'}.`);
      }
      audit(4);
    }
  }

  async #add(
    zip: ZipWriter<unknown>,
    name: string,
    location: InstanceLocation,
    context: DrivenJob['context'],
  ): Promise<void> {
    let pieces: AsyncGenerator<Uint8Array, void> = this.#ports.read(location);
    if (location.sizeBytes <= MOST_WHOLE_BYTES) {
      try {
        const whole: Uint8Array[] = [];
        for await (const piece of pieces) whole.push(piece);
        pieces = each(whole);
      } catch (error) {
        if (!isFault(error)) throw error;
        const { sopUid: sopInstanceUid } = location;
        // A file without its study is no damage, and a ZIP without most of it no export.
        if (this.#ports.archive.index.locate(sopInstanceUid)?.name !== location.name)
          throw new LecternError('not-found', `${sopInstanceUid} was removed or replaced meanwhile; export again`);
        context.item({ path: name, outcome: 'refused', sopInstanceUid, code: 'damaged', reason: error.message }, 0);
        return;
      }
    }
    const readable = streamOf(pieces, () => pieces.return(undefined));
    await zip.add(name, { readable, size: location.sizeBytes }, { level: 0 });
    context.item({ path: name, outcome: 'stored', sopInstanceUid: location.sopUid }, location.sizeBytes);
  }
}

/** A stored file that cannot be read, as opposed to a bug. */
const isFault = (error: unknown): error is DamagedFile | LecternError =>
  error instanceof DamagedFile || error instanceof LecternError;

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void> {
  yield* pieces;
}
