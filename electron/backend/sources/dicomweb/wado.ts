// WADO-RS as a client (PS3.18 10.4): instances as stored, streamed from the socket to the sink, many of them under way to the
// disk at a time.
import type { IncomingMessage } from 'node:http';
import { boundaryOf, MultipartDefect, readMultipart } from '#shared/base/multipart-reader.ts';
import { belongsTo } from '#shared/dicom/json-values.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type {
  FailedInstance,
  InstanceSink,
  InstanceWriter,
  RetrieveProgress,
  RetrieveResult,
  Selection,
} from '../source.ts';
import { connectionFailure, HttpRefusal, isNotNow, type HttpClient } from './http-client.ts';
import { query } from './qido.ts';

/** The original encoding first; a server that knows no `*` may still answer the plain form. */
const ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*';
/** Instances whose bytes are all here but not yet safe on the disk. */
const MOST_FINISHING = 32;
const REQUESTS_AT_ONCE = 4;
/** Of the node, whatever was asked for: who asks, how often, what is behind its gateway. */
const isOfTheNode = (status: number): boolean => status === 401 || isNotNow(status);
/** Says nothing of the other instances. */
const isOfOneInstance = (error: unknown): error is HttpRefusal =>
  error instanceof HttpRefusal && !isOfTheNode(error.status);

interface Parts {
  http: HttpClient;
  name: string;
  sink: InstanceSink;
  onProgress(progress: RetrieveProgress): void;
  signal: AbortSignal;
}

export async function retrieve(parts: Parts, selection: Selection): Promise<RetrieveResult> {
  const { studyUid, seriesUid, seriesUids, sopInstanceUids } = selection;
  const intake = new Intake(parts, sopInstanceUids?.length ?? (await announced(parts, selection)));
  if (seriesUids) {
    await takeSeries(parts, selection, seriesUids, intake);
    return intake.result();
  }
  const series = seriesUid === undefined ? '' : `/series/${seriesUid}`;
  if (!sopInstanceUids) {
    await take(parts, `/studies/${studyUid}${series}`, intake);
    return intake.result();
  }
  const pathOf = (sopUid: string): string => `/studies/${studyUid}${series}/instances/${sopUid}`;
  await takeEach(parts, sopInstanceUids, pathOf, intake);
  return intake.result();
}

/** One after the other: a series that the node does not give does not keep the others from coming. */
async function takeSeries(
  parts: Parts,
  { studyUid }: Selection,
  seriesUids: readonly string[],
  intake: Intake,
): Promise<void> {
  const refusals: LecternError[] = [];
  for (const uid of seriesUids) {
    try {
      await take(parts, `/studies/${studyUid}/series/${uid}`, intake);
    } catch (error) {
      if (!isOfOneInstance(error)) throw error;
      refusals.push(error);
      intake.fail({ reason: `Series ${uid}: ${error.message}` });
    }
  }
  const [first] = refusals;
  if (first && refusals.length === seriesUids.length) throw first;
}

/** One by one: what the node does not give of them does not keep the others from coming. */
async function takeEach(
  parts: Parts,
  sopUids: readonly string[],
  pathOf: (sopUid: string) => string,
  intake: Intake,
): Promise<void> {
  const queue = sopUids.values();
  const refusals: LecternError[] = [];
  let broken: { error: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (const sopUid of queue) {
      // All of them end before anybody goes on: who is left alone would still be writing.
      if (broken) return;
      try {
        await take(parts, pathOf(sopUid), intake, sopUid);
      } catch (error) {
        if (!isOfOneInstance(error)) {
          broken ??= { error };
          return;
        }
        refusals.push(error);
        intake.fail({ sopInstanceUid: sopUid, reason: error.message });
      }
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work));
  if (broken) throw broken.error;
  // Credentials that do not fit are no matter of one instance.
  const [first] = refusals;
  if ((first?.code === 'peer-rejected' || first?.code === 'peer-credentials') && refusals.length === sopUids.length)
    throw first;
}

