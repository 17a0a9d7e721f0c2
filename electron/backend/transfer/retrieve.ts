// Brings a study from a node into the archive, whole: what the node has is compared with what arrived, series by series, and only
// what is missing is asked for again, with growing pauses. Never calls a part a whole.
import type { ArchiveIndex } from '#backend/archive/archive-index.ts';
import type { FailedInstance, InstanceSink, RetrieveProgress, Selection, Source } from '#backend/sources/source.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { Arrivals } from './arrivals.ts';
import { askAll, atLeast, sumOrNull, warn } from './ask-all.ts';
import { ListComparison, type Comparison } from './compare-lists.ts';
import { misplacedWords } from './misplaced-words.ts';
import { seriesOf, type Holdings, type Place, type SeriesExpectation } from './node-lists.ts';
import { isRetryable, mayPass, pauseMs, saysNothingOfNode } from './retry-policy.ts';
import { splitSeries } from './split-series.ts';

export interface StudyTransfer {
  source: Source;
  sink: InstanceSink;
  index: Holdings & Pick<ArchiveIndex, 'conflictsWith' | 'expect'>;
  selection: Selection;
  /** Of the node, for messages. */
  name: string;
  onProgress(progress: RetrieveProgress): void;
  /** Instances of a study that came though they were not asked for; they are in the archive. Told at the end, however it ends. */
  onUnasked(studyUid: string, count: number): void;
  /** Waits before the next try, since the last one came to nothing for this reason. Rejects once the signal is aborted. */
  pause(ms: number, reason: string): Promise<void>;
  signal: AbortSignal;
  /** Tries after the first one. */
  retries: number;
  /** Connections that fetch at a time, each some of the series. */
  connections: number;
}

export interface TransferResult {
  /** Instances that the node says it has of this; null where it does not say. */
  expected: number | null;
  /** Of these, in the archive now; those that are cut too. */
  received: number;
  failed: FailedInstance[];
  /** Came cut, each time, and are kept so. */
  cut: FailedInstance[];
  /** Came now, are in the archive, and name another patient than the study that they belong to. */
  ofOtherPatient: FailedInstance[];
  warnings: string[];
  /** Listed of this and here under another study, or another series where one was asked for: among the failed, and asking again brings
   * no others. */
  elsewhere?: ReadonlyMap<string, Place>;
  /** Received, and here under another series of the study than the node lists them in. */
  inOtherSeries?: ReadonlyMap<string, Place>;
  /** Of what was taken in. */
  bytes: number;
  /** Our disk is full, which ended it at once. */
  stopped?: LecternError;
}

/** A list that contradicts another is mostly one that changed, or was cut or damaged on its way; the next one is right. */
const DOUBT_RETRIES = 3;

/** Resolves also when something is missing: compare `expected` and `received`, and look at `stopped`. Rejects where the node cannot be asked at all. */
export async function retrieveWhole(transfer: StudyTransfer): Promise<TransferResult> {
  const arrivals = new Arrivals(transfer.sink, transfer.selection, transfer.index);
  const words = (listed?: TransferResult['elsewhere']): string[] =>
    [...arrivals.unasked].flatMap(([studyUid, uids]) => {
      const size = [...uids].filter((uid) => !listed?.has(uid)).length;
      if (size === 0) return [];
      const which =
        studyUid === transfer.selection.studyUid ? 'other series of the study' : `another study (${studyUid})`;
      return `${size} instances of ${which} came from ${transfer.name}, though nobody asked for them: they are kept.`;
    });
  try {
    const result = await bring(transfer, arrivals);
    conclude(transfer, arrivals, result);
    result.warnings.push(...misplacedWords(transfer, result), ...words(result.elsewhere));
    return result;
  } catch (error) {
    if (!(error instanceof LecternError) || arrivals.unasked.size === 0) throw error;
    throw new LecternError(error.code, [error.message, ...words()].join(' '), { cause: error });
  } finally {
    for (const [studyUid, { size }] of arrivals.unasked) transfer.onUnasked(studyUid, size);
  }
}

