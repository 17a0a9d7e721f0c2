// One try at bringing what is selected: asked for over several connections, and counted together.
import { waitAskedIn } from '#backend/sources/dicomweb/http-client.ts';
import type { RetrieveProgress, Selection } from '#backend/sources/source.ts';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import type { Arrivals } from './arrivals.ts';
import type { SeriesExpectation } from './node-lists.ts';
import type { StudyTransfer, TransferResult } from './retrieve.ts';

/** May come of what was asked for; the next series may be well. */
const OF_ONE_SELECTION = new Set<ErrorCode>([
  'peer-failed',
  'peer-aborted',
  'peer-closed',
  'peer-protocol',
  'not-found',
]);
const MOST_FAILURES_IN_ROW = 3;
export interface Asked {
  /** The first of a connection. */
  failure: LecternError | undefined;
  /** Instances that came, as many as the node announced and none of them failed; else null. */
  given: number | null;
}

/** Asks for the selections, so many at a time. */
export async function askAll(
  { source, onProgress, pause, signal: ended, connections }: StudyTransfer,
  arrivals: Arrivals,
  selections: readonly Selection[],
  total: TransferResult,
  listed: readonly SeriesExpectation[] | undefined,
): Promise<Asked> {
  total.failed = [];
  total.warnings = [];
  const signal = AbortSignal.any([ended, arrivals.full]);
  const { received: receivedBefore } = total;
  arrivals.startFrom(receivedBefore);
  const shares = selections.map((): RetrieveProgress => ({ expected: null, received: 0, failed: 0, bytes: 0 }));
  const expected = total.expected ?? sumOrNull(listed?.map(({ count }) => count) ?? []);
  const count = (): void => {
    total.received = arrivals.count;
    total.bytes = arrivals.bytes;
  };
  let queue = [...selections.entries()];
  const failed: typeof queue = [];
  let failure: LecternError | undefined;
  let waitMs = 0;
  const work = async (): Promise<void> => {
    let failuresInRow = 0;
    for (let next; (next = queue.shift());) {
      const [index, selection] = next;
      try {
        const result = await source.retrieve(
          selection,
          arrivals,
          (progress) => {
            shares[index] = progress;
            count();
            const announced = sumOrNull(shares.map((share) => share.expected));
            onProgress({
              expected: atLeast(total.received, expected ?? announced),
              received: total.received,
              failed: shares.reduce((all, { failed: some }) => all + some, 0),
              bytes: total.bytes,
            });
          },
          signal,
        );
        failuresInRow = 0;
        shares[index] = { ...result, failed: result.failed.length };
        total.failed.push(...result.failed);
        for (const warning of result.warnings) warn(total, warning);
      } catch (error) {
        if (!(error instanceof LecternError)) throw error;
        failure ??= error;
        waitMs = Math.max(waitMs, waitAskedIn(error));
        failed.push(next);
        if (!OF_ONE_SELECTION.has(error.code) || ++failuresInRow === MOST_FAILURES_IN_ROW) return;
      }
    }
  };
  // All of them end before anybody goes on: who is left alone would still be writing.
  const width = Math.min(connections, selections.length);
  const ends = await Promise.allSettled(Array.from({ length: width }, work));
  // Many a system allows one connection, and refuses or keeps waiting the others: once more, alone.
  if (failed.length > 0 && width > 1 && !signal.aborted) {
    if (failure && waitMs > 0) await pause(waitMs, failure.message);
    queue = [...failed.splice(0), ...queue];
    failure = undefined;
    ends.push(...(await Promise.allSettled([work()])));
  }
  ended.throwIfAborted();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  count();
  const announced = sumOrNull(shares.map((share) => share.expected));
  // Of the first request only: later ones ask for what was missing.
  if (receivedBefore === 0) total.expected ??= announced;
  const came = shares.reduce((all, share) => all + share.received, 0);
  return {
    failure: failed.length > 0 ? failure : undefined,
    given: total.failed.length === 0 && announced === came ? came : null,
  };
}

/** What came is there, though the node counted less. */
export const atLeast = (came: number, expected: number | null): number | null =>
  expected === null ? null : Math.max(came, expected);

/** Null where one of them is not known, or there is none. */
export const sumOrNull = (counts: readonly (number | null)[]): number | null =>
  counts.length === 0 ? null : counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);

/** Once, though each try may say it. */
export function warn({ warnings }: TransferResult, text: string): void {
  if (!warnings.includes(text)) warnings.push(text);
}
