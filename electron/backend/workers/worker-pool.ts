// A fixed number of worker threads with one typed call each way. A worker that dies or hangs is replaced; of the calls it held, the
// one that it was at fails, and those that cannot be made again. Knows nothing of what the workers do.
import { setMaxListeners } from 'node:events';
import { Worker } from 'node:worker_threads';
import { cancelIn, leaveTurn, SIGNS_BYTES, STEPS, UNDER_WAY, type SharedSigns } from './signs.ts';

/** The worker ended or was ended (crash, out of memory, no sign of it) while it held this call. */
export class WorkerLost extends Error {
  override name = 'WorkerLost';
  /** Another call was under way: this one only waited, or had left something there. */
  readonly isBystander: boolean;
  constructor(message: string, isBystander = false) {
    super(message);
    this.isBystander = isBystander;
  }
}

/** A failure inside the worker, with the system's error code where it had one (ENOENT, ENOSPC). */
export class WorkerFailure extends Error {
  readonly code: string | undefined;
  constructor(failure: { name: string; message: string; code: string | undefined }) {
    super(failure.message);
    this.name = failure.name;
    this.code = failure.code;
  }
}

interface Pending {
  call: unknown;
  transfer: ArrayBuffer[];
  /** Where it is, and its number there. */
  at: { signs: Int32Array; id: number } | undefined;
  /** How often it was sent. */
  attempts: number;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Slot {
  worker: Worker;
  pending: Map<number, Pending>;
  /** See signs.ts. */
  signs: Int32Array;
  /** Runs while it owes an answer: ends a worker that gave no sign for so long. */
  watch?: NodeJS.Timeout;
  /** Whoever waits until the worker owes nothing. */
  onIdle?: () => void;
}

export interface PoolOptions<Calls = never> {
  entry: URL;
  size: number;
  /** So many of the workers are for calls that must not wait for the others: `pickReserved`. */
  reserved?: number;
  workerData: object;
  /** A worker that owes an answer and for so long has neither given one nor made a step (signs.ts) is ended; it may take twice that. */
  patienceMs: number;
  /** Whether a call can be made again where its worker was lost by another one: it leaves nothing behind in a worker. */
  isRepeatable?: (call: Calls) => boolean;
  /** Time that calls under way have to end when the pool closes. */
  closeTimeoutMs?: number;
  /** Heap limit of one worker. */
  maxHeapMb: number;
}

interface Reply {
  id: number;
  answer?: unknown;
  failure?: { name: string; message: string; code: string | undefined };
}

const CLOSE_TIMEOUT_MS = 5000;
/** A call that was under way each time may be the one that ends its workers, though none of them said so. */
const MOST_ATTEMPTS = 3;

export class WorkerPool<Calls extends { kind: string }, Answers extends Record<Calls['kind'], unknown>> {
  readonly #options: PoolOptions<Calls>;
  readonly #slots: (Slot | undefined)[];
  /** See `alone` in signs.ts. */
  readonly #turn = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  #nextId = 1;
  #closed = false;

