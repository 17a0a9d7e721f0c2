// Sending as a job: tries with pauses between them, a report for each instance, storage commitment of what was taken.
import { z } from 'zod';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { NO_LACK, notWholeWords, type Lack } from '#backend/archive/lacks.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';
import { waitAskedIn } from '#backend/sources/dicomweb/http-client.ts';
import { statusText } from '#backend/sources/dimse/message/status.ts';
import type { StoreOutcome } from '#backend/sources/source.ts';
import { ERROR_TABLE, LecternError } from '#shared/contract/errors.ts';
import { nodeName } from '#shared/contract/nodes.ts';
import { runWithPauses } from './run-with-pauses.ts';
import { askCommitment, counted, endingOf, were, type SendEnd } from './send-ending.ts';
import type { Transfers } from './transfers.ts';

const uid = z.string().regex(/^[0-9][0-9.]{0,63}$/);

export const MOST_UIDS = 100_000;
export const sendInput = z.object({
  node: nodeName,
  /** Studies, series or instances. */
  uids: z.array(uid).min(1).max(MOST_UIDS),
  /** Ask for storage commitment of what is sent. */
  commit: z.boolean().default(false),
  /** Sent by a rule: nobody sits there to send it again, so it is tried until the node is back. */
  isByRule: z.boolean().optional(),
  /** Of a rule: whose instances these are. More of it may be added while the job is under way. */
  studyUid: uid.optional(),
});
export type SendInput = z.infer<typeof sendInput>;

const TRIES = 4;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 10 * 60_000;
const RULE_PATIENCE_MS = 7 * 24 * 3_600_000;

export const isSent = ({ outcome }: StoreOutcome): boolean => outcome === 'sent' || outcome === 'warning';
/** No fault of the instance: a lost connection, a node out of resources (PS3.4 B.2.3). */
const mayGoLater = ({ status = 0, isUntried }: StoreOutcome): boolean => isUntried === true || status >> 8 === 0xa7;

/** Told of each that is. */
export const IS_CUT = 'It is cut here, without its end, and was sent so.';
export async function runSend(context: JobContext, input: SendInput, transfers: Transfers): Promise<void> {
  const { node, commit } = input;
  const { all, goneCount, failures, conversions, warned, cutUids, lack } = await sendAll(context, input, transfers);
  // What the node has of these is not what is here.
  const remarks: string[] = [];
  if (goneCount)
    remarks.push(`${were(goneCount)} removed here before ${goneCount === 1 ? 'it' : 'they'} could be sent.`);
  if (conversions)
    remarks.push(`${were(conversions)} not sent as stored, since ${node} does not take that: see the report.`);
  if (warned.size) remarks.push(warningWords(node, warned));
  if (cutUids.size) remarks.push(cutWords(node, cutUids.size));
  const partWords = notWholeWords(whatWasSent(node), lack);
  if (partWords !== '') remarks.push(partWords);
  if (remarks.length) context.note(remarks.join(' '));
  // Each item of the report counts as one that is done; what was not taken is none.
  context.advance(-failures.size, 0);
  for (const { sopInstanceUid, reason } of failures.values())
    context.item(
      {
        path: sopInstanceUid,
        outcome: 'refused',
        sopInstanceUid,
        code: 'not-sent',
        reason: reason ?? 'It was not taken.',
      },
      0,
    );
  const taken = all.filter(({ sopUid }) => !failures.has(sopUid));
  const isAsked = commit && taken.length > 0;
  const end: SendEnd = {
    node,
    allCount: all.length,
    takenCount: taken.length,
    notTakenCount: failures.size,
    isAsked,
    remarks,
  };
  const doubt = isAsked ? await askCommitment(context, end, taken, transfers) : undefined;
  const { state, message } = endingOf(end, doubt);
  if (state === 'failed') throw new LecternError('peer-failed', message);
  if (commit) context.note(message);
}

