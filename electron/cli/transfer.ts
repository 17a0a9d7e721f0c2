// `lectern get` and `lectern send`: a study from a node into the archive, stored instances to a node.
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { notWholeWords } from '#backend/archive/lacks.ts';
import { wordsOfLoss } from '#backend/archive/lost-instances.ts';
import type { Receiver } from '#backend/transfer/receiver.ts';
import { cutWords, IS_CUT, isSent, whatWasSent } from '#backend/transfer/send-job.ts';
import { otherPatientWords } from '#backend/transfer/transfer-jobs.ts';
import type { Transfers } from '#backend/transfer/transfers.ts';
import { aet } from '#shared/contract/nodes.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { RetrieveProgress, StoreOutcome } from '#backend/sources/source.ts';
import { onOneLine } from './on-one-line.ts';
import { UsageError } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';

const GET_RETRIES = 4;

export const getCommand: Command = {
  usage: 'get NAME STUDY_UID [--via get|move|wado] [--aet A] [--port N] [--json]',
  about: 'brings a study from a node into the archive',
  options: { via: 'value', aet: 'value', port: 'value' },
  run: async (context) => {
    const { operands, values, flags, print, progress, signal } = context;
    const [name, studyUid] = operands;
    if (name === undefined || studyUid === undefined || operands.length > 2)
      throw new UsageError('get takes the name of a node and a study UID.');
    if (!/^[0-9][0-9.]{0,63}$/.test(studyUid)) throw new UsageError(`${studyUid} is no UID.`);
    const via = values.get('via');
    if (via !== undefined && via !== 'get' && via !== 'move' && via !== 'wado')
      throw new UsageError('--via is get, move or wado.');
    const choice = receiverChoice(values);
    const { nodes, receiver, transfers } = (await context.open()).open();
    const settings = nodes.get(name);
    if (via !== undefined && (via === 'wado') !== (settings.kind === 'dicomweb'))
      throw new UsageError(`${name} is a ${settings.kind} node: it cannot be asked by ${via}.`);
    const retrieve =
      settings.kind === 'dicomweb' ? undefined : via === 'move' || via === 'get' ? via : settings.retrieve;
    const started = performance.now();
    const listening = retrieve === 'move' ? await listen(receiver, choice) : undefined;
    let soFar: Received = { expected: null, received: 0, bytes: 0 };
    const summarize = (received: Received): number => {
      progress('');
      return printReceived(received, secondsSince(started), context);
    };
    try {
      const result = await transfers.retrieve(
        name,
        { studyUid },
        {
          ...(retrieve && { retrieve }),
          retries: GET_RETRIES,
          signal,
          pause: (ms, reason) => {
            progress(`${reason} Asked again in ${ms / 1000} s`);
            return delay(ms, undefined, { signal });
          },
          onProgress: (now) => {
            soFar = now;
            const { expected, received, bytes } = now;
            progress(
              `${received}${expected === null ? '' : ` of ${expected}`} instances, ${Math.round(bytes / 1e6)} MB`,
            );
          },
        },
      );
      progress('');
      const { ofOtherPatient } = result;
      for (const [outcome, instances] of Object.entries({
        failed: result.failed,
        cut: result.cut,
        'other-patient': ofOtherPatient,
      }))
        for (const { sopInstanceUid, reason } of instances)
          print(fateLine({ sopInstanceUid, outcome, reason }, flags.has('json')));
      if (ofOtherPatient.length) context.note(otherPatientWords(name, ofOtherPatient.length));
      for (const warning of result.warnings) context.note(warning);
      const short = summarize({ ...result, failed: result.failed.length, cut: result.cut.length });
      if (result.stopped) throw result.stopped;
      if (short + ofOtherPatient.length === 0) return 0;
      return result.received > 0 ? 3 : 1;
    } catch (error) {
      // What came is kept, and is told.
      if (signal.aborted) summarize(soFar);
      throw error;
    } finally {
      await listening?.();
    }
  },
};

type Received = Pick<RetrieveProgress, 'expected' | 'received' | 'bytes'> & { failed?: number; cut?: number };

/** The summary of `get`; gives how many did not come whole. */
function printReceived(
  { expected, received, bytes, failed: named = 0, cut = 0 }: Received,
  seconds: number,
  { flags, print }: Pick<CommandContext, 'flags' | 'print'>,
): number {
  const failed = Math.max(named, expected === null ? 0 : expected - received);
  print(
    flags.has('json')
      ? JSON.stringify({ summary: { expected, received, failed, cut, bytes, seconds } })
      : `${received}${expected === null ? '' : ` of ${expected}`} instances received, ${failed} failed${cut ? `, ${cut} cut and kept so` : ''} (${rate(bytes, seconds)})`,
  );
  return failed + cut;
}

/** Sees to it that our receiver listens; gives the function that ends what was begun here. */
async function listen(receiver: Receiver, choice: ReceiverChoice): Promise<(() => Promise<void>) | undefined> {
  if (receiver.scp) return undefined;
  await receiver.start(choice);
  return () => receiver.stop();
}

export type ReceiverChoice = { aet?: string; port?: number };

/** What --aet and --port say. Throws UsageError. */
export function receiverChoice(values: ReadonlyMap<string, string>): ReceiverChoice {
  const [title, text] = [values.get('aet'), values.get('port')];
  const parsed = title === undefined ? undefined : aet.safeParse(title);
  if (parsed && !parsed.success) throw new UsageError('--aet has 1 to 16 characters, no backslash.');
  if (text !== undefined && (!/^\d+$/.test(text) || Number(text) > 65535))
    throw new UsageError('--port is a number up to 65535.');
  return { ...(parsed && { aet: parsed.data }), ...(text !== undefined && { port: Number(text) }) };
}

