// Storage commitment as SCU (PS3.4 J.3.2, J.3.3): asks with N-ACTION, then waits for the report on the same association or on
// one that the peer opens to our provider.
import { randomUUID } from 'node:crypto';
import { LecternError } from '#shared/contract/errors.ts';
import type { CommitResult, InstanceReference } from '../../source.ts';
import type { Association } from '../association.ts';
import { encodeElements, uidElement, type Elements } from '#backend/base/encode-elements.ts';
import { uidOfUuid } from '#shared/dicom/uuid-uid.ts';
import { COMMAND } from '../message/command-set.ts';
import { STATUS, statusOf, statusText } from '../message/status.ts';
import type { DimseNode } from '../node.ts';
import { STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE } from '../tables/sop-classes.ts';
import { PLAIN_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import { takeEventReport, type CommitmentReport, type CommitmentReports } from './commitment-reports.ts';
import { contextOrThrow, nextResponse, withAssociation } from './with-association.ts';

export interface CommitOptions {
  /** Where reports go that come to our provider; the same object as the provider's. */
  reports: CommitmentReports;
  /** Whether our provider listens: else the report can only come on the asking association. */
  hasProvider: boolean;
  /** For the whole, in ms. */
  timeoutMs: number;
  /** How long the asking association is kept open where our provider listens: some peers report only after it has gone. */
  lingerMs: number;
  /** A later report says otherwise. */
  onOther?(result: CommitResult): void;
}

/** Rejects with 'peer-timeout' when no report came; it may still come later, to the provider. */
export async function commit(
  node: DimseNode,
  references: readonly InstanceReference[],
  options: CommitOptions,
  signal: AbortSignal,
): Promise<CommitResult> {
  const transactionUid = uidOfUuid(randomUUID());
  const { report, forget } = options.reports.expect(transactionUid, (other) =>
    options.onOther?.(resultOf(references, other)),
  );
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  try {
    return resultOf(references, await ask(node, references, { ...options, transactionUid, report, signal: limit }));
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    const text = `The other system took the request, and has not reported within ${timeText(options.timeoutMs)}.`;
    throw new LecternError('peer-timeout', text, { cause: error });
  } finally {
    forget();
  }
}

function timeText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return `${Math.round(ms / 1000)} s`;
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}

async function ask(
  node: DimseNode,
  references: readonly InstanceReference[],
  options: CommitOptions & { transactionUid: string; report: Promise<CommitmentReport>; signal: AbortSignal },
): Promise<CommitmentReport> {
  const { report, signal, transactionUid } = options;
  let association: Association | undefined;
  const proposals = [{ abstractSyntaxUid: STORAGE_COMMITMENT, transferSyntaxUids: PLAIN_SYNTAXES }];
  const early = await withAssociation(
    node,
    {
      proposals,
      signal,
      events: {
        onRequest: (request) => {
          if (!association) return undefined;
          if (request.command.commandField === COMMAND.eventReportRq)
            return takeEventReport(request, association, (found) => options.reports.deliver(found, node.aet));
          if (request.command.commandField !== COMMAND.cancelRq)
            association.respond(request, { status: STATUS.unrecognizedOperation }).catch(() => undefined);
          return undefined;
        },
      },
    },
    async (open) => {
      association = open.association;
      const { id, transferSyntaxUid } = contextOrThrow(open, STORAGE_COMMITMENT, 'storage commitment');
      const operation = association.operate(
        id,
        {
          commandField: COMMAND.actionRq,
          requestedSopClassUid: STORAGE_COMMITMENT,
          requestedSopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
          actionTypeId: 1,
        },
        actionInformation(transactionUid, references, transferSyntaxUid),
      );
      const { status, command } = await nextResponse(operation, signal);
      if (statusOf('action', status).category === 'failure')
        throw new LecternError(
          'peer-failed',
          `The other system refused the commitment request with ${statusText('action', status, command.errorComment)}.`,
        );
      return waitFor(
        [report, ...(options.hasProvider ? [lingering(options.lingerMs, association)] : [ended(association)])],
        signal,
      );
    },
  );
  return early ?? waitFor([report], signal);
}

/** Undefined once the time is over or the association has ended. */
async function lingering(ms: number, association: Association): Promise<undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([over, association.ended]);
  clearTimeout(timer);
}

async function ended(association: Association): Promise<never> {
  const { error } = await association.ended;
  throw error ?? new LecternError('peer-closed', 'The other system released the association before it reported.');
}

async function waitFor<T>(candidates: readonly Promise<T>[], signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([...candidates, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function actionInformation(
  transactionUid: string,
  references: readonly InstanceReference[],
  transferSyntaxUid: string,
): Buffer {
  const items = references.map(
    ({ sopClassUid, sopInstanceUid }): Elements =>
      new Map([
        ['00081150', uidElement(sopClassUid)],
        ['00081155', uidElement(sopInstanceUid)],
      ]),
  );
  const elements: Elements = new Map();
  elements.set('00081195', uidElement(transactionUid));
  elements.set('00081199', { vr: 'SQ', value: items });
  return encodeElements(elements, transferSyntaxUid);
}

/** What a report says of these. */
export function resultOf(references: readonly InstanceReference[], report: CommitmentReport): CommitResult {
  const committed = new Map(report.committed.map((item) => [item.sopInstanceUid, item.sopClassUid]));
  const failed = new Map(report.failed.map((item) => [item.sopInstanceUid, item.status]));
  const result: CommitResult = { transactionUid: report.transactionUid, committed: [], failed: [], unanswered: [] };
  for (const reference of references) {
    const { sopInstanceUid, sopClassUid } = reference;
    const answered = committed.get(sopInstanceUid);
    if (failed.has(sopInstanceUid)) {
      const status = failed.get(sopInstanceUid);
      const reason = status === undefined ? 'It gives no reason.' : `Failure reason ${statusText('action', status)}.`;
      result.failed.push({ ...reference, ...(status !== undefined && { status }), reason });
    } else if (answered === undefined) result.unanswered.push(reference);
    // Some leave it out.
    else if (answered === '' || answered === sopClassUid) result.committed.push(reference);
    else result.failed.push({ ...reference, reason: `It answers for it as ${answered}, another SOP class.` });
  }
  return result;
}
