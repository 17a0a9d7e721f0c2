// Whether the index can be read all through. In a worker: of a million instances that takes a while.
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { workerEntry } from '#backend/workers/worker-pool.ts';

/** What is wrong, in a sentence; the next start makes the index anew then. Undefined where nothing is found. Rejects when `signal` is
 * aborted. */
export async function damageOfIndex(file: string, key: KeyObject, signal: AbortSignal): Promise<string | undefined> {
  const worker = new Worker(workerEntry('index-check.worker', import.meta.url), { workerData: { file, key } });
  try {
    const [damage] = (await once(worker, 'message', { signal })) as [string | null];
    return damage ?? undefined;
  } finally {
    await worker.terminate();
  }
}
