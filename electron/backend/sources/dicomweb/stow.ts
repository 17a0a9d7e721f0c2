// STOW-RS as a client (PS3.18 10.5): instances streamed from the archive in batches, the fate of each read from the answer.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import { itemsOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { part10Head } from '../part10-head.ts';
import type { OutgoingInstance, StoreOutcome } from '../source.ts';
import { peerDataset } from './peer-json.ts';
import { isNotNow, textOf, waitAskedIn, type HttpClient } from './http-client.ts';

const MOST_BATCH_INSTANCES = 50;
const MOST_BATCH_BYTES = 64 * 1024 * 1024;
const BATCHES_AT_ONCE = 2;
/** It will not take the next batch either. */
const REFUSALS = new Set<ErrorCode>(['peer-rejected', 'peer-credentials']);
const LISTS_FATES = new Set([200, 202, 409]);
/** Said of a whole batch where one of it may be at fault. */
const REFUSES_BATCH = new Set([400, 409, 413, 415, 422, 500]);
/** That many were refused one by one, and none was taken: the node takes none of the others either. */
const MAX_LONE_REFUSALS = 10;
/** Batches in a row that may come to no answer, before the rest is given up. */
const MAX_BARREN = 2;
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;

/** Rejects where nothing at all came through: the node is gone, or takes none of our credentials. */
export async function store(
  http: HttpClient,
  instances: readonly OutgoingInstance[],
  onOutcome: (outcome: StoreOutcome) => void,
  signal: AbortSignal,
): Promise<StoreOutcome[]> {
  const outcomes = new Map<OutgoingInstance, StoreOutcome>();
  let hasTaken = false;
  let loneRefusals = 0;
  const reception: Reception = {
    refusal: undefined,
    settle: (instance, outcome) => {
      outcomes.set(instance, outcome);
      hasTaken ||= outcome.outcome === 'sent' || outcome.outcome === 'warning';
      onOutcome(outcome);
    },
    refused: (instance, outcome) => {
      reception.settle(instance, outcome);
      if (!hasTaken && ++loneRefusals === MAX_LONE_REFUSALS) reception.refusal = outcome;
    },
  };
  const queue = batches(instances)[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  let broken: unknown;
  let barren = 0;
  const work = async (): Promise<void> => {
    // All of them end before anybody goes on: who is left alone would still be sending.
    for (let next; !failure && !reception.refusal && barren < MAX_BARREN && !(next = queue.next()).done;) {
      try {
        await sendBatch(http, next.value, reception, signal);
        barren = 0;
      } catch (error) {
        const isBroken = error instanceof LecternError && !REFUSALS.has(error.code) && !signal.aborted;
        if (!isBroken) failure ??= { error };
        broken ??= error;
        barren++;
      }
    }
  };
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, work));
  if (failure) throw failure.error;
  if (broken !== undefined && outcomes.size === 0) throw broken;
  const { refusal } = reception;
  const why = broken instanceof LecternError ? `Not sent: ${broken.message}` : 'It was not sent.';
  const refused = `Not sent by itself, since the first ${MAX_LONE_REFUSALS} were refused and none was taken: ${refusal?.reason}`;
  const restOf = (instance: OutgoingInstance): StoreOutcome =>
    refusal
      ? { ...refusal, ...outcomeOf(instance, 'failed', refused) }
      : { ...outcomeOf(instance, 'failed', why), isUntried: true, waitMs: waitAskedIn(broken) };
  for (const instance of instances) if (!outcomes.has(instance)) reception.settle(instance, restOf(instance));
  return instances.map((instance) => outcomes.get(instance) ?? restOf(instance));
}

