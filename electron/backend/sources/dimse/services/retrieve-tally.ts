// Keeps count of one retrieval: what the peer announces in its responses, what really arrived and was taken in, what not.
import { readIdentifier } from '../identifier/read-identifier.ts';
import { textsOf } from '#shared/dicom/json-values.ts';
import type { FailedInstance, RetrieveProgress, RetrieveResult } from '../../source.ts';
import type { CommandSet } from '../message/command-set.ts';
import type { OperationResponse } from '../message/operation.ts';
import { STATUS } from '../message/status.ts';
import type { StoredReport } from './store-scp.ts';

export class RetrieveTally {
  readonly #onProgress: (progress: RetrieveProgress) => void;
  readonly #held = new Set<string>();
  readonly #failed = new Map<string, FailedInstance>();
  /** Of operations that are over, and of the one under way. */
  #expectedBefore = 0;
  #expected: number | null = null;
  /** Failed after the peer was told success: not among those that it counts. */
  readonly #late = new Set<string>();
  #unnamed = 0;
  #peerFailed = 0;
  #bytes = 0;
  readonly warnings: string[] = [];

  constructor(onProgress: (progress: RetrieveProgress) => void) {
    this.#onProgress = onProgress;
  }

  get received(): number {
    return this.#held.size;
  }

  /** An instance has been answered. */
  stored(report: StoredReport): void {
    const { sopInstanceUid, status, reason = 'It was not taken in.' } = report;
    this.#bytes += report.bytes;
    // A warning: it is cut. It is held all the same; who compares what is here knows.
    if (status === STATUS.success || status === STATUS.dataSetWarning) {
      this.#held.add(sopInstanceUid);
      this.#failed.delete(sopInstanceUid);
    } else if (!this.#held.has(sopInstanceUid)) {
      if (report.isLate) this.#late.add(sopInstanceUid);
      this.#failed.set(sopInstanceUid, { sopInstanceUid, reason });
    }
    this.#tell();
  }

  /** A response of the operation under way (PS3.4 C.4.2.1.5 to C.4.2.1.9). */
  responded({ command, dataset, isFinal }: OperationResponse, transferSyntaxUid: string): void {
    const sum = sumOf(command);
    // The final response need not tell what remains, nor anything at all.
    if (sum !== undefined) this.#expected = Math.max(this.#expected ?? 0, sum);
    if (isFinal) {
      this.#peerFailed += command.failedSubOperations ?? 0;
      for (const uid of [...(command.failedSopInstanceUids ?? []), ...failedUids(dataset, transferSyntaxUid)]) {
        if (this.#held.has(uid) || this.#failed.has(uid)) continue;
        this.#failed.set(uid, { sopInstanceUid: uid, reason: 'The other system could not send it.' });
      }
      this.#unnamed = Math.max(0, this.#peerFailed - (this.#failed.size - this.#late.size));
      if (command.warningSubOperations)
        this.warnings.push(`The other system reports ${command.warningSubOperations} transfers with a warning.`);
    }
    this.#tell();
  }

  /** The operation is over; the next one of this retrieval begins. */
  next(): void {
    this.#expectedBefore += this.#expected ?? 0;
    this.#expected = null;
  }

  result(): RetrieveResult {
    const unnamed = Array.from({ length: this.#unnamed }, (): FailedInstance => ({
      reason: 'The other system could not send it, and does not say which one it is.',
    }));
    const { expected, received, bytes } = this.#progress();
    return { expected, received, failed: [...this.#failed.values(), ...unnamed], warnings: this.warnings, bytes };
  }

  #progress(): RetrieveProgress {
    const isKnown = this.#expected !== null || this.#expectedBefore > 0;
    return {
      expected: isKnown ? this.#expectedBefore + (this.#expected ?? 0) : null,
      received: this.#held.size,
      failed: this.#failed.size + this.#unnamed,
      bytes: this.#bytes,
    };
  }
  #tell(): void {
    this.#onProgress(this.#progress());
  }
}

function sumOf(command: CommandSet): number | undefined {
  const { remainingSubOperations, completedSubOperations, failedSubOperations, warningSubOperations } = command;
  const counts = [remainingSubOperations, completedSubOperations, failedSubOperations, warningSubOperations];
  if (counts.every((count) => count === undefined)) return undefined;
  return counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
}

/** Failed SOP Instance UID List (0008,0058). */
function failedUids(dataset: Buffer | undefined, transferSyntaxUid: string): string[] {
  if (!dataset) return [];
  const read = readIdentifier(dataset, transferSyntaxUid);
  return read.ok ? textsOf(read.value.dataset, '00080058').filter((uid) => uid !== '') : [];
}