async function bring(transfer: StudyTransfer, arrivals: Arrivals): Promise<TransferResult> {
  const { selection, signal, retries, name } = transfer;
  const listed = await noteExpectation(transfer);
  const isListedEmpty = listed?.length === 0;
  const total: TransferResult = {
    expected: null,
    received: 0,
    failed: [],
    cut: [],
    ofOtherPatient: [],
    warnings: [],
    bytes: 0,
  };
  const lists = new ListComparison(transfer);
  let pending = await startOf(transfer, lists, total, listed ?? []);
  if (pending.length === 0) return total;
  if (transfer.connections > 1) lists.readAhead();
  let refusals = 0;
  for (let attempt = 0; ; attempt++) {
    const { failure, given } = await askAll(transfer, arrivals, arrivals.worthAsking(pending), total, listed);
    signal.throwIfAborted();
    const { full } = arrivals;
    if (full.aborted) {
      total.expected ??= sumOrNull(listed?.map(({ count }) => count) ?? []);
      return { ...total, stopped: full.reason as LecternError };
    }
    // Nodes differ in what they answer when asked for what they do not have; their list said it already.
    if (isListedEmpty && total.received === 0 && !(failure && isRetryable(failure) && failure.code !== 'peer-failed'))
      throw new LecternError('not-found', `${transfer.name} does not have the study ${selection.studyUid}.`);
    refusals = failure?.code === 'peer-credentials' ? refusals + 1 : 0;
    const hasAnswered = listed !== undefined || total.received > 0;
    if (failure && (attempt === retries || !(hasAnswered ? mayPass(failure, refusals) : isRetryable(failure)))) {
      if (total.received === 0) throw failure;
      warn(total, failure.message);
      nameMissing(transfer, arrivals, pending, total);
      if (total.expected === null && total.failed.length === 0)
        total.failed.push({ reason: `It broke off, and what was still to come is not known: ${failure.message}` });
      return total;
    }
    if (!failure) lists.noteGiven(pending);
    if (!failure || total.received > 0) {
      // Something speaks against a count that is reached: it broke off, the node counted others than came, or others brought some.
      if (failure || given === null || given !== transfer.index.damage.wholeCount(selection)) lists.doubtCounts();
      const unnamed = total.failed.filter(isUnnamed).length;
      const compared = await compareInTime(transfer, lists, arrivals, failure ? 0 : retries, listed !== undefined);
      if (compared instanceof LecternError) {
        // The node gives no lists: what it announced is all there is to compare with.
        if (!failure && total.received === 0 && total.failed.length === 0)
          throw new LecternError('not-found', `${transfer.name} gives nothing of the study ${selection.studyUid}.`);
        total.expected ??= sumOrNull(listed?.map(({ count }) => count) ?? []);
        if (!failure) {
          if (listed) warn(total, compared.message);
          return total;
        }
      } else {
        take(transfer, compared, total);
        const { missing, isListed, isCut } = compared;
        const isMore = arrivals.worthAsking(missing).length > 0;
        const unlisted = unlistedOf(compared, arrivals);
        // More than the lists say may have been under way when it broke off.
        if (!isMore && !((isCut || unlisted > 0 || !isListed) && failure)) {
          // What came in a later try is here; what came with other content than ours is not.
          total.failed = total.failed.filter(
            ({ sopInstanceUid }) =>
              sopInstanceUid === undefined ||
              !transfer.index.damage.isWhole(sopInstanceUid) ||
              transfer.index.conflictsWith(sopInstanceUid),
          );
          nameMissing(transfer, arrivals, missing, total);
          const isContradicted = unnamed > 0 && isListed && missing.length === 0;
          if (isContradicted) total.failed = total.failed.filter((failed) => !isUnnamed(failed));
          // Of what was tried on the way.
          if (total.failed.length === 0) total.warnings = [];
          if (isContradicted)
            warn(
              total,
              `${name} contradicts itself: it counts ${unnamed} that it could not send and names none, but all that it lists is here.`,
            );
          if (isCut) warn(total, `${name} does not list all that it has: compare the study with it.`);
          if (unlisted > 0) {
            // What is here may stand in no list: it came all the same.
            total.received = transfer.index.damage.wholeCount(selection);
            total.expected = total.received + unlisted;
            warn(total, `${name} contradicts itself: it counts ${unlisted} instances that it neither lists nor gives.`);
          }
          return total;
        }
        if (missing.length > 0) pending = missing;
      }
    }
    if (attempt === retries) {
      nameMissing(transfer, arrivals, pending, total);
      return total;
    }
    const came = `${name} gave ${total.received} of ${total.expected ?? 'an unknown number of'} instances so far.`;
    await transfer.pause(pauseMs(attempt, failure), failure?.message ?? came);
  }
}

/** What stays cut is here: it is told apart from what is not. */
function conclude({ selection }: StudyTransfer, { cut, ofOtherPatient }: Arrivals, total: TransferResult): void {
  const listOf = (which: ReadonlyMap<string, string>): FailedInstance[] =>
    [...which].map(([sopInstanceUid, reason]) => ({ sopInstanceUid, reason }));
  total.cut = listOf(cut);
  total.ofOtherPatient = listOf(ofOtherPatient);
  total.failed = total.failed.filter(
    ({ sopInstanceUid = '' }) => !cut.has(sopInstanceUid) && !total.elsewhere?.has(sopInstanceUid),
  );
  for (const [sopInstanceUid, { studyUid, seriesUid }] of total.elsewhere ?? []) {
    const where = studyUid === selection.studyUid ? `series, ${seriesUid}` : `study, ${studyUid}`;
    total.failed.push({ sopInstanceUid, reason: `It is here under another ${where}.` });
  }
  total.received += cut.size;
  total.expected = atLeast(total.received, total.expected);
}

