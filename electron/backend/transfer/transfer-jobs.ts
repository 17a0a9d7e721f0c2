// Retrieving and sending as jobs: progress, pauses between tries, a report for each instance, going on after a restart.
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { JobContext, JobQueue } from '#backend/jobs/job-queue.ts';
import type { Lane } from '#backend/jobs/lanes.ts';
import type { StoreOutcome } from '#backend/sources/source.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { nodeName } from '#shared/contract/nodes.ts';
import type { Transfers } from './transfers.ts';

const uid = z.string().regex(/^[0-9][0-9.]{0,63}$/);

export const retrieveInput = z.object({
  node: nodeName,
  studyUid: uid,
  patientId: z.string().max(64).optional(),
  seriesUid: uid.optional(),
  sopInstanceUids: z.array(uid).max(100_000).optional(),
  /** Fetched by the rule for priors: its own priors were not asked for. */
  isPrior: z.boolean().optional(),
});
export type RetrieveInput = z.infer<typeof retrieveInput>;

export const sendInput = z.object({
  node: nodeName,
  /** Studies, series or instances. */
  uids: z.array(uid).min(1).max(100_000),
  /** Ask for storage commitment once all is sent. */
  commit: z.boolean().default(false),
});
export type SendInput = z.infer<typeof sendInput>;

const NETWORK: Lane = { name: 'network', atOnce: 3 };
const RETRIEVE_RETRIES = 8;
const SEND_TRIES = 4;
const FIRST_PAUSE_MS = 2000;

/** `onRetrieved` is told of each study that a job has brought whole, but for priors. */
export function registerTransferJobs(
  jobs: JobQueue,
  transfers: Transfers,
  onRetrieved: (studyUid: string) => void,
): void {
  jobs.register<RetrieveInput>(
    'retrieve',
    async (context, input) => {
      await runRetrieve(context, input, transfers);
      if (!input.isPrior) onRetrieved(input.studyUid);
    },
    NETWORK,
    ({ node, studyUid }) => ({ node, studyUid }),
  );
  jobs.register<SendInput>(
    'send',
    (context, input) => runSend(context, input, transfers),
    NETWORK,
    ({ node }) => ({
      node,
    }),
  );
}

/** A transfer cannot stand still: a pause ends it, and going on runs it again, for what is left. */
async function runWithPauses<T>(context: JobContext, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (;;) {
    await context.checkpoint();
    const signal = context.untilPaused();
    try {
      return await run(signal);
    } catch (error) {
      if (!signal.aborted || context.signal.aborted) throw error;
    }
  }
}

async function runRetrieve(context: JobContext, input: RetrieveInput, transfers: Transfers): Promise<void> {
  const { node, studyUid, patientId, seriesUid, sopInstanceUids } = input;
  const selection = {
    studyUid,
    ...(patientId !== undefined && { patientId }),
    ...(seriesUid !== undefined && { seriesUid }),
    ...(sopInstanceUids && { sopInstanceUids }),
  };
  let before = { received: 0, bytes: 0 };
  const result = await runWithPauses(context, (signal) => {
    // Counted anew: what came before a pause is counted as being here.
    context.advance(-before.received, -before.bytes);
    before = { received: 0, bytes: 0 };
    return transfers.retrieve(node, selection, {
      retries: RETRIEVE_RETRIES,
      signal,
      onProgress: ({ expected, received, bytes }) => {
        context.setTotals({ items: expected, bytes: null });
        context.advance(received - before.received, bytes - before.bytes);
        before = { received, bytes };
      },
    });
  });
  context.setTotals({ items: result.expected, bytes: null });
  for (const { sopInstanceUid, reason } of result.failed) {
    const path = sopInstanceUid ?? 'an instance that was not named';
    context.item(
      { path, outcome: 'refused', code: 'not-received', reason, ...(sopInstanceUid && { sopInstanceUid }) },
      0,
    );
  }
  if (result.warnings.length) context.note(result.warnings.join(' '));
  if (result.expected !== null && result.received < result.expected)
    throw new LecternError(
      'peer-failed',
      `${result.received} of ${result.expected} instances arrived from ${node}; the study is incomplete. Retrieve it again for the rest.`,
    );
  if (result.failed.length)
    throw new LecternError(
      'peer-failed',
      `${result.failed.length} instances from ${node} were not taken in: see the report.`,
    );
}

