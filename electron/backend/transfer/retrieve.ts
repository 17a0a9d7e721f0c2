// Brings a study from a node into the archive, whole: what the node has is compared with what arrived, series by series, and only
// what is missing is asked for again, with growing pauses. Never calls a part a whole.
import { setTimeout as delay } from 'node:timers/promises';
import type { ArchiveIndex } from '#backend/archive/archive-index.ts';
import type { FailedInstance, InstanceSink, RetrieveProgress, Selection, Source } from '#backend/sources/source.ts';
import { ERROR_TABLE, LecternError } from '#shared/contract/errors.ts';

export interface StudyTransfer {
  source: Source;
  sink: InstanceSink;
  index: ArchiveIndex;
  selection: Selection;
  /** Of the node, for messages. */
  name: string;
  onProgress(progress: RetrieveProgress): void;
  signal: AbortSignal;
  /** Tries after the first one. */
  retries: number;
}

export interface TransferResult {
  /** Instances that the node says it has of this; null where it does not say. */
  expected: number | null;
  /** Of these, in the archive now. */
  received: number;
  failed: FailedInstance[];
  warnings: string[];
  bytes: number;
}

const FIRST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 30_000;

/** What a node says that a series holds. */
export interface SeriesExpectation {
  seriesUid: string;
  /** Null where it does not say. */
  count: number | null;
}

/** Resolves also when something is missing: compare `expected` and `received`. Rejects where the node cannot be asked at all. */
export async function retrieveWhole(transfer: StudyTransfer): Promise<TransferResult> {
  const { selection, signal, retries } = transfer;
  const isListedEmpty = await noteExpectation(transfer);
  const total: TransferResult = { expected: null, received: 0, failed: [], warnings: [], bytes: 0 };
  let pending = await startOf(transfer, total);
  if (pending.length === 0) return total;
  for (let attempt = 0; ; attempt++) {
    const failure = await attemptAll(transfer, pending, total);
    signal.throwIfAborted();
    // Nodes differ in what they answer when asked for what they do not have; their list said it already.
    if (isListedEmpty && total.received === 0 && !(failure && isRetryable(failure) && failure.code !== 'peer-failed'))
      throw new LecternError('not-found', `${transfer.name} does not have the study ${selection.studyUid}.`);
    if (failure && (attempt === retries || !isRetryable(failure))) {
      if (total.received === 0) throw failure;
      total.warnings.push(failure.message);
      return total;
    }
    if (!failure || total.received > 0) {
      const missing = await whatIsMissing(transfer, total).catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof LecternError) return error;
        throw error;
      });
      if (missing instanceof LecternError) {
        // The node gives no lists: what it announced is all there is to compare with.
        if (!failure) return total;
      } else {
        if (missing.length === 0) {
          // What came in a later try is here; what came with other content than ours is not.
          total.failed = total.failed.filter(
            ({ sopInstanceUid }) =>
              sopInstanceUid === undefined ||
              !transfer.index.locate(sopInstanceUid) ||
              transfer.index.conflictsWith(sopInstanceUid),
          );
          return total;
        }
        pending = missing;
      }
    }
    if (attempt === retries) return total;
    await delay(Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt), undefined, { signal });
  }
}

/** What to ask for first: all of it, or where a part is here already (an earlier try, a pause) only the rest. */
async function startOf(transfer: StudyTransfer, total: TransferResult): Promise<Selection[]> {
  const { index, selection, signal } = transfer;
  const { studyUid, seriesUid } = selection;
  if (!index.locateAll(seriesUid === undefined ? { studyUid } : { studyUid, seriesUid }).length) return [selection];
  try {
    const missing = await whatIsMissing(transfer, total);
    return total.expected === null ? [selection] : missing;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LecternError) return [selection];
    throw error;
  }
}

/** Keeps what the node says it has, so that a part is marked as one until it is whole. True when it lists nothing. */
async function noteExpectation(transfer: StudyTransfer): Promise<boolean> {
  const { studyUid, seriesUid, sopInstanceUids } = transfer.selection;
  if (sopInstanceUids) return false;
  try {
    const series = await seriesOf(transfer, studyUid, seriesUid);
    transfer.index.expect(studyUid, series);
    return series.length === 0;
  } catch (error) {
    transfer.signal.throwIfAborted();
    // A node that cannot list may still give; what it announces is then all there is.
    if (!(error instanceof LecternError)) throw error;
    return false;
  }
}

