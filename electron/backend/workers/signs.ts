// How a worker shows its pool that it is at work, without a message: in memory that both share. In any other thread nothing is shown.
import { workerData } from 'node:worker_threads';

/** Cells of the shared memory. */
export const STEPS = 0;
export const UNDER_WAY = 1;

const signs = (workerData as { signs?: Int32Array } | null | undefined)?.signs;

/** One of many steps of a long call: a worker that makes them is not taken for one that hangs. */
export function step(): void {
  if (signs) Atomics.add(signs, STEPS, 1);
}

/** Runs a call, up to its first wait, as the one that is to blame where the worker is lost. */
export function underBlame<T>(id: number, run: () => T): T {
  if (!signs) return run();
  step();
  Atomics.store(signs, UNDER_WAY, id);
  try {
    return run();
  } finally {
    Atomics.store(signs, UNDER_WAY, 0);
  }
}
