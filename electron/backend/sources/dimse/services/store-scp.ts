// C-STORE as SCP (PS3.4 B.2, PS3.7 9.1.1): one request from its command to its answer. The data set goes to the sink as it
// comes; success is said only once the sink says that the instance is durable, unless it is one that we asked for ourselves
// (early-answers.ts).
import { LecternError } from '#shared/contract/errors.ts';
import { CUT_REPAIRS } from '#shared/dicom/model.ts';
import { BufferPool } from '#backend/base/buffer-pool.ts';
import type { InstanceSink, InstanceWriter, SinkOutcome } from '../../source.ts';
import type { Association, IncomingRequest } from '../association.ts';
import type { DatasetTarget } from '../message/message-reader.ts';
import { STATUS } from '../message/status.ts';
import { part10Head } from '../../part10-head.ts';
import type { EarlyAnswers } from './early-answers.ts';
import { peekUids } from './peek-uids.ts';
import { isUid } from '../tables/uid.ts';

/** So much of a file is looked at before the sink gets anything. */
const START_BYTES = 16 * 1024;

export interface StoredReport {
  sopClassUid: string;
  sopInstanceUid: string;
  /** What was answered. */
  status: number;
  /** Undefined where the sink never came to a verdict. */
  outcome?: SinkOutcome;
  /** Bytes given to the sink. */
  bytes: number;
  /** Why not, or what was noted; one sentence. */
  reason?: string;
  /** Success had been answered before this was known (EarlyAnswers): the peer does not count the failure. */
  isLate?: true;
}

export interface StoreContext {
  association: Association;
  /** AE title of the sender, for the file and for reports. */
  peer: string;
  sink: InstanceSink;
  /** For instances that we asked for ourselves; others are answered once they are durable. */
  early?: EarlyAnswers;
  onStored(report: StoredReport): void;
}

/** Takes the request; undefined, with a failure answered, when there is nothing to take. */
export function takeStore(request: IncomingRequest, context: StoreContext): DatasetTarget | undefined {
  const { affectedSopClassUid: sopClassUid = '', affectedSopInstanceUid: sopInstanceUid = '' } = request.command;
  const refuse = (status: number, reason: string): undefined => {
    answer(request, context, { sopClassUid, sopInstanceUid, status, bytes: 0, reason });
  };
  // The UIDs become part of a file: what is none is not let in.
  if (!isUid(sopInstanceUid)) return refuse(STATUS.invalidSopInstance, 'The SOP Instance UID of the request is none.');
  if (!isUid(sopClassUid)) return refuse(STATUS.sopClassNotSupported, 'The SOP Class UID of the request is none.');
  if (sopClassUid !== request.context.abstractSyntaxUid)
    return refuse(STATUS.sopClassNotSupported, 'The request is for another SOP class than its presentation context.');
  if (request.command.dataSetType === 0x0101) return refuse(STATUS.mistypedArgument, 'The request has no data set.');
  return new StoreReceiver(request, context, { sopClassUid, sopInstanceUid });
}

class Mismatch extends Error {}

class StoreReceiver implements DatasetTarget {
  readonly #request: IncomingRequest;
  readonly #context: StoreContext;
  readonly #uids: { sopClassUid: string; sopInstanceUid: string };
  #writer: InstanceWriter | undefined;
  /** The file's beginning, until it was looked at. */
  #start: Buffer | undefined = starts.take();
  #filled = 0;
  readonly #headBytes: number;
  /** Resolves when the sink has room again. */
  #writing: Promise<void> | undefined;
  #bytes = 0;
  #failure: { error: unknown } | undefined;