/** Of instances that were sent as they are here, also for the command line. */
export const cutWords = (node: string, count: number): string =>
  count === 1
    ? `1 instance is cut here, without its end: what ${node} got of it is not whole.`
    : `${count} instances are cut here, without their end: what ${node} got of them is not whole.`;

/** Of a study or series of which only what is here could be sent, also for the command line. */
export const whatWasSent = (node: string): string => `What ${node} got`;

function warningWords(node: string, warned: ReadonlyMap<string, number | undefined>): string {
  const meanings = [...new Set(warned.values())].flatMap((status) =>
    // Success with something else amiss is told in the report.
    status ? [statusText('store', status)] : [],
  );
  return `${were(warned.size)} taken by ${node} with a warning${meanings.length ? ` (${meanings.join('; ')})` : ''}: see the report.`;
}

interface Sent {
  /** What is in the archive, or was when it was sent. */
  all: readonly InstanceLocation[];
  /** How many were removed before they were sent. */
  goneCount: number;
  /** What the node did not take after all tries, by UID. */
  failures: Map<string, StoreOutcome>;
  conversions: number;
  /** Status of each instance that was taken with a warning, by UID; undefined where an earlier run of the job sent it. */
  warned: Map<string, number | undefined>;
  /** What was sent and is without its end. */
  cutUids: Set<string>;
  /** What was lacking here when it was looked up. */
  lack: Lack;
}