const isRetryable = (error: LecternError): boolean =>
  error.code.startsWith('peer-') && ERROR_TABLE[error.code].retryable;

/** Asks for each selection; gives the first failure of a connection. */
async function attemptAll(
  { source, sink, onProgress, signal }: StudyTransfer,
  selections: readonly Selection[],
  total: TransferResult,
): Promise<LecternError | undefined> {
  total.failed = [];
  for (const selection of selections) {
    const before = { received: total.received, bytes: total.bytes };
    let latest: RetrieveProgress | undefined;
    try {
      const result = await source.retrieve(
        selection,
        sink,
        (progress) => {
          latest = progress;
          onProgress({
            expected: total.expected ?? progress.expected,
            received: before.received + progress.received,
            failed: progress.failed,
            bytes: before.bytes + progress.bytes,
          });
        },
        signal,
      );
      total.received = before.received + result.received;
      total.bytes = before.bytes + result.bytes;
      // Of the first request only: later ones ask for what was missing.
      if (before.received === 0) total.expected ??= result.expected;
      total.failed.push(...result.failed);
      total.warnings.push(...result.warnings);
    } catch (error) {
      signal.throwIfAborted();
      total.received = before.received + (latest?.received ?? 0);
      total.bytes = before.bytes + (latest?.bytes ?? 0);
      if (before.received === 0) total.expected ??= latest?.expected ?? null;
      if (error instanceof LecternError) return error;
      throw error;
    }
  }
  return undefined;
}

/** Compares the node's series with the archive's. Selections of what is missing; none: all is here. */
async function whatIsMissing(transfer: StudyTransfer, total: TransferResult): Promise<Selection[]> {
  const { index, selection } = transfer;
  const { studyUid, seriesUid, sopInstanceUids } = selection;
  if (sopInstanceUids) {
    const missing = sopInstanceUids.filter((uid) => !index.locate(uid));
    total.expected = sopInstanceUids.length;
    total.received = sopInstanceUids.length - missing.length;
    return missing.length ? [{ ...selection, sopInstanceUids: missing }] : [];
  }
  const series = await seriesOf(transfer, studyUid, seriesUid);
  const missing: Selection[] = [];
  let expected: number | null = series.length ? 0 : null;
  let received = 0;
  for (const { seriesUid: uid, count } of series) {
    const here = index.locateAll({ studyUid, seriesUid: uid }).length;
    received += here;
    let known = count;
    if (count === null || here < count) {
      const { listed, absent } = await instancesOf(transfer, studyUid, uid);
      if (listed > 0) known = listed;
      if (absent.length) missing.push({ studyUid, seriesUid: uid, sopInstanceUids: absent });
    }
    expected = expected === null || known === null ? null : expected + known;
  }
  if (expected !== null) total.expected = expected;
  total.received = received;
  return missing;
}

async function seriesOf(
  { source, signal }: StudyTransfer,
  studyUid: string,
  seriesUid: string | undefined,
): Promise<SeriesExpectation[]> {
  const keys = [{ path: ['0020000D'], vr: 'UI', value: studyUid }];
  if (seriesUid !== undefined) keys.push({ path: ['0020000E'], vr: 'UI', value: seriesUid });
  const found: SeriesExpectation[] = [];
  for await (const answer of source.query({ level: 'series', keys, include: ['00201209'] }, signal)) {
    if (answer.kind !== 'match') continue;
    const uid = answer.dataset['0020000E']?.Value?.[0];
    if (typeof uid !== 'string') continue;
    const count = Number(answer.dataset['00201209']?.Value?.[0] ?? Number.NaN);
    found.push({ seriesUid: uid, count: Number.isInteger(count) ? count : null });
  }
  return found;
}

/** How many instances of a series the node lists, and which of them the archive does not hold. */
async function instancesOf(
  { source, index, signal }: StudyTransfer,
  studyUid: string,
  seriesUid: string,
): Promise<{ listed: number; absent: string[] }> {
  const keys = [
    { path: ['0020000D'], vr: 'UI', value: studyUid },
    { path: ['0020000E'], vr: 'UI', value: seriesUid },
  ];
  const absent: string[] = [];
  let listed = 0;
  for await (const answer of source.query({ level: 'instance', keys, include: [] }, signal)) {
    const uid = answer.kind === 'match' ? answer.dataset['00080018']?.Value?.[0] : undefined;
    if (typeof uid !== 'string') continue;
    listed++;
    if (!index.locate(uid)) absent.push(uid);
  }
  return { listed, absent };
}
