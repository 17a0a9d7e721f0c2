// Storage commitment reports (PS3.4 J.3.3, N-EVENT-REPORT), whichever association they come on: to the transaction that waits.
import { createHash } from 'node:crypto';
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

type Take = (report: CommitmentReport) => void;

/** Later ones are told to whoever takes those that are not known. */
const MOST_ANSWERED = 200;

export class CommitmentReports {
  readonly #waiting = new Map<string, { resolve: Take; onOther: Take }>();
  /** Transactions that were reported, with a digest of what was said last. */
  readonly #answered = new Map<string, { said: string; onOther: Take }>();

  readonly #onUnknown: (report: CommitmentReport, peer: string) => boolean;

  /** `onUnknown` takes a report of a transaction that was not asked for here, or long ago; false where it knows nothing of it either. */
  constructor(onUnknown: (report: CommitmentReport, peer: string) => boolean = () => false) {
    this.#onUnknown = onUnknown;
  }

  /** The report of a transaction, whenever it comes; `forget` ends the waiting. `onOther`: a later one says otherwise. */
  expect(
    transactionUid: string,
    onOther: Take = () => undefined,
  ): { report: Promise<CommitmentReport>; forget: () => void } {
    const report = new Promise<CommitmentReport>((resolve) => this.#waiting.set(transactionUid, { resolve, onOther }));
    return { report, forget: () => this.#waiting.delete(transactionUid) };
  }

  /** False: nobody knows of the transaction. `peer`: who reports. */
  deliver(report: CommitmentReport, peer: string): boolean {
    const { transactionUid } = report;
    const waiting = this.#waiting.get(transactionUid);
    const before = this.#answered.get(transactionUid);
    const onOther = (waiting ?? before)?.onOther;
    if (!onOther) return this.#onUnknown(report, peer);
    const said = digestOf(report);
    this.#waiting.delete(transactionUid);
    this.#answered.set(transactionUid, { said, onOther });
    const [oldest] = this.#answered.keys();
    if (oldest !== undefined && this.#answered.size > MOST_ANSWERED) this.#answered.delete(oldest);
    // Who did not get our answer repeats itself.
    if (waiting) waiting.resolve(report);
    else if (before?.said !== said) onOther(report);
    return true;
  }
}

/** Of what a report says of which instances. */
export function digestOf({ committed, failed }: CommitmentReport): string {
  const uids = [committed, failed].map((list) => list.map(({ sopInstanceUid }) => sopInstanceUid).sort());
  return createHash('sha256').update(JSON.stringify(uids)).digest('base64');
}

/** Takes an N-EVENT-REPORT-RQ and answers it (PS3.7 10.1.1). `onReport` gets what was understood; false: it is of no transaction
 * that is known here, which is a failure, so that the peer does not take it for delivered (PS3.4 J.3.3). */
export function takeEventReport(
  request: IncomingRequest,
  association: Association,
  onReport: (report: CommitmentReport) => boolean,
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
      answer(report.ok && onReport(report.value) ? STATUS.success : STATUS.processingFailure);
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
