// Takes the compression from instances in one worker that may die alone.
import { WorkerPool, workerEntry } from '#backend/workers/worker-pool.ts';
import type { Uncompressed } from '#backend/sources/source.ts';
import { LecternError } from '#shared/contract/errors.ts';
import type { UncompressAnswers, UncompressCall } from './uncompress-messages.ts';

export interface Uncompressor {
  /** Rejects with LecternError 'cannot-decode' that says why not. */
  uncompress(file: Uint8Array<ArrayBuffer>, targetUid: string): Promise<Uncompressed>;
  close(): Promise<void>;
}

export function createUncompressor(): Uncompressor {
  const pool = new WorkerPool<UncompressCall, UncompressAnswers>({
    entry: workerEntry('uncompress.worker', import.meta.url),
    size: 1,
    workerData: {},
    patienceMs: 10 * 60_000,
    maxHeapMb: 2048,
  });
  return {
    uncompress: async (file, targetUid) => {
      const cannot = (why: string): LecternError =>
        new LecternError('cannot-decode', `It would have to be sent without compression, and cannot be: ${why}.`);
      const answer = await pool
        .call({ kind: 'uncompress', file, targetUid }, { transfer: [file.buffer] })
        .catch((error: unknown) => {
          throw cannot(error instanceof Error ? error.message : String(error));
        });
      if (!answer.ok) throw cannot(answer.detail.replace(/\.$/, ''));
      return answer;
    },
    close: () => pool.close(),
  };
}