export const sendCommand: Command = {
  usage: 'send NAME UID... [--via store|stow] [--commit] [--json]',
  about: 'sends a study, series or instance to a node',
  options: { via: 'value', commit: 'flag' },
  run: async ({ operands, values, flags, print, progress, note, signal, open }) => {
    const [name, ...uids] = operands;
    if (name === undefined || !uids.length) throw new UsageError('send takes the name of a node and UIDs.');
    const via = values.get('via');
    if (via !== undefined && via !== 'store' && via !== 'stow') throw new UsageError('--via is store or stow.');
    const { nodes, transfers } = (await open()).open();
    const settings = nodes.get(name);
    if (via !== undefined && (via === 'stow') !== (settings.kind === 'dicomweb'))
      throw new UsageError(`${name} is a ${settings.kind} node: it cannot be sent to by ${via}.`);
    if (flags.has('commit') && settings.kind === 'dicomweb')
      throw new UsageError(`${name} is a dicomweb node: storage commitment needs a dimse node.`);
    const locations = transfers.locate(uids);
    const lack = transfers.lackOf(uids, locations);
    const missing = lack.missingCount;
    const partWords = notWholeWords(whatWasSent(name), lack);
    const reason = wordsOfLoss({ isIncomplete: lack.isUnlisted === true });
    for (const sopInstanceUid of transfers.lostOf(uids))
      print(fateLine({ sopInstanceUid, outcome: 'missing', reason }, flags.has('json')));
    const started = performance.now();
    let bytes = 0;
    let sent = 0;
    let warned = 0;
    let cut = 0;
    const onOutcome = (outcome: StoreOutcome): void => {
      if (isSent(outcome)) {
        sent++;
        bytes += outcome.bytes;
      }
      if (outcome.outcome === 'warning') warned++;
      if (outcome.outcome !== 'sent' || outcome.conversion !== undefined) print(lineOf(outcome, flags.has('json')));
      if (isSent(outcome) && transfers.isCut(outcome.sopInstanceUid)) {
        cut++;
        print(fateLine({ sopInstanceUid: outcome.sopInstanceUid, outcome: 'cut', reason: IS_CUT }, flags.has('json')));
      }
      progress(`${sent} of ${locations.length} instances, ${Math.round(bytes / 1e6)} MB`);
    };
    const expected = locations.length + missing;
    const summarize = (failed: number, committed?: number): void => {
      progress('');
      const seconds = secondsSince(started);
      print(
        flags.has('json')
          ? JSON.stringify({ summary: { expected, sent, failed, missing, cut, bytes, seconds, committed } })
          : `${sent} of ${expected} instances sent, ${failed} failed${missing ? `, ${missing} missing here` : ''}${committed === undefined ? '' : `, ${committed} committed`} (${rate(bytes, seconds)})`,
      );
    };
    const isCommitted = flags.has('commit');
    let outcomes: StoreOutcome[];
    let committed: number | undefined;
    try {
      outcomes = await transfers.send(name, locations, onOutcome, signal);
      const taken = locations.filter((_location, at) => ['sent', 'warning'].includes(outcomes[at]?.outcome ?? ''));
      if (isCommitted) committed = taken.length ? await committedOf(transfers, name, taken, { signal, note }) : 0;
    } catch (error) {
      // What was sent is sent, and is told.
      if (signal.aborted) summarize(locations.length - sent, isCommitted ? 0 : undefined);
      throw error;
    }
    const failed = outcomes.length - sent;
    const open_ = committed === undefined ? 0 : locations.length - committed;
    if (open_ > 0) note(`${name} does not answer for ${open_} instances: they are not safe to delete.`);
    if (cut > 0) note(cutWords(name, cut));
    if (partWords !== '') note(partWords);
    summarize(failed, committed);
    if (failed === locations.length && failed > 0) return 1;
    return failed + warned + cut + open_ > 0 || partWords !== '' ? 3 : 0;
  },
};

/** How many instances the node answers for. What was sent is sent, whatever comes of this. */
async function committedOf(
  transfers: Transfers,
  name: string,
  locations: readonly InstanceLocation[],
  { signal, note }: Pick<CommandContext, 'signal' | 'note'>,
): Promise<number> {
  try {
    return (await transfers.commit(name, locations, signal)).committed.length;
  } catch (error) {
    if (signal.aborted || !(error instanceof LecternError)) throw error;
    note(error.message);
    return 0;
  }
}

const fateLine = (
  fate: { sopInstanceUid: string | undefined; outcome: string; reason: string },
  isJson: boolean,
): string =>
  isJson ? JSON.stringify(fate) : onOneLine(`${fate.outcome}: ${fate.sopInstanceUid ?? ''} ${fate.reason}`);

const lineOf = (outcome: StoreOutcome, isJson: boolean): string =>
  isJson
    ? JSON.stringify({
        sopInstanceUid: outcome.sopInstanceUid,
        outcome: outcome.outcome === 'refused' ? 'failed' : outcome.outcome,
        ...(outcome.status !== undefined && { status: outcome.status }),
        ...(outcome.reason !== undefined && { reason: outcome.reason }),
        ...(outcome.conversion !== undefined && { conversion: outcome.conversion }),
      })
    : [`${outcome.outcome}: ${outcome.sopInstanceUid}`, outcome.reason, outcome.conversion].filter(Boolean).join(' ');

const secondsSince = (started: number): number => Math.round(performance.now() - started) / 1000;
const rate = (bytes: number, seconds: number): string =>
  `${Math.round(bytes / 1e6)} MB, ${seconds} s${seconds > 0 ? `, ${Math.round(bytes / 1e6 / seconds)} MB/s` : ''}`;
