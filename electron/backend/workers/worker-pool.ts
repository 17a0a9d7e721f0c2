// A fixed number of worker threads with one typed call each way. A worker that dies or hangs is replaced; only the calls
// it held fail. Knows nothing of what the workers do.
import { Worker } from 'node:worker_threads';

/** The worker ended or was ended (crash, out of memory, time limit) while it held this call. */
export class WorkerLost extends Error {
  override name = 'WorkerLost';
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
  resolve(value: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

interface Slot {
  worker: Worker;
  pending: Map<number, Pending>;
  /** Whoever waits until the worker owes nothing. */
  onIdle?: () => void;
}

export interface PoolOptions {
  entry: URL;
  size: number;
  workerData: unknown;
  /** Time a single call may take once sent before its worker is ended. */
  callTimeoutMs: number;
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

export class WorkerPool<Calls extends { kind: string }, Answers extends Record<Calls['kind'], unknown>> {
  readonly #options: PoolOptions;
  readonly #slots: (Slot | undefined)[];
  #nextId = 1;
  #closed = false;

  constructor(options: PoolOptions) {
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
    let best = 0;
    for (let i = 1; i < this.#slots.length; i++) {
      if ((this.#slots[i]?.pending.size ?? 0) < (this.#slots[best]?.pending.size ?? 0)) best = i;
    }
    return best;
  }

  /** Starts the workers that are not there, which takes some 100 ms, so that the first calls need not wait for them. */
  start(): void {
    if (!this.#closed) for (const index of this.#slots.keys()) this.#slotAt(index);
  }

  /** Sends a call; `transfer` hands its buffers over. Rejects with WorkerLost or WorkerFailure. */
  call<C extends Calls>(
    call: C,
    options: { slot?: number; transfer?: ArrayBuffer[] } = {},
  ): Promise<Answers[C['kind']]> {
    if (this.#closed) return Promise.reject(new WorkerLost('the worker pool is closed'));
    const slot = this.#slotAt(options.slot ?? this.pickSlot());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void slot.worker.terminate(), this.#options.callTimeoutMs);
      timer.unref();
      // A worker keeps the process alive only while it owes an answer.
      slot.worker.ref();
      slot.pending.set(id, { resolve: (value) => resolve(value as Answers[C['kind']]), reject, timer });
      slot.worker.postMessage({ id, call }, options.transfer ?? []);
    });
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
    const worker = new Worker(this.#options.entry, {
      workerData: this.#options.workerData,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxHeapMb, maxYoungGenerationSizeMb: 16 },
      // Descriptors opened in a worker are handed to the main thread, which closes them.
      trackUnmanagedFds: false,
    });
    worker.unref();
    const slot: Slot = { worker, pending: new Map() };
    const fail = (reason: string): void => {
      if (this.#slots[index] === slot) this.#slots[index] = undefined;
      for (const held of slot.pending.values()) {
        clearTimeout(held.timer);
        held.reject(new WorkerLost(reason));
      }
      slot.pending.clear();
      slot.onIdle?.();
    };
    worker.on('message', (reply: Reply) => {
      const held = slot.pending.get(reply.id);
      if (!held) return;
      slot.pending.delete(reply.id);
      if (slot.pending.size === 0) {
        if (!this.#closed) worker.unref();
        slot.onIdle?.();
      }
      clearTimeout(held.timer);
      if (reply.failure) held.reject(new WorkerFailure(reply.failure));
      else held.resolve(reply.answer);
    });
    worker.on('error', (error) => fail(error.message));
    worker.on('exit', () => fail('the worker ended'));
    this.#slots[index] = slot;
    return slot;
  }
}

/** Address of a worker entry beside its caller: TypeScript source in a checkout, bundled JavaScript in a build. */
export function workerEntry(name: string, callerUrl: string): URL {
  return new URL(callerUrl.endsWith('.ts') ? `./${name}.ts` : `./${name}.mjs`, callerUrl);
}