const isSent = ({ outcome }: StoreOutcome): boolean => outcome === 'sent' || outcome === 'warning';

async function runSend(context: JobContext, { node, uids, commit }: SendInput, transfers: Transfers): Promise<void> {
  const all = transfers.locate(uids);
  context.setTotals({ items: all.length, bytes: all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) });
  // What an earlier run of this job sent is not sent again.
  let left = all.filter(({ sopUid }) => !context.isDone(sopUid));
  context.advance(all.length - left.length, 0);
  const failures = new Map<string, StoreOutcome>();
  const sent = new Set<string>();
  let conversions = 0;
  const note = (outcome: StoreOutcome): void => {
    record(context, outcome, failures);
    if (isSent(outcome)) sent.add(outcome.sopInstanceUid);
    if (outcome.conversion !== undefined) conversions++;
  };
  for (let attempt = 1; left.length; attempt++) {
    const failure = await runWithPauses(context, (signal) => {
      left = left.filter(({ sopUid }) => !sent.has(sopUid));
      return transfers.send(node, left, note, signal);
    }).then(
      () => undefined,
      (error: unknown) => {
        context.signal.throwIfAborted();
        if (error instanceof LecternError) return error;
        throw error;
      },
    );
    left = left.filter(({ sopUid }) => !sent.has(sopUid) && failures.get(sopUid)?.outcome !== 'refused');
    if (!left.length) break;
    if (attempt === SEND_TRIES) {
      if (failure) throw failure;
      break;
    }
    context.note(failure?.message ?? `${left.length} instances were not taken; they are tried again.`);
    await delay(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal: context.signal });
  }
  const otherwise = `${conversions} instances were not sent as stored, since ${node} does not take that: see the report.`;
  if (conversions) context.note(otherwise);
  const failed = [...failures.values()].filter((outcome) => !isSent(outcome));
  for (const { sopInstanceUid, reason } of failed)
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
  if (failed.length)
    throw new LecternError(
      'peer-failed',
      `${failed.length} of ${all.length} instances were not taken by ${node}: see the report.`,
    );
  if (!commit) return;
  context.note(`${node} has all instances and was asked whether it answers for them: its report may take minutes.`);
  const { committed, failed: refused, unanswered } = await transfers.commit(node, all, context.signal);
  if (refused.length || unanswered.length)
    throw new LecternError(
      'peer-failed',
      `${node} has all instances but answers for only ${committed.length} of ${all.length}: they are not safe to delete here.`,
    );
  const answers = `${node} answers for all ${committed.length} instances`;
  context.note(conversions ? `${answers}. ${otherwise}` : `${answers}: safe to delete here.`);
}

function record(context: JobContext, outcome: StoreOutcome, failures: Map<string, StoreOutcome>): void {
  const { sopInstanceUid, bytes, conversion } = outcome;
  const reason = [outcome.reason, conversion].filter(Boolean).join(' ');
  if (!isSent(outcome)) {
    failures.set(sopInstanceUid, outcome);
    return;
  }
  failures.delete(sopInstanceUid);
  context.item(
    {
      path: sopInstanceUid,
      outcome: outcome.outcome === 'warning' || conversion !== undefined ? 'repaired' : 'stored',
      sopInstanceUid,
      ...(conversion !== undefined && { code: 'sent-uncompressed' }),
      ...(outcome.outcome === 'warning' && { code: 'sent-with-warning' }),
      ...(reason !== '' && { reason }),
    },
    bytes,
  );
}