/** How many instances the node says it has; null where it does not say. Throws LecternError 'not-found'. */
async function announced(
  { http, name, signal }: Parts,
  { studyUid, seriesUid, seriesUids }: Selection,
): Promise<number | null> {
  // Who names several series has just seen their list.
  if (seriesUids) return null;
  const level = seriesUid === undefined ? 'study' : 'series';
  const keys = [{ path: ['0020000D'], vr: 'UI', value: studyUid }];
  if (seriesUid !== undefined) keys.push({ path: ['0020000E'], vr: 'UI', value: seriesUid });
  for await (const answer of query(http, { level, keys, include: [] }, signal)) {
    if (answer.kind !== 'match') continue;
    if (!belongsTo(answer.dataset, '0020000D', studyUid) || !belongsTo(answer.dataset, '0020000E', seriesUid)) continue;
    const count = Number(answer.dataset[level === 'study' ? '00201208' : '00201209']?.Value?.[0] ?? Number.NaN);
    return Number.isInteger(count) ? count : null;
  }
  throw new LecternError('not-found', `${name} does not have the ${level} ${seriesUid ?? studyUid}.`);
}

/** Takes in every part of one answer. `askedUid`: of the one instance that was asked for. */
async function take(
  { http, name, sink, signal }: Parts,
  path: string,
  intake: Intake,
  askedUid?: string,
): Promise<void> {
  const answer = await http.expect(path, { accept: ACCEPT, signal });
  const contentType = answer.headers['content-type'] ?? '';
  let writer: InstanceWriter | undefined;
  try {
    if (/^application\/dicom\s*(?:;|$)/i.test(contentType)) {
      writer = sink.open({ peer: name });
      for await (const bytes of answer as AsyncIterable<Buffer>) await intake.write(writer, bytes);
      await intake.finish(writer, askedUid);
      writer = undefined;
      return;
    }
    const boundary = /^multipart\/related\b/i.test(contentType) ? boundaryOf(contentType) : undefined;
    if (boundary === undefined)
      throw new LecternError(
        'peer-protocol',
        `${name} answered with ${contentType || 'no media type'} instead of instances.`,
      );
    for await (const event of readMultipart(answer, boundary)) {
      if (event.kind === 'part') writer = sink.open({ peer: name });
      else if (event.kind === 'data') {
        if (writer) await intake.write(writer, event.bytes);
      } else if (writer) {
        await intake.finish(writer, askedUid);
        writer = undefined;
      }
    }
  } catch (error) {
    throw brokenOff(error, answer, name, signal);
  } finally {
    answer.destroy();
    await writer?.abort();
    await intake.settled();
  }
}

function brokenOff(error: unknown, answer: IncomingMessage, name: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof LecternError) return error;
  if (error instanceof MultipartDefect)
    return new LecternError('peer-closed', `${name} broke off: ${error.message}.`, { cause: error });
  return answer.errored || (error instanceof Error && 'code' in error) ? connectionFailure(error, name) : error;
}

/** Counts what comes, and lets the disk catch up without holding up the socket. */
class Intake {
  readonly #progress: RetrieveProgress;
  readonly #onProgress: (progress: RetrieveProgress) => void;
  readonly #failed: FailedInstance[] = [];
  readonly #finishing = new Set<Promise<void>>();
  #failure: unknown;

  constructor({ onProgress }: Parts, expected: number | null) {
    this.#onProgress = onProgress;
    this.#progress = { expected, received: 0, failed: 0, bytes: 0 };
  }

  async write(writer: InstanceWriter, bytes: Uint8Array): Promise<void> {
    const { length } = bytes;
    await writer.write(bytes);
    this.#progress.bytes += length;
  }

  /** Resolves when there is room for the next instance. Throws what went wrong with an earlier one. */
  async finish(writer: InstanceWriter, askedUid?: string): Promise<void> {
    const work = writer
      .finish()
      .then((outcome) => {
        if (outcome.outcome !== 'refused' && outcome.outcome !== 'conflict') this.#progress.received++;
        else {
          const { sopInstanceUid = askedUid, reason = 'It was not taken in.' } = outcome;
          this.fail({ ...(sopInstanceUid !== undefined && { sopInstanceUid }), reason });
        }
        this.#onProgress({ ...this.#progress });
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#finishing.delete(work));
    this.#finishing.add(work);
    while (this.#finishing.size > MOST_FINISHING) await Promise.race(this.#finishing);
    this.#check();
  }

  fail(instance: FailedInstance): void {
    this.#failed.push(instance);
    this.#progress.failed++;
  }

  async settled(): Promise<void> {
    await Promise.all(this.#finishing);
  }

  result(): RetrieveResult {
    this.#check();
    const { expected, received, bytes } = this.#progress;
    return { expected, received, failed: this.#failed, warnings: [], bytes };
  }

  #check(): void {
    if (this.#failure === undefined) return;
    throw this.#failure instanceof Error ? this.#failure : new LecternError('internal', String(this.#failure));
  }
}