/** Rejects where the node cannot be asked at all. */
async function sendAll(context: JobContext, input: SendInput, transfers: Transfers): Promise<Sent> {
  const isByRule = input.isByRule === true;
  const all = new Map<string, InstanceLocation>();
  let left: InstanceLocation[] = [];
  const failures = new Map<string, StoreOutcome>();
  const sent = new Set<string>();
  const warned: Sent['warned'] = new Map();
  const cutUids = new Set<string>();
  let conversions = 0;
  let lack = NO_LACK;
  let lookedAt: SendInput['uids'] | undefined;
  let patientUntil = 0;
  const leaveOut = (): void => {
    left = [...all.values()].filter(({ sopUid }) => !sent.has(sopUid) && failures.get(sopUid)?.outcome !== 'refused');
  };
  const look = (): void => {
    // What came last is waited for as long as what came first.
    if (isByRule && lookedAt !== input.uids) patientUntil = Date.now() + RULE_PATIENCE_MS;
    lookedAt = input.uids;
    // What a person removed while a rule's job waited keeps none of the rest from being sent.
    const here = transfers.locate(input.uids, { mayBeGone: isByRule });
    lack = transfers.lackOf(input.uids, here);
    const uids = new Set(here.map(({ sopUid }) => sopUid));
    for (const uid of all.keys())
      if (!uids.has(uid) && !sent.has(uid)) {
        all.delete(uid);
        failures.delete(uid);
      }
    const found = here.filter(({ sopUid }) => !all.has(sopUid));
    for (const location of here) if (!sent.has(location.sopUid)) all.set(location.sopUid, location);
    context.setTotals({ items: all.size, bytes: [...all.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) });
    // What an earlier run of this job sent is not sent again.
    for (const { sopUid, sizeBytes } of found) {
      if (!context.isDone(sopUid)) continue;
      sent.add(sopUid);
      context.skip(sopUid, sizeBytes);
      const code = context.codeOf(sopUid);
      if (code === 'sent-with-warning') warned.set(sopUid, undefined);
      if (code === 'sent-uncompressed') conversions++;
      if (code === 'sent-cut' || transfers.isCut(sopUid)) cutUids.add(sopUid);
    }
    leaveOut();
  };
  const note = (outcome: StoreOutcome): void => {
    const uid = outcome.sopInstanceUid;
    const isCut = isSent(outcome) && transfers.isCut(uid);
    // As the total counts them: the file here, whatever of it travels.
    record(context, outcome, failures, { bytes: all.get(uid)?.sizeBytes ?? 0, isCut });
    if (isSent(outcome)) sent.add(uid);
    if (isCut) cutUids.add(uid);
    if (outcome.conversion !== undefined) conversions++;
    if (outcome.outcome === 'warning') warned.set(uid, outcome.status);
  };
  const pause = async (ms: number, why: string): Promise<void> => {
    context.note(why);
    await context.aside(transfers.pause(input.node, ms, context.signal)).finally(() => context.note(null));
  };
  let isLooked = false;
  for (let attempt = 1; ; attempt++) {
    if (!isLooked || isByRule) look();
    isLooked = true;
    // Looking costs nothing, so this has no end but the node's being there, or a person's cancelling or removing all of it.
    while (left.length && isByRule && !transfers.has(input.node)) {
      const { node } = input;
      await pause(LONGEST_PAUSE_MS, `There is no node ${node}: this is sent once it is set up, or can be cancelled.`);
      patientUntil = Date.now() + RULE_PATIENCE_MS;
      look();
    }
    if (!left.length) break;
    const sentBefore = sent.size;
    const failure = await runWithPauses(context, (signal) => {
      leaveOut();
      // By the name that it has now.
      return transfers.send(input.node, left, note, signal);
    }).then(
      () => undefined,
      (error: unknown) => {
        context.signal.throwIfAborted();
        if (error instanceof LecternError) return error;
        throw error;
      },
    );
    leaveOut();
    const hasMore = lookedAt !== input.uids;
    if (!left.length && !hasMore) break;
    if (!left.length) {
      attempt = 0;
      continue;
    }
    // A node that takes some of it each time, as its limits allow, gets all of it.
    if (sent.size > sentBefore) attempt = 1;
    const mayComeBack = failure ? ERROR_TABLE[failure.code].retryable : [...failures.values()].some(mayGoLater);
    if (attempt >= TRIES && !hasMore && !(mayComeBack && Date.now() < patientUntil)) {
      if (failure) throw failure;
      break;
    }
    const untried = [...failures.values()].find(({ waitMs }) => waitMs);
    const pauseMs = Math.max(
      Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt),
      waitAskedIn(failure),
      untried?.waitMs ?? 0,
    );
    const why =
      failure?.message ??
      untried?.reason ??
      `${were(left.length)} not taken; ${left.length === 1 ? 'it is' : 'they are'} tried again.`;
    const isSoon = pauseMs < 60_000 && attempt < TRIES;
    await pause(
      pauseMs,
      isSoon ? why : `${why} ${input.node} is tried again in ${counted(Math.ceil(pauseMs / 60_000), 'minute')}.`,
    );
  }
  // A rule names each instance by itself.
  const goneCount = isByRule ? input.uids.filter((uid) => !all.has(uid) && !context.isDone(uid)).length : 0;
  return { all: [...all.values()], goneCount, failures, conversions, warned, cutUids, lack };
}

function record(
  context: JobContext,
  outcome: StoreOutcome,
  failures: Map<string, StoreOutcome>,
  { bytes, isCut }: { bytes: number; isCut: boolean },
): void {
  const { sopInstanceUid, conversion } = outcome;
  const reason = [outcome.reason, conversion, isCut && IS_CUT].filter(Boolean).join(' ');
  if (!isSent(outcome)) {
    failures.set(sopInstanceUid, outcome);
    return;
  }
  failures.delete(sopInstanceUid);
  context.item(
    {
      path: sopInstanceUid,
      outcome: outcome.outcome === 'warning' || conversion !== undefined || isCut ? 'repaired' : 'stored',
      sopInstanceUid,
      ...(isCut && { code: 'sent-cut' }),
      ...(conversion !== undefined && { code: 'sent-uncompressed' }),
      ...(outcome.outcome === 'warning' && { code: 'sent-with-warning' }),
      ...(reason !== '' && { reason }),
    },
    bytes,
  );
}