/** A failure that the node counts and does not name. */
const isUnnamed = ({ sopInstanceUid }: FailedInstance): boolean => sopInstanceUid === undefined;

/** Instances that a node counts, and names none of them that is not here whole: there is nothing to ask for. */
const unlistedOf = ({ expected, received, missing, elsewhere }: Comparison, { cut }: Arrivals): number =>
  expected === null || missing.length > 0 ? 0 : Math.max(0, expected - received - cut.size - elsewhere.size);

/** The comparison, tried again where the connection broke, the node gave a list before, or its lists contradict each other; the
 * error of a node that gives none. */
async function compareInTime(
  { pause, signal, name }: StudyTransfer,
  lists: ListComparison,
  arrivals: Arrivals,
  retries: number,
  hasListed: boolean,
): Promise<Comparison | LecternError> {
  for (let attempt = 0; ; attempt++) {
    const compared = await lists.compare().catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof LecternError) return error;
      throw error;
    });
    if (attempt === retries) return compared;
    if (!(compared instanceof LecternError)) {
      const unlisted = unlistedOf(compared, arrivals);
      if (unlisted === 0 || attempt >= DOUBT_RETRIES) return compared;
      await pause(pauseMs(attempt), `${name} counts ${unlisted} instances that it does not list.`);
      continue;
    }
    if (!saysNothingOfNode(compared) && !(hasListed && mayPass(compared, attempt + 1))) return compared;
    await pause(pauseMs(attempt, compared), compared.message);
  }
}

/** Each instance that was asked for one by one and is not here whole, by its UID; a peer that only counts failures says less. */
function nameMissing(
  { index }: StudyTransfer,
  arrivals: Arrivals,
  pending: readonly Selection[],
  total: TransferResult,
): void {
  const absent = pending
    .flatMap(({ sopInstanceUids = [] }) => sopInstanceUids)
    .filter((uid) => !index.damage.isWhole(uid));
  if (absent.length === 0) return;
  const nameless = arrivals.refusalOf('');
  const instead = nameless && `It did not come, but something that names no instance: ${nameless}`;
  const named = new Map(total.failed.map((failed) => [failed.sopInstanceUid, failed]));
  named.delete(undefined);
  for (const sopInstanceUid of absent)
    if (!named.has(sopInstanceUid))
      named.set(sopInstanceUid, {
        sopInstanceUid,
        reason: arrivals.refusalOf(sopInstanceUid) ?? instead ?? 'It did not come.',
      });
  total.failed = [...named.values()];
}

/** What to ask for first: all of it, or where a part is here already (an earlier try, a pause) only the rest. */
async function startOf(
  transfer: StudyTransfer,
  lists: ListComparison,
  total: TransferResult,
  listed: readonly SeriesExpectation[],
): Promise<Selection[]> {
  const { index, selection, signal, connections } = transfer;
  const { studyUid, seriesUid } = selection;
  if (index.damage.wholeCount({ studyUid, seriesUid }) === 0) {
    if (seriesUid !== undefined || connections === 1 || listed.length < 2) return [selection];
    return splitSeries(listed, connections).map((seriesUids) => ({ ...selection, seriesUids }));
  }
  try {
    const compared = await lists.compare();
    take(transfer, compared, total);
    return compared.expected === null || compared.isCut ? [selection] : compared.missing;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LecternError) return [selection];
    throw error;
  }
}

function take({ index, selection, name }: StudyTransfer, compared: Comparison, total: TransferResult): void {
  const { expected, received, elsewhere, inOtherSeries, withoutThose } = compared;
  if (expected !== null) total.expected = expected;
  Object.assign(total, { received, elsewhere, inOtherSeries });
  // They are here, and not to be marked as missing from the study that has them.
  if (withoutThose.length > 0) index.expect(selection.studyUid, name, withoutThose, { isWhole: false });
}

/** Keeps what the node says it has, so that a part is marked as one until it is whole. Gives the list; undefined: there is none,
 * or only a part of it. */
async function noteExpectation(transfer: StudyTransfer): Promise<SeriesExpectation[] | undefined> {
  const { studyUid, seriesUid, sopInstanceUids } = transfer.selection;
  if (sopInstanceUids) return undefined;
  try {
    const { series, isWhole } = await seriesOf(transfer, transfer.selection);
    transfer.index.expect(studyUid, transfer.name, series, { isWhole: isWhole && seriesUid === undefined });
    return isWhole ? series : undefined;
  } catch (error) {
    transfer.signal.throwIfAborted();
    // A node that cannot list may still give; what it announces is then all there is.
    if (!(error instanceof LecternError)) throw error;
    return undefined;
  }
}
