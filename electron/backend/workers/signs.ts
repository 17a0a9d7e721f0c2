// How a worker shows its pool that it is at work, and the pool that a call is wanted no more, without a message: in memory that both
// share. In any other thread nothing is shown.
import { threadId, workerData } from 'node:worker_threads';

/** Cells of the shared memory; behind them those of cancelled calls. */
export const STEPS = 0;
export const UNDER_WAY = 1;
const FIRST_CANCELLED = 2;
/** Calls whose numbers share a cell take it from each other: the earlier one goes on to its end then. */
const CANCELLED_CELLS = 64;
export const SIGNS_BYTES = (FIRST_CANCELLED + CANCELLED_CELLS) * Int32Array.BYTES_PER_ELEMENT;

const cellOf = (id: number): number => FIRST_CANCELLED + (id % CANCELLED_CELLS);

/** Name of the failure of a call that was wanted no more. */
export const CALL_CANCELLED = 'CallCancelled';

/** What a pool gives its workers. `turn`: the thread whose turn it is, of all workers of the pool; 0: none's. */
export interface SharedSigns {
  signs: Int32Array;
  turn: Int32Array;
}
const { signs, turn } = (workerData ?? {}) as Partial<SharedSigns>;
/** A thread that waits for its turn shows this often that it does, and whether it is wanted still. */
const WAITING_MS = 250;

/** For the pool: the call is left at its next step, or not begun. */
export const cancelIn = (of: Int32Array, id: number): void => void Atomics.store(of, cellOf(id), id);

/** One of many steps of a long call: a worker that makes them is not taken for one that hangs. Throws where the call is wanted no
 * more. */
export function step(): void {
  if (!signs) return;
  Atomics.add(signs, STEPS, 1);
  const id = Atomics.load(signs, UNDER_WAY);
  if (id !== 0 && Atomics.load(signs, cellOf(id)) === id)
    throw Object.assign(new Error('it is wanted no more'), { name: CALL_CANCELLED });
}

/** Runs a call, up to its first wait, as the one that is to blame where the worker is lost. */
export function underBlame<T>(id: number, run: () => T): T {
  if (!signs) return run();
  Atomics.store(signs, UNDER_WAY, id);
  try {
    return run();
  } finally {
    Atomics.store(signs, UNDER_WAY, 0);
  }
}

/** Runs what takes much memory while no other worker of the pool does. It may ask for that again. */
export function alone<T>(run: () => T): T {
  if (!turn || Atomics.load(turn, 0) === threadId) return run();
  for (let holder = takeTurn(turn); holder !== 0; holder = takeTurn(turn)) {
    Atomics.wait(turn, 0, holder, WAITING_MS);
    step();
  }
  try {
    return run();
  } finally {
    leaveTurn(turn, threadId);
  }
}

const takeTurn = (of: Int32Array): number => Atomics.compareExchange(of, 0, 0, threadId);

/** Also for the pool, of a worker that ended while it had the turn. */
export function leaveTurn(of: Int32Array, thread: number): void {
  if (Atomics.compareExchange(of, 0, thread, 0) === thread) Atomics.notify(of, 0);
}
