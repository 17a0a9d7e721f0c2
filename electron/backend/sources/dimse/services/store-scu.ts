// C-STORE as SCU (PS3.4 B, PS3.7 9.1.1): instances as they are stored, each with its own outcome. A context that is refused,
// or an instance that fails, does not stop the others.
import { LecternError } from '#shared/contract/errors.ts';
import { DEFLATED, transferSyntaxName } from '#shared/dicom/transfer-syntaxes.ts';
import type { OutgoingInstance, StoreOutcome } from '../../source.ts';
import { COMMAND } from '../message/command-set.ts';
import { statusOf, statusText } from '../message/status.ts';
import type { DimseNode } from '../node.ts';
import { MAX_PROPOSALS, requestAssociation, type OpenAssociation, type Proposal } from '../request-association.ts';
import { sopClassName } from '../tables/storage-sop-classes.ts';
import { settingsOf } from './with-association.ts';

/** Associations in a row that may end without a single instance through, before the rest is given up. */
const MAX_BARREN = 2;

interface Work {
  index: number;
  instance: OutgoingInstance;
  dataset: ReadAhead;
}

/** Outcomes in the order of `instances`. Rejects when the first association cannot be had, and with the signal's reason. */
export async function storeInstances(
  node: DimseNode,
  instances: readonly OutgoingInstance[],
  onOutcome: (outcome: StoreOutcome) => void,
  signal: AbortSignal,
): Promise<StoreOutcome[]> {
  const outcomes: StoreOutcome[] = [];
  const settle = (index: number, outcome: StoreOutcome): void => {
    outcomes[index] = outcome;
    onOutcome(outcome);
  };
  for (const batch of batches(instances)) await storeBatch(node, batch, settle, signal);
  return outcomes;
}

interface Batch {
  proposals: Proposal[];
  items: { index: number; instance: OutgoingInstance }[];
}

/** One context for each SOP class and transfer syntax: the acceptor cannot choose another (PS3.8 9.3.2.2). */
function batches(instances: readonly OutgoingInstance[]): Batch[] {
  const made: (Batch & { keys: Set<string> })[] = [];
  for (const [index, instance] of instances.entries()) {
    const { sopClassUid, transferSyntaxUid } = instance;
    const key = `${sopClassUid} ${transferSyntaxUid}`;
    let batch = made.find(({ keys }) => keys.has(key)) ?? made.find(({ keys }) => keys.size < MAX_PROPOSALS);
    if (!batch) {
      batch = { proposals: [], items: [], keys: new Set() };
      made.push(batch);
    }
    if (!batch.keys.has(key)) {
      batch.keys.add(key);
      batch.proposals.push({ abstractSyntaxUid: sopClassUid, transferSyntaxUids: [transferSyntaxUid] });
    }
    batch.items.push({ index, instance });
  }
  return made;
}

type Settle = (index: number, outcome: StoreOutcome) => void;

async function storeBatch(node: DimseNode, batch: Batch, settle: Settle, signal: AbortSignal): Promise<void> {
  const waiting = [...batch.items];
  for (let barren = 0; waiting.length > 0;) {
    signal.throwIfAborted();
    let open: OpenAssociation;
    try {
      open = await openFor(node, batch, signal);
    } catch (error) {
      // Nothing was tried yet: this is no failure of an instance.
      if (waiting.length === batch.items.length || !(error instanceof LecternError)) throw error;
      for (const { index, instance } of waiting.splice(0)) settle(index, failed(instance, error.message));
      return;
    }
    const before = waiting.length;
    const over = new AbortController();
    const others = helpers(node, batch, waiting, settle, { signal, over: over.signal });
    const failure = await storeOn(open, waiting, settle, signal).finally(() => {
      over.abort();
      return others;
    });
    if (!failure && waiting.length === 0) return;
    signal.throwIfAborted();
    // The one that was under way has failed and is off the list; was it the only one?
    barren = before - waiting.length > 1 ? 0 : barren + 1;
    if (barren < MAX_BARREN) continue;
    for (const { index, instance } of waiting.splice(0))
      settle(index, failed(instance, `Not sent: ${failure?.message ?? 'the connection ended.'}`));
  }
}

const openFor = (node: DimseNode, { proposals }: Batch, signal: AbortSignal): Promise<OpenAssociation> =>
  requestAssociation(node, {
    proposals,
    settings: settingsOf(node),
    signal,
    ...(node.maxInvoked !== undefined && { maxInvoked: node.maxInvoked }),
  });

/** Further associations that take from the same list. One that cannot be had or ends early leaves its rest to the first; `over`
 * ends the waiting for those that a peer with room for one keeps in its queue. */
async function helpers(
  node: DimseNode,
  batch: Batch,
  waiting: Batch['items'],
  settle: Settle,
  { signal, over }: { signal: AbortSignal; over: AbortSignal },
): Promise<void> {
  const count = Math.min(node.storeAssociations ?? 1, waiting.length) - 1;
  const help = async (): Promise<void> => {
    const open = await openFor(node, batch, AbortSignal.any([signal, over]));
    await storeOn(open, waiting, settle, signal);
  };
  await Promise.allSettled(Array.from({ length: Math.max(0, count) }, help));
}

