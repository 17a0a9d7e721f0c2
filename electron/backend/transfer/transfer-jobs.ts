// Retrieving and sending as jobs: progress, pauses between tries, a report for each instance, going on after a restart.
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import type { Lane } from '#backend/jobs/lanes.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { nodeName } from '#shared/contract/nodes.ts';
import type { TransferResult } from './retrieve.ts';
import { runSend, type SendInput } from './send-job.ts';
import { runWithPauses } from './run-with-pauses.ts';
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

const NETWORK: Lane = { name: 'network', atOnce: 4, atOneNode: 2 };
const RETRIEVE_RETRIES = 8;

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
    ({ node, studyUid }) => ({ node, ...(studyUid !== undefined && { studyUid }) }),
  );
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
  const attempt = (signal: AbortSignal): Promise<TransferResult> => {
    // Counted anew: what came before a pause is counted as being here.
    context.advance(-before.received, -before.bytes);
    before = { received: 0, bytes: 0 };
    // By the name that it has now.
    return transfers.retrieve(input.node, selection, {
      retries: RETRIEVE_RETRIES,
      signal,
      pause: async (ms, reason) => {
        const at = new Date(Date.now() + ms).toTimeString().slice(0, 8);
        context.note(`${reason} ${input.node} is asked again at ${at}.`);
        await context.aside(delay(ms, undefined, { signal })).finally(() => context.note(null));
      },
      onProgress: ({ expected, received, bytes }) => {
        context.setTotals({ items: expected, bytes: null });
        context.advance(received - before.received, bytes - before.bytes);
        before = { received, bytes };
      },
    });
  };
  let result = await runWithPauses(context, attempt);
  while (result.stopped) {
    await context.hold(result.stopped);
    result = await runWithPauses(context, attempt);
  }
  context.setTotals({ items: result.expected, bytes: null });
  // Each item of the report counts as one that is done; what did not come is none.
  const { failed, cut, ofOtherPatient } = result;
  context.advance(result.received - before.received - failed.length - cut.length - ofOtherPatient.length, 0);
  let unnamed = 0;
  for (const { sopInstanceUid, reason } of failed) {
    // A line for each: the report has one for a path.
    const path = sopInstanceUid ?? `unnamed instance ${++unnamed}`;
    context.item(
      { path, outcome: 'refused', code: 'not-received', reason, ...(sopInstanceUid && { sopInstanceUid }) },
      0,
    );
  }
  for (const [code, instances] of [['cut', cut] as const, ['other-patient', ofOtherPatient] as const])
    for (const { sopInstanceUid = '', reason } of instances)
      context.item({ path: sopInstanceUid, outcome: 'repaired', code, reason, sopInstanceUid }, 0);
  const remarks: string[] = [];
  if (cut.length)
    remarks.push(
      `${cut.length} of the instances from ${node} came cut, without their end: they are kept so, see the report.`,
    );
  if (ofOtherPatient.length) remarks.push(otherPatientWords(node, ofOtherPatient.length));
  const warnings = [...remarks, ...result.warnings].join(' ');
  if (warnings) context.note(warnings);
  // Each of them says why in the report; the one sentence says the first.
  const causes = result.warnings.length ? result.warnings : failed.slice(0, 1).map(({ reason }) => reason);
  if (result.expected !== null && result.received < result.expected)
    throw new LecternError(
      'peer-failed',
      [
        `${result.received} of ${result.expected} instances arrived from ${node}; the study is incomplete.`,
        ...causes,
        // What is here under other UIDs comes under them again.
        ...(result.expected - result.received > (result.elsewhere?.size ?? 0)
          ? ['Retrieve it again for the rest.']
          : []),
      ].join(' '),
    );
  if (failed.length)
    throw new LecternError(
      'peer-failed',
      `${failed.length} instances from ${node} were not taken in: see the report. ${warnings}`.trim(),
    );
}

/** Also for the command line. */
export const otherPatientWords = (node: string, count: number): string =>
  `${count} of the instances from ${node} ${count === 1 ? 'names' : 'name'} another patient than the study that ${count === 1 ? 'it belongs' : 'they belong'} to: look whose images these are before you read them.`;
