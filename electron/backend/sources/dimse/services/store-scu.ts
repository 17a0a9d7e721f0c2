// C-STORE as SCU (PS3.4 B, PS3.7 9.1.1): instances as they are stored, or without compression where the peer takes no other, each
// with its own outcome. A context that is refused, or an instance that fails, does not stop the others.
import { setImmediate as turn } from 'node:timers/promises';
import { LecternError } from '#shared/contract/errors.ts';
import { isDeflated, transferSyntaxName } from '#shared/dicom/transfer-syntaxes.ts';
import type { OutgoingInstance, StoreOutcome } from '../../source.ts';
import type { AcceptedContext } from '../association.ts';
import { COMMAND } from '../message/command-set.ts';
import { statusOf, statusText } from '../message/status.ts';
import type { DimseNode } from '../node.ts';
import { MAX_PROPOSALS, requestAssociation, type OpenAssociation, type Proposal } from '../request-association.ts';
import { sopClassName } from '../tables/storage-sop-classes.ts';
import { PLAIN_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import { readAhead, type ReadAhead } from './read-ahead.ts';
import { settingsOf } from './with-association.ts';

/** Associations in a row that may end without a single instance through, before the rest is given up. */
const MAX_BARREN = 2;

interface Work {
  index: number;
  instance: OutgoingInstance;
  context: AcceptedContext;
  /** Being made ready while the one before is on its way. */
  outgoing: Promise<Outgoing>;
}
/** What goes out: as stored, or with the sentence that says what is different. */
interface Outgoing {
  sizeBytes: number;
  dataset: ReadAhead;
  conversion?: string;
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

/** One context for each SOP class and transfer syntax: the acceptor cannot choose another (PS3.8 9.3.2.2); and one for the class
 * without compression, where that can be had. */
function batches(instances: readonly OutgoingInstance[]): Batch[] {
  const made: (Batch & { keys: Set<string> })[] = [];
  for (const [index, instance] of instances.entries()) {
    const { sopClassUid, transferSyntaxUid } = instance;
    const wanted = new Map([[`${sopClassUid} ${transferSyntaxUid}`, [transferSyntaxUid]]]);
    if (instance.uncompressed) wanted.set(`${sopClassUid} plain`, [...PLAIN_SYNTAXES]);
    const missing = ({ keys }: { keys: Set<string> }): string[] => [...wanted.keys()].filter((key) => !keys.has(key));
    let batch =
      made.find((each) => missing(each).length === 0) ??
      made.find((each) => each.keys.size + missing(each).length <= MAX_PROPOSALS);
    if (!batch) {
      batch = { proposals: [], items: [], keys: new Set() };
      made.push(batch);
    }
    for (const key of missing(batch)) {
      batch.keys.add(key);
      batch.proposals.push({ abstractSyntaxUid: sopClassUid, transferSyntaxUids: wanted.get(key) ?? [] });
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
      for (const { index, instance } of waiting.splice(0)) settle(index, untried(instance, error.message));
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
      settle(index, untried(instance, failure?.message ?? 'the connection ended.'));
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
      // The next one is being read while this one is answered, and opened once what is ready of this one is on its way.
      await turn();
      next = takeNext(waiting, open, settle);
      while (underway.size >= open.maxInvoked) await Promise.race(underway);
    }
    await Promise.all(underway);
    if (next) {
      letGo(next);
      waiting.unshift({ index: next.index, instance: next.instance });
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
    const { sopClassUid, transferSyntaxUid, uncompressed } = item.instance;
    const asStored = open.association.contextFor(sopClassUid, transferSyntaxUid);
    const plain =
      uncompressed && PLAIN_SYNTAXES.map((uid) => open.association.contextFor(sopClassUid, uid)).find(Boolean);
    const context = asStored ?? plain;
    if (context) {
      const outgoing = asStored ? stored(item.instance) : converted(item.instance, context.transferSyntaxUid);
      // Seen by whoever sends it.
      outgoing.catch(() => undefined);
      return { ...item, context, outgoing };
    }
    settle(item.index, refused(item.instance, open));
  }
  return undefined;
}

const stored = ({ sizeBytes, dataset }: OutgoingInstance): Promise<Outgoing> =>
  Promise.resolve({ sizeBytes, dataset: readAhead(dataset()) });

async function converted(instance: OutgoingInstance, transferSyntaxUid: string): Promise<Outgoing> {
  const made = await instance.uncompressed?.(transferSyntaxUid);
  if (!made) throw new LecternError('cannot-decode', 'It cannot be had without compression.');
  const { dataset, changes } = made;
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield dataset;
  }
  const conversion = `Not sent as stored, since the other system does not take that: ${changes.join('; ')}.`;
  return { sizeBytes: dataset.length, dataset: readAhead(whole()), conversion };
}

const letGo = ({ outgoing }: Work): void => void outgoing.then(({ dataset }) => dataset.close()).catch(() => undefined);

async function storeOne(open: OpenAssociation, work: Work, settle: Settle): Promise<void> {
  const { index, instance, context } = work;
  const { sopClassUid, sopInstanceUid } = instance;
  const sent = { bytes: 0 };
  try {
    const outgoing = await work.outgoing;
    const { conversion } = outgoing;
    const operation = open.association.operate(
      context.id,
      {
        commandField: COMMAND.storeRq,
        affectedSopClassUid: sopClassUid,
        affectedSopInstanceUid: sopInstanceUid,
        priority: 0,
      },
      checked(outgoing, context.transferSyntaxUid, sent),
    );
    const { status, command } = await operation.next();
    const { category } = statusOf('store', status);
    const answered = `The other system answered with ${statusText('store', status, command.errorComment)}.`;
    // Where it names one, it is that of the request (PS3.7 9.3.1.2); many name none.
    const { affectedSopInstanceUid: named = '' } = command;
    const isOther = category === 'success' && named !== '' && named !== sopInstanceUid;
    const reason = isOther ? `The other system answered for another instance, ${named}.` : answered;
    const outcome =
      category === 'success' && !isOther ? 'sent' : category === 'warning' || isOther ? 'warning' : 'failed';
    settle(index, {
      sopClassUid,
      sopInstanceUid,
      outcome,
      status,
      ...(outcome !== 'sent' && { reason }),
      ...(outcome !== 'failed' && conversion !== undefined && { conversion }),
      bytes: sent.bytes,
    });
  } catch (error) {
    const reason = error instanceof LecternError ? error.message : 'Sending failed.';
    settle(index, { ...failed(instance, reason), bytes: sent.bytes });
  } finally {
    letGo(work);
  }
}

/** The data set as it goes out, counted. Throws LecternError where it is not what was announced. */
async function* checked(
  { dataset, sizeBytes }: Outgoing,
  transferSyntaxUid: string,
  sent: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for await (const piece of dataset.pieces) {
    sent.bytes += piece.length;
    yield piece;
  }
  const isOdd = sent.bytes % 2 === 1;
  if (isOdd && !isDeflated(transferSyntaxUid))
    throw new LecternError(
      'cannot-decode',
      'The stored data set has an odd number of bytes, which DICOM does not allow to be sent.',
    );
  // PS3.5 A.5: a deflated data set of odd length is padded.
  if (isOdd) yield Uint8Array.of(0);
  if (sent.bytes !== sizeBytes)
    throw new LecternError('internal', `The stored data set has ${sent.bytes} bytes, and ${sizeBytes} were expected.`);
}

const untried = (instance: OutgoingInstance, why: string): StoreOutcome => ({
  ...failed(instance, `Not sent: ${why}`),
  isUntried: true,
});

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
