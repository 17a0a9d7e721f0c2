// Storage commitment reports (PS3.4 J.3.3, N-EVENT-REPORT), whichever association they come on: to the transaction that waits.
import { err, ok, type Result } from '#shared/base/result.ts';
import { itemsOf, numberOf, textOf } from '#shared/dicom/json-values.ts';
import type { InstanceReference } from '../../source.ts';
import type { IncomingRequest, Association } from '../association.ts';
import { readIdentifier } from '../identifier/read-identifier.ts';
import { collectDataset } from '../message/collected-dataset.ts';
import { NO_DATA_SET } from '../message/command-set.ts';
import type { DatasetTarget } from '../message/message-reader.ts';
import { STATUS } from '../message/status.ts';
import { STORAGE_COMMITMENT } from '../tables/sop-classes.ts';

export interface CommitmentReport {
  transactionUid: string;
  committed: InstanceReference[];
  failed: (InstanceReference & { status?: number })[];
}

export class CommitmentReports {
  readonly #waiting = new Map<string, (report: CommitmentReport) => void>();

  /** The report of a transaction, whenever it comes; `forget` ends the waiting. */
  expect(transactionUid: string): { report: Promise<CommitmentReport>; forget: () => void } {
    const report = new Promise<CommitmentReport>((resolve) => this.#waiting.set(transactionUid, resolve));
    return { report, forget: () => this.#waiting.delete(transactionUid) };
  }

  /** False: nobody waits for it. */
  deliver(report: CommitmentReport): boolean {
    const resolve = this.#waiting.get(report.transactionUid);
    this.#waiting.delete(report.transactionUid);
    resolve?.(report);
    return resolve !== undefined;
  }
}

/** Takes an N-EVENT-REPORT-RQ and answers it (PS3.7 10.1.1). `onReport` gets what was understood. */
export function takeEventReport(
  request: IncomingRequest,
  association: Association,
  onReport: (report: CommitmentReport) => void,
): DatasetTarget | undefined {
  const { eventTypeId = 0, affectedSopInstanceUid } = request.command;
  const answer = (status: number): undefined => {
    association
      .respond(request, {
        status,
        eventTypeId,
        ...(affectedSopInstanceUid !== undefined && { affectedSopInstanceUid }),
      })
      .catch(() => undefined);
  };
  if (request.context.abstractSyntaxUid !== STORAGE_COMMITMENT) return answer(STATUS.sopClassNotSupported);
  // 1: all committed, 2: failures exist (PS3.4 J.3.3.1).
  if (eventTypeId !== 1 && eventTypeId !== 2) return answer(STATUS.noSuchEventType);
  if (request.command.dataSetType === NO_DATA_SET) return answer(STATUS.mistypedArgument);
  return collectDataset(
    (dataset) => {
      const report = parseReport(dataset, request.context.transferSyntaxUid);
      if (report.ok) onReport(report.value);
      answer(report.ok ? STATUS.success : STATUS.processingFailure);
      return undefined;
    },
    (error) => association.abort(error),
  );
}

function parseReport(bytes: Uint8Array, transferSyntaxUid: string): Result<CommitmentReport, string> {
  const read = readIdentifier(bytes, transferSyntaxUid);
  if (!read.ok) return err(read.error.detail);
  const { dataset } = read.value;
  const transactionUid = textOf(dataset, '00081195');
  if (transactionUid === undefined) return err('The report has no Transaction UID.');
  const references = (tag: string): (InstanceReference & { status?: number })[] =>
    itemsOf(dataset, tag).map((item) => {
      const status = numberOf(item, '00081197');
      return {
        sopClassUid: textOf(item, '00081150') ?? '',
        sopInstanceUid: textOf(item, '00081155') ?? '',
        ...(status !== undefined && { status }),
      };
    });
  return ok({ transactionUid, committed: references('00081199'), failed: references('00081198') });
}
