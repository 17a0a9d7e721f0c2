// How a sending ends: what the node took of it and, where it was asked (storage commitment, PS3.4 J.3), answers for; and how it ends
// anew where a later report says otherwise, also to a program that was started since.
import { z } from 'zod';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { isClosing, type JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import type { StoredJob } from '#backend/jobs/job-store.ts';
import { resultOf } from '#backend/sources/dimse/services/commit.ts';
import { digestOf, type CommitmentReport } from '#backend/sources/dimse/services/commitment-reports.ts';
import type { CommitResult } from '#backend/sources/source.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport } from '#shared/contract/views.ts';
import type { Transfers } from './transfers.ts';

/** Some look at night whether they have it all. */
const COMMIT_PATIENCE_MS = 24 * 3_600_000;

export const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;
export const were = (count: number): string => `${counted(count, 'instance')} ${count === 1 ? 'was' : 'were'}`;

const sendEnd = z.object({
  node: z.string(),
  allCount: z.number(),
  takenCount: z.number(),
  notTakenCount: z.number(),
  /** Whether the node was asked if it answers for what it took. */
  isAsked: z.boolean(),
  /** What the node has of these is not what is here. */
  remarks: z.array(z.string()),
});
export type SendEnd = z.infer<typeof sendEnd>;
/** Kept with the job, for later reports. */
const answeredEnd = sendEnd.extend({ transactionUid: z.string() });

interface Ending {
  state: 'done' | 'failed';
  message: string;
}

/** `doubt`: a sentence where the node does not answer for all that it took. */
export function endingOf(end: SendEnd, doubt: string | undefined): Ending {
  const { node, allCount, takenCount, notTakenCount, isAsked, remarks } = end;
  const problems: string[] = [];
  if (notTakenCount) problems.push(`${notTakenCount} of ${were(allCount)} not taken by ${node}: see the report.`);
  if (doubt !== undefined) problems.push(doubt);
  else if (notTakenCount && isAsked) {
    const safe = remarks.length ? '' : ': these are safe to delete here';
    problems.push(`It answers for the other ${takenCount}${safe}.`);
  }
  if (problems.length) return { state: 'failed', message: [...problems, ...remarks].join(' ') };
  const answers = `${node} answers for ${takenCount === 1 ? 'the instance' : `all ${takenCount} instances`}`;
  return {
    state: 'done',
    message: remarks.length ? `${answers}. ${remarks.join(' ')}` : `${answers}: safe to delete here.`,
  };
}

const hasWords = ({ node, takenCount }: SendEnd): string => `${node} has ${counted(takenCount, 'instance')}`;

function lackingWords(context: JobContext, result: CommitResult, doubted: Set<string>): string | undefined {
  const open = noteFates(context, result, doubted);
  return open === 0
    ? undefined
    : `answers for only ${result.committed.length} of them: the others, in the report, are not safe to delete here.`;
}

/** A report after the first one. */
function takeOther(context: JobContext, end: SendEnd, other: CommitResult, doubted: Set<string>): void {
  const hadAnswered = doubted.size === 0;
  const words = lackingWords(context, other, doubted);
  const doubt =
    words && `${hasWords(end)}${hadAnswered ? ', had answered for them,' : ''} and says now that it ${words}`;
  const { state, message } = endingOf(end, doubt);
  context.amend(state, message);
}

/** Undefined where the node answers for all of them; else a sentence. A later report that says otherwise ends the job anew. */
export async function askCommitment(
  context: JobContext,
  end: SendEnd,
  taken: readonly InstanceLocation[],
  transfers: Pick<Transfers, 'commit'>,
): Promise<string | undefined> {
  const { node } = end;
  const has = hasWords(end);
  const doubted = new Set<string>();
  context.note(`${has} and was asked whether it answers for them: its report may take hours.`);
  let isTold = false;
  let last: CommitResult | undefined;
  const onOther = (other: CommitResult): void => {
    last = other;
    // Before the first is told, it takes its place.
    if (isTold) takeOther(context, end, other, doubted);
  };
  try {
    const first = await context.aside(
      transfers.commit(node, taken, context.signal, {
        patienceMs: COMMIT_PATIENCE_MS,
        onOther,
      }),
    );
    isTold = true;
    context.remember({ ...end, transactionUid: first.transactionUid });
    const words = lackingWords(context, last ?? first, doubted);
    return words === undefined ? undefined : `${has} but ${words}`;
  } catch (error) {
    if (context.signal.aborted && !isClosing(context.signal))
      context.note(
        `${has} and was asked whether it answers for them. It had not answered when this was cancelled, so they are not safe to delete here.`,
      );
    context.signal.throwIfAborted();
    if (!(error instanceof LecternError)) throw error;
    return `${has} but does not answer for them, so they are not safe to delete here: ${error.message}`;
  }
}

const PATH = 'commitment of ';
const isOpen = ({ path, code }: FileReport): boolean => path.startsWith(PATH) && code === 'not-committed';

/** By what a report is told from what anybody could send who may open an association. */
export interface ReportPorts {
  /** Nodes that are set up, of DIMSE. */
  nodes: readonly { name: string; aet: string }[];
  /** Whether an instance is here, or was sent. */
  isKnown(sopInstanceUid: string): boolean;
}

/** A report of a transaction that this run of the program did not ask for, or long ago (PS3.4 J.3.3): of the job that did, or where none
 * is known and a node does not answer for instances that are known here, a failed job of the transaction. False: there is nothing to
 * tell, or `peer`, the AE title that it comes from, is not that of the node. */
export function takeLateReport(jobs: JobQueue, report: CommitmentReport, peer: string, ports: ReportPorts): boolean {
  const { transactionUid, committed } = report;
  if (!ports.nodes.some(({ aet }) => aet === peer)) return false;
  const known = jobs.ofTransaction(transactionUid);
  const answered = answeredEnd.safeParse(known?.later);
  if (!known || !answered.success) return takeUnasked(jobs, report, peer, ports, known);
  const { job } = known;
  const node = job.node ?? answered.data.node;
  const asked = ports.nodes.find(({ name }) => name === node);
  // A job that was let go of has the name that the node had then.
  if (job.finishedAt === null || (asked && asked.aet !== peer)) return false;
  const items = [...jobs.items(job.id)];
  const classes = new Map(committed.map(({ sopInstanceUid, sopClassUid }) => [sopInstanceUid, sopClassUid]));
  const taken = items.flatMap(({ path, outcome, sopInstanceUid }) =>
    path === sopInstanceUid && outcome !== 'refused'
      ? [{ sopInstanceUid, sopClassUid: classes.get(sopInstanceUid) ?? '' }]
      : [],
  );
  takeOther(jobs.contextOf(job.id), { ...answered.data, node }, resultOf(taken, report), doubtedIn(items));
  return true;
}

const doubtedIn = (items: readonly FileReport[]): Set<string> =>
  new Set(items.filter(isOpen).flatMap(({ sopInstanceUid }) => sopInstanceUid ?? []));

/** Of a transaction that no sending keeps. */
const unasked = z.object({
  transactionUid: z.string(),
  reporter: z.string(),
  said: z.string(),
  /** How many more it does not answer for than there are lines. */
  untoldCount: z.number(),
});
/** Lines in the report of such a job. */
const MOST_DOUBTED = 1000;

function takeUnasked(
  jobs: JobQueue,
  report: CommitmentReport,
  peer: string,
  { isKnown }: ReportPorts,
  before: StoredJob | undefined,
): boolean {
  const last = unasked.safeParse(before?.later).data;
  if (before && last?.reporter !== peer) return false;
  const said = digestOf(report);
  // Who did not get our answer repeats itself.
  if (last?.said === said) return true;
  const doubted = before ? doubtedIn([...jobs.items(before.job.id)]) : new Set<string>();
  const failed = new Set(report.failed.map(({ sopInstanceUid }) => sopInstanceUid).filter((uid) => isKnown(uid)));
  const open = new Set([...doubted, ...failed]);
  if (open.size === 0) return false;
  const told = [...open].slice(0, MOST_DOUBTED);
  const classes = new Map(report.committed.map(({ sopInstanceUid, sopClassUid }) => [sopInstanceUid, sopClassUid]));
  const references = told.map((uid) => ({ sopInstanceUid: uid, sopClassUid: classes.get(uid) ?? '' }));
  const driven = before ? undefined : jobs.startDriven('send', `Storage commitment by ${peer}`);
  const context = driven?.context ?? jobs.contextOf(before?.job.id ?? '');
  // Which they were is not known later: a report that settles the others settles none of them.
  const untoldCount = Math.max(open.size - told.length, last?.untoldCount ?? 0);
  context.remember({ transactionUid: report.transactionUid, reporter: peer, said, untoldCount });
  const openCount = noteFates(context, resultOf(references, report), doubted) + untoldCount;
  if (openCount === 0) {
    context.amend('done', `${peer} reports now that it answers for what it had not answered for.`);
    return true;
  }
  const where =
    untoldCount > 0
      ? 'not all of them are in the report, and none of them is safe to delete here.'
      : 'they are in the report, and not safe to delete here.';
  const message = `${peer} reports that it does not answer for ${counted(openCount, 'instance')} that it was asked about earlier, whatever it said then: ${where}`;
  if (driven) driven.end('failed', message);
  else context.amend('failed', message);
  return true;
}

/** Each instance that the node does not answer for, or does since an earlier report (`doubted`, which is brought up to date); gives how
 * many the first are. */
function noteFates(context: JobContext, { committed, failed, unanswered }: CommitResult, doubted: Set<string>): number {
  const open = [...failed, ...unanswered.map((each) => ({ ...each, reason: 'It says nothing of it.' }))];
  const settled = committed.filter(({ sopInstanceUid }) => doubted.delete(sopInstanceUid));
  const pathOf = (uid: string): string => `${PATH}${uid}`;
  for (const { sopInstanceUid, reason } of open) {
    doubted.add(sopInstanceUid);
    context.item(
      { path: pathOf(sopInstanceUid), outcome: 'refused', sopInstanceUid, code: 'not-committed', reason },
      0,
    );
  }
  for (const { sopInstanceUid } of settled) {
    const reason = 'It answers for it in a later report.';
    context.item({ path: pathOf(sopInstanceUid), outcome: 'stored', sopInstanceUid, code: 'committed', reason }, 0);
  }
  context.advance(-open.length - settled.length, 0);
  return open.length;
}