function* batches(instances: readonly OutgoingInstance[]): Generator<OutgoingInstance[]> {
  let batch: OutgoingInstance[] = [];
  let bytes = 0;
  for (const instance of instances) {
    if (batch.length && (batch.length === MOST_BATCH_INSTANCES || bytes + instance.sizeBytes > MOST_BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(instance);
    bytes += instance.sizeBytes;
  }
  if (batch.length) yield batch;
}

/** What becomes of the instances of all batches. */
interface Reception {
  settle: (instance: OutgoingInstance, outcome: StoreOutcome) => void;
  /** The same for one that was refused though it went by itself. */
  refused: Reception['settle'];
  /** Once it is there, nothing more is sent. */
  refusal: StoreOutcome | undefined;
}

/** Rejects where no answer came, or none that speaks of instances. */
async function sendBatch(
  http: HttpClient,
  batch: readonly OutgoingInstance[],
  reception: Reception,
  signal: AbortSignal,
): Promise<void> {
  if (reception.refusal) return;
  const boundary = `lectern-${randomUUID()}`;
  const unreadable: { instance?: OutgoingInstance; error?: unknown } = {};
  let answer: IncomingMessage;
  try {
    answer = await http.request('/studies', {
      method: 'POST',
      accept: 'application/dicom+json',
      contentType: `multipart/related; type="application/dicom"; boundary=${boundary}`,
      body: () => bodyOf(batch, boundary, (instance, error) => Object.assign(unreadable, { instance, error })),
      signal,
    });
  } catch (error) {
    const { instance } = unreadable;
    if (!instance || signal.aborted) throw error;
    // What was begun cannot be taken back; the others of the batch go again without the damaged one.
    const reason = unreadable.error instanceof LecternError ? unreadable.error.message : 'It cannot be read.';
    reception.settle(instance, outcomeOf(instance, 'failed', reason));
    const others = batch.filter((other) => other !== instance);
    return others.length ? sendBatch(http, others, reception, signal) : undefined;
  }
  const status = answer.statusCode ?? 0;
  // 409 says that none was stored and 202 that some were: both list what became of each (PS3.18 10.5.3.1).
  const listed = LISTS_FATES.has(status) ? await listedOutcomes(answer) : undefined;
  const type = (answer.headers['content-type'] ?? 'no media type').split(';')[0]?.slice(0, 80);
  const isRefusal = REFUSES_BATCH.has(status) && !listed?.fates.size;
  if (isRefusal && batch.length > 1) {
    answer.destroy();
    // Every other one: what is wrong with one is often wrong with those beside it.
    for (const parity of [0, 1]) {
      const part = batch.filter((_instance, at) => at % 2 === parity);
      await sendBatch(http, part, reception, signal);
    }
    return;
  }
  // How large the others are is not known from one that is too large.
  const settle = isRefusal && status !== 413 ? reception.refused : reception.settle;
  if (!listed) {
    const failure = await http.failure(answer);
    if (failure.code === 'peer-credentials' || isNotNow(status)) throw failure;
    // By itself it is too large: it is so the next time.
    const outcome = status === 413 ? 'refused' : 'failed';
    for (const instance of batch) settle(instance, { ...outcomeOf(instance, outcome, failure.message), status });
    return;
  }
  for (const instance of batch) {
    const { sopClassUid, sopInstanceUid, sizeBytes } = instance;
    const found = listed.fates.get(sopInstanceUid);
    // Some servers answer 200 to what they did not take, and list nothing.
    const unlisted = listed.isUnreadable
      ? `The peer answered HTTP ${status}, and what it says (${type}) cannot be read: whether it stored this instance is not known. Look there.`
      : `The peer answered HTTP ${status} but does not list this instance as stored.`;
    settle(
      instance,
      found
        ? { ...found, sopClassUid, sopInstanceUid, bytes: sizeBytes }
        : { ...outcomeOf(instance, 'failed', unlisted), status },
    );
  }
}

const outcomeOf = (
  { sopClassUid, sopInstanceUid, sizeBytes }: OutgoingInstance,
  outcome: StoreOutcome['outcome'],
  reason: string,
): StoreOutcome => ({ sopClassUid, sopInstanceUid, outcome, reason, bytes: sizeBytes });

async function* bodyOf(
  batch: readonly OutgoingInstance[],
  boundary: string,
  onUnreadable: (instance: OutgoingInstance, error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  // In the plainest form: some servers take neither a line break before the first boundary nor parameters of the media type.
  for (const [at, instance] of batch.entries()) {
    yield Buffer.from(`${at === 0 ? '' : '\r\n'}--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`);
    yield part10Head({ ...instance, sourceAet: '' });
    yield* readable(instance, onUnreadable);
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

/** The data set, telling of what fails in reading it, not of what fails in sending it. */
async function* readable(
  instance: OutgoingInstance,
  onUnreadable: (instance: OutgoingInstance, error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  const pieces = instance.dataset()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => {
        onUnreadable(instance, error);
        throw error;
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await pieces.return?.();
  }
}

type Fate = Pick<StoreOutcome, 'outcome' | 'status' | 'reason'>;

interface Listed {
  /** By SOP Instance UID. */
  fates: Map<string, Fate>;
  /** Something was said, and not in DICOM JSON, whatever was asked for. */
  isUnreadable: boolean;
}

/** Reads a Store Instances Response Module (PS3.18 I.2). */
async function listedOutcomes(answer: IncomingMessage): Promise<Listed> {
  const fates = new Map<string, Fate>();
  const written = await textOf(answer, MOST_ANSWER_BYTES);
  let datasets: readonly DicomJson[];
  try {
    // By itself, or in a list as queries answer it (PS3.18 F.2.1).
    const read: unknown[] = [JSON.parse(written)].flat();
    datasets = read.filter((each) => typeof each === 'object' && each !== null).map((each) => peerDataset(each));
  } catch {
    return { fates, isUnreadable: written.trim() !== '' };
  }
  const itemsIn = (tag: string): DicomJson[] => datasets.flatMap((dataset) => itemsOf(dataset, tag));
  for (const item of itemsIn('00081199')) {
    const warning = numberOf(item, '00081196');
    fates.set(
      uidOf(item),
      warning === undefined
        ? { outcome: 'sent' }
        : { outcome: 'warning', status: warning, reason: WARNINGS[warning] ?? `Stored with warning ${hex(warning)}.` },
    );
  }
  for (const item of itemsIn('00081198')) {
    const reason = numberOf(item, '00081197') ?? 0x0110;
    fates.set(uidOf(item), {
      outcome: 'failed',
      status: reason,
      reason: `${FAILURES[reason] ?? 'Not stored'} (${hex(reason)}).`,
    });
  }
  return { fates, isUnreadable: false };
}

const hex = (code: number): string => `0x${code.toString(16).toUpperCase().padStart(4, '0')}`;
const uidOf = (item: DicomJson): string => String(item['00081155']?.Value?.[0] ?? '');
function numberOf(item: DicomJson, tag: string): number | undefined {
  const value = Number(item[tag]?.Value?.[0] ?? Number.NaN);
  return Number.isInteger(value) ? value : undefined;
}

/** PS3.18 table I.2-2. */
const WARNINGS: Record<number, string> = {
  0xb000: 'Stored, but data elements were coerced.',
  0xb006: 'Stored, but elements were discarded.',
  0xb007: 'Stored, though the data set does not match its SOP class.',
};
const FAILURES: Record<number, string> = {
  0x0110: 'Processing failure',
  0x0111: 'The peer has this instance already with other content',
  0x0112: 'No such instance',
  0x0122: 'The peer does not take this SOP class',
  0x0124: 'Not authorised',
  0xa700: 'The peer is out of resources',
  0xa900: 'The data set does not match its SOP class',
  0xc000: 'The peer cannot understand it',
  0xc122: 'The peer does not take this transfer syntax',
};