  constructor(options: PoolOptions<Calls>) {
    this.#options = options;
    this.#slots = Array.from({ length: options.size });
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Calls may be lost that say nothing of what they were about. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** The least loaded worker's number, for calls that must stay together. */
  pickSlot(): number {
    return this.#leastLoaded(0, this.#firstReserved);
  }

  /** The same among the reserved ones. */
  pickReserved(): number {
    return this.#leastLoaded(this.#firstReserved, this.size);
  }

  get #firstReserved(): number {
    return this.size - (this.#options.reserved ?? 0);
  }

  #leastLoaded(from: number, to: number): number {
    let best = from;
    for (let i = from + 1; i < to; i++) {
      if ((this.#slots[i]?.pending.size ?? 0) < (this.#slots[best]?.pending.size ?? 0)) best = i;
    }
    return best;
  }

  /** Starts the reserved workers that are not there, which takes some 100 ms, so that the first calls need not wait for them. */
  startReserved(): void {
    if (!this.#closed) for (let index = this.#firstReserved; index < this.size; index++) this.#slotAt(index);
  }

  /** Sends a call; `transfer` hands its buffers over. Rejects with WorkerLost or WorkerFailure; once `signal` is aborted with one named
   * CALL_CANCELLED, at its next step, unless it is done before. */
  call<C extends Calls>(
    call: C,
    options: { slot?: number; transfer?: ArrayBuffer[]; signal?: AbortSignal | undefined } = {},
  ): Promise<Answers[C['kind']]> {
    if (this.#closed) return Promise.reject(new WorkerLost('the worker pool is closed'));
    const { slot = this.pickSlot(), transfer = [], signal } = options;
    const { promise, resolve, reject } = Promise.withResolvers<Answers[C['kind']]>();
    const held: Pending = {
      call,
      transfer,
      at: undefined,
      attempts: 0,
      resolve: (value) => resolve(value as Answers[C['kind']]),
      reject,
    };
    this.#send(slot, held);
    return signal ? cancellable(promise, held, signal) : promise;
  }

  #send(index: number, held: Pending): void {
    const slot = this.#slotAt(index);
    const id = this.#nextId++;
    held.attempts++;
    // A worker keeps the process alive only while it owes an answer.
    slot.worker.ref();
    held.at = { signs: slot.signs, id };
    slot.pending.set(id, held);
    slot.watch ??= this.#watch(index, slot);
    slot.worker.postMessage({ id, call: held.call }, held.transfer);
  }

  /** A thread that is stuck in the system cannot be ended at once: its calls do not wait for that. */
  #watch(index: number, slot: Slot): NodeJS.Timeout {
    let seen = Atomics.load(slot.signs, STEPS);
    const look = (): void => {
      const steps = Atomics.load(slot.signs, STEPS);
      if (steps === seen) {
        this.#lose(index, slot, 'the worker gave no sign any more');
        void slot.worker.terminate();
      }
      seen = steps;
    };
    return setInterval(look, this.#options.patienceMs).unref();
  }

  /** Sends what only waited to a new worker, in its order; the rest fails. */
  #lose(index: number, slot: Slot, reason: string): void {
    if (this.#slots[index] === slot) this.#slots[index] = undefined;
    clearInterval(slot.watch);
    const culprit = Atomics.load(slot.signs, UNDER_WAY);
    const all = [...slot.pending];
    slot.pending.clear();
    for (const [id, held] of all) {
      const isBystander = culprit !== 0 && id !== culprit;
      if (this.#isToRepeat(held) && (isBystander || culprit === 0)) this.#send(index, held);
      else held.reject(new WorkerLost(reason, isBystander));
    }
    slot.onIdle?.();
  }

  #isToRepeat({ call, transfer, attempts }: Pending): boolean {
    const { isRepeatable } = this.#options;
    return !this.#closed && attempts < MOST_ATTEMPTS && transfer.length === 0 && isRepeatable?.(call as Calls) === true;
  }

  /** Waits a while for the calls under way: a worker that is ended amid native code may take the process with it. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#slots.flatMap((slot) => (slot ? [this.#end(slot)] : [])));
  }

  async #end(slot: Slot): Promise<void> {
    // Nothing else may keep the process alive until the worker has ended.
    slot.worker.ref();
    if (slot.pending.size > 0)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS);
        slot.onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    await slot.worker.terminate();
  }

  #slotAt(index: number): Slot {
    const existing = this.#slots[index];
    if (existing) return existing;
    const signs = new Int32Array(new SharedArrayBuffer(SIGNS_BYTES));
    const worker = new Worker(this.#options.entry, {
      workerData: { ...this.#options.workerData, signs, turn: this.#turn } satisfies SharedSigns,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxHeapMb, maxYoungGenerationSizeMb: 16 },
      // Descriptors opened in a worker are handed to the main thread, which closes them.
      trackUnmanagedFds: false,
    });
    worker.unref();
    const { threadId } = worker;
    const slot: Slot = { worker, pending: new Map(), signs };
    worker.on('message', (reply: Reply) => {
      const held = slot.pending.get(reply.id);
      if (!held) return;
      slot.pending.delete(reply.id);
      Atomics.add(signs, STEPS, 1);
      if (slot.pending.size === 0) {
        clearInterval(slot.watch);
        delete slot.watch;
        if (!this.#closed) worker.unref();
        slot.onIdle?.();
      }
      if (reply.failure) held.reject(new WorkerFailure(reply.failure));
      else held.resolve(reply.answer);
    });
    worker.on('error', (error) => this.#lose(index, slot, error.message));
    worker.on('exit', () => {
      leaveTurn(this.#turn, threadId);
      this.#lose(index, slot, 'the worker ended');
    });
    this.#slots[index] = slot;
    return slot;
  }
}

async function cancellable<T>(answer: Promise<T>, held: Pending, signal: AbortSignal): Promise<T> {
  const cancel = (): void => held.at && cancelIn(held.at.signs, held.at.id);
  // One job has many calls under way.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  try {
    return await answer;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Address of a worker entry beside its caller: TypeScript source in a checkout, bundled JavaScript in a build. */
export function workerEntry(name: string, callerUrl: string): URL {
  return new URL(callerUrl.endsWith('.ts') ? `./${name}.ts` : `./${name}.mjs`, callerUrl);
}
