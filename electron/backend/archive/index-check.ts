// Whether the index can be read all through. In a worker: of a million instances that takes a while.
import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { checkDatabase, DatabaseDamage, type Database } from '#backend/base/database.ts';
import { workerEntry } from '#backend/workers/worker-pool.ts';

/** `hindered`: no second connection looks into it now, as where the disk is full and the first holds it alone. */
export type IndexLook = { kind: 'intact' | 'hindered' } | { kind: 'damaged'; reason: string };

export class IndexCheck {
  readonly #db: Database;
  readonly #setup: { file: string; key: ReturnType<typeof createSecretKey> };

  /** `db`: the index as it is open, at `file` under `key`. */
  constructor(db: Database, file: string, key: Uint8Array) {
    this.#db = db;
    this.#setup = { file, key: createSecretKey(key) };
  }

  get file(): string {
    return this.#setup.file;
  }

  /** What is wrong, in a sentence; the next start makes the index anew then. Undefined where nothing is found. Rejects when `signal` is
   * aborted. */
  async damage(signal: AbortSignal): Promise<string | undefined> {
    const worker = new Worker(workerEntry('index-check.worker', import.meta.url), { workerData: this.#setup });
    try {
      const [look] = (await once(worker, 'message', { signal })) as [IndexLook];
      if (look.kind === 'hindered') return this.#damageHere();
      return look.kind === 'damaged' ? look.reason : undefined;
    } finally {
      await worker.terminate();
    }
  }

  /** Holds everything else up, which is better than an answer that nobody looked for. */
  #damageHere(): string | undefined {
    try {
      checkDatabase(this.#db, this.#setup.file);
      return undefined;
    } catch (error) {
      if (error instanceof DatabaseDamage) return error.message;
      throw error;
    }
  }
}