/** Sends until all is sent or the association ends; gives why it ended. `waiting` keeps what was not tried. */
async function storeOn(
  open: OpenAssociation,
  waiting: { index: number; instance: OutgoingInstance }[],
  settle: Settle,
  signal: AbortSignal,
): Promise<LecternError | undefined> {
  const { association } = open;
  const stop = (): void => association.abort(new LecternError('peer-aborted', 'Sending was cancelled here.'));
  signal.addEventListener('abort', stop);
  const underway = new Set<Promise<void>>();
  try {
    let next = takeNext(waiting, open, settle);
    while (next && association.isOpen) {
      const current = next;
      const sent = storeOne(open, current, settle).finally(() => underway.delete(sent));
      underway.add(sent);
      // The next one is being read while this one is answered.
      next = takeNext(waiting, open, settle);
      while (underway.size >= open.maxInvoked) await Promise.race(underway);
    }
    await Promise.all(underway);
    if (next) {
      next.dataset.close();
      waiting.unshift(next);
    }
    if (!association.isOpen || next) return (await association.ended).error;
    await association.release();
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The next one that the peer takes; those that it does not take are settled on the way. */
function takeNext(
  waiting: { index: number; instance: OutgoingInstance }[],
  open: OpenAssociation,
  settle: Settle,
): Work | undefined {
  for (let item; (item = waiting.shift());) {
    const { index, instance } = item;
    if (open.association.contextFor(instance.sopClassUid, instance.transferSyntaxUid))
      return { index, instance, dataset: readAhead(instance.dataset()) };
    settle(index, refused(instance, open));
  }
  return undefined;
}

async function storeOne(open: OpenAssociation, { index, instance, dataset }: Work, settle: Settle): Promise<void> {
  const { sopClassUid, sopInstanceUid, transferSyntaxUid } = instance;
  const context = open.association.contextFor(sopClassUid, transferSyntaxUid);
  if (!context) return settle(index, refused(instance, open));
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of dataset.pieces) {
      bytes += piece.length;
      yield piece;
    }
    const isOdd = bytes % 2 === 1;
    if (isOdd && transferSyntaxUid !== DEFLATED)
      throw new LecternError(
        'cannot-decode',
        'The stored data set has an odd number of bytes, which DICOM does not allow to be sent.',
      );
    // PS3.5 A.5: a deflated data set of odd length is padded.
    if (isOdd) yield Uint8Array.of(0);
    if (bytes !== instance.sizeBytes)
      throw new LecternError(
        'internal',
        `The stored data set has ${bytes} bytes, and ${instance.sizeBytes} were expected.`,
      );
  };
  try {
    const operation = open.association.operate(
      context.id,
      {
        commandField: COMMAND.storeRq,
        affectedSopClassUid: sopClassUid,
        affectedSopInstanceUid: sopInstanceUid,
        priority: 0,
      },
      counted(),
    );
    const { status, command } = await operation.next();
    const { category } = statusOf('store', status);
    const reason = `The other system answered with ${statusText('store', status, command.errorComment)}.`;
    if (category === 'success') settle(index, { sopClassUid, sopInstanceUid, outcome: 'sent', status, bytes });
    else {
      const outcome = category === 'warning' ? 'warning' : 'failed';
      settle(index, { sopClassUid, sopInstanceUid, outcome, status, reason, bytes });
    }
  } catch (error) {
    const reason = error instanceof LecternError ? error.message : 'Sending failed.';
    settle(index, { ...failed(instance, reason), bytes });
  } finally {
    dataset.close();
  }
}

const failed = ({ sopClassUid, sopInstanceUid }: OutgoingInstance, reason: string): StoreOutcome => ({
  sopClassUid,
  sopInstanceUid,
  outcome: 'failed',
  reason,
  bytes: 0,
});

function refused(
  { sopClassUid, sopInstanceUid, transferSyntaxUid }: OutgoingInstance,
  open: OpenAssociation,
): StoreOutcome {
  const why = open.refused.find(
    (context) => context.abstractSyntaxUid === sopClassUid && context.transferSyntaxUids.includes(transferSyntaxUid),
  )?.reason;
  const reason = `The other system does not take ${sopClassName(sopClassUid)} in ${transferSyntaxName(transferSyntaxUid)}: ${why ?? 'not answered'}.`;
  return { sopClassUid, sopInstanceUid, outcome: 'refused', reason, bytes: 0 };
}

interface ReadAhead {
  pieces: AsyncIterable<Uint8Array>;
  /** Lets go of what is read from, however far it was read. */
  close(): void;
}

/** Starts to read before anybody asks. */
function readAhead(source: AsyncIterable<Uint8Array>): ReadAhead {
  const iterator = source[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<Uint8Array>> | undefined = iterator.next();
  // Seen by whoever reads it.
  first.catch(() => undefined);
  const pieces: AsyncIterator<Uint8Array> = {
    next: () => {
      const ready = first ?? iterator.next();
      first = undefined;
      return ready;
    },
  };
  return {
    pieces: { [Symbol.asyncIterator]: () => pieces },
    close: () => void iterator.return?.().then(undefined, () => undefined),
  };
}