  constructor(request: IncomingRequest, context: StoreContext, uids: { sopClassUid: string; sopInstanceUid: string }) {
    this.#request = request;
    this.#context = context;
    this.#uids = uids;
    const facts = { ...uids, transferSyntaxUid: request.context.transferSyntaxUid };
    try {
      this.#writer = context.sink.open({ ...facts, peer: context.peer });
    } catch (error) {
      this.#failure = { error };
    }
    const head = part10Head({ ...facts, sourceAet: context.peer });
    this.#headBytes = head.length;
    void this.write(head);
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (!this.#start) return this.#give(bytes);
    const count = Math.min(bytes.length, START_BYTES - this.#filled);
    this.#start.set(bytes.subarray(0, count), this.#filled);
    this.#filled += count;
    if (this.#filled < START_BYTES) return undefined;
    const held = this.#giveStart(this.#start);
    return this.#give(bytes.subarray(count)) ?? held;
  }

  #giveStart(start: Buffer): Promise<void> | undefined {
    this.#start = undefined;
    this.#checkIdentity(start.subarray(0, this.#filled));
    const held = this.#give(start.subarray(0, this.#filled));
    starts.give(start);
    return held;
  }

  /** A promise where the connection should be held. */
  #give(bytes: Buffer): Promise<void> | undefined {
    if (this.#failure || bytes.length === 0) return undefined;
    this.#bytes += bytes.length;
    try {
      const held = this.#writer?.write(bytes)?.catch((error: unknown) => void (this.#failure ??= { error }));
      if (held) this.#writing = this.#writing?.then(() => held) ?? held;
      return held;
    } catch (error) {
      this.#failure = { error };
      return undefined;
    }
  }

  /** What the data set says of itself must be what was announced (PS3.4 B.2.3, A9xx). */
  #checkIdentity(bytes: Uint8Array): void {
    const { sopClassUid, sopInstanceUid } = peekUids(
      bytes.subarray(this.#headBytes),
      this.#request.context.transferSyntaxUid,
    );
    if (sopClassUid !== undefined && sopClassUid !== this.#uids.sopClassUid)
      this.#failure ??= { error: new Mismatch('The data set is of another SOP class than announced.') };
    if (sopInstanceUid !== undefined && sopInstanceUid !== this.#uids.sopInstanceUid)
      this.#failure ??= { error: new Mismatch('The data set holds another SOP Instance UID than announced.') };
  }

  end(): Promise<void> | undefined {
    if (this.#start) void this.#giveStart(this.#start);
    void this.#finish();
    return undefined;
  }

  async #finish(): Promise<void> {
    await this.#writing;
    const { early } = this.#context;
    if (!early || this.#failure) return this.#conclude(false);
    await early.room();
    respond(this.#request, this.#context, { ...this.#uids, status: STATUS.success, bytes: this.#bytes });
    early.track(this.#conclude(true));
  }

  /** Sees the instance to the disk, then tells. `isLate`: the peer has its answer already. */
  async #conclude(isLate: boolean): Promise<void> {
    let outcome: SinkOutcome | undefined;
    if (!this.#failure) {
      try {
        outcome = await this.#writer?.finish();
      } catch (error) {
        this.#failure = { error };
      }
    }
    if (this.#failure) await this.#discard();
    const verdict = outcome ? verdictOf(outcome, this.#uids.sopInstanceUid) : verdictOfFailure(this.#failure?.error);
    const report: StoredReport = { ...this.#uids, ...verdict, ...(outcome && { outcome }), bytes: this.#bytes };
    if (isLate) this.#context.onStored({ ...report, isLate });
    else answer(this.#request, this.#context, report);
  }

  abort(error: LecternError): void {
    this.#failure ??= { error };
    void this.#discard();
    this.#context.onStored({
      ...this.#uids,
      status: STATUS.processingFailure,
      bytes: this.#bytes,
      reason: `The transfer broke off: ${error.message}`,
    });
  }

  async #discard(): Promise<void> {
    await this.#writing;
    await this.#writer?.abort().catch(() => undefined);
  }
}

const starts = new BufferPool(START_BYTES, 32);

function answer(request: IncomingRequest, context: StoreContext, report: StoredReport): void {
  context.onStored(report);
  respond(request, context, report);
}

function respond(request: IncomingRequest, context: StoreContext, report: StoredReport): void {
  context.association
    .respond(request, {
      status: report.status,
      affectedSopInstanceUid: report.sopInstanceUid,
      ...(report.status !== STATUS.success &&
        report.reason !== undefined && { errorComment: report.reason.slice(0, 64) }),
    })
    // The association is gone, and whoever had it knows.
    .catch(() => undefined);
}

/** PS3.4 B.2.3. What is held already is success: the sender asked for it to be kept, and it is. A conflict is kept too, but
 * aside: no warning of B.2.3 says so (B000 would say that we changed the data set), and success would let the sender delete
 * the only copy that anybody can find; so it is a failure, 0111 of PS3.7 C.4: another instance has this UID. */
function verdictOf(outcome: SinkOutcome, announcedUid: string): { status: number; reason?: string } {
  const { reason } = outcome;
  switch (outcome.outcome) {
    case 'stored':
    case 'repaired':
    case 'duplicate':
      if (outcome.sopInstanceUid !== undefined && outcome.sopInstanceUid !== announcedUid)
        return {
          status: STATUS.dataSetMismatch,
          reason: 'The data set holds another SOP Instance UID than announced.',
        };
      // Who sent it may have it whole, and should not delete that for a copy that is cut.
      return {
        status: CUT_REPAIRS.has(outcome.code ?? '') ? STATUS.dataSetWarning : STATUS.success,
        ...(reason !== undefined && { reason }),
      };
    case 'conflict':
      return {
        status: STATUS.duplicateSopInstance,
        reason: reason ?? 'Another instance with this UID is held; this one is kept aside.',
      };
    case 'refused':
      if (outcome.code === 'sop-class-mismatch')
        return { status: STATUS.dataSetMismatch, reason: reason ?? 'The data set does not fit the SOP class.' };
      return { status: STATUS.cannotUnderstand, reason: reason ?? 'The data set cannot be understood.' };
  }
}

function verdictOfFailure(error: unknown): { status: number; reason: string } {
  if (error instanceof LecternError && error.code === 'disk-full')
    return { status: STATUS.outOfResources, reason: 'Out of disk space.' };
  if (error instanceof LecternError && error.code === 'not-written')
    return { status: STATUS.processingFailure, reason: 'The archive cannot be written.' };
  if (error instanceof Mismatch) return { status: STATUS.dataSetMismatch, reason: error.message };
  return { status: STATUS.processingFailure, reason: 'Storing it failed.' };
}
