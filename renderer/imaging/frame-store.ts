// Fetches and decodes frames, nearest to what is looked at first, and keeps them within a budget of memory.
import { decodeFrame, isNativeSyntax, type DecodeProblem } from '#shared/codecs/decode-frame.ts';
import { err, type Result } from '#shared/base/result.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import { BackendError, request } from '../backend-client/client.ts';
import type { DecodeCall, DecodeReply } from './decode.worker.ts';
import { wasmHost } from './wasm-host.ts';

/** One frame of a stack: where it is and what its header says. */
export interface StackFrame {
  key: string;
  address: string;
  image: ImageDescription;
}

export type LoadedFrame = Result<DecodedFrame, DecodeProblem>;

const AT_ONCE = 6;
const WORKERS = 2;
const CACHE_BYTES = 1024 * 1024 * 1024;

interface Waiting {
  frame: StackFrame;
  priority: number;
}

export class FrameStore {
  readonly #frames = new Map<string, LoadedFrame>();
  #bytes = 0;
  #queue: Waiting[] = [];
  readonly #active = new Map<string, AbortController>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #workers = new DecodeWorkers();

  get(key: string): LoadedFrame | undefined {
    return this.#frames.get(key);
  }

  /** Calls back with the key of each frame that arrives, or fails for good. */
  onFrame(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is wanted now, most urgent first, replaces what was wanted before by this owner's frames. */
  want(frames: readonly StackFrame[]): void {
    const wanted = new Set(frames.map((frame) => frame.key));
    this.#queue = [
      ...this.#queue.filter((waiting) => !wanted.has(waiting.frame.key)),
      ...frames
        .filter((frame) => !this.#frames.has(frame.key) && !this.#active.has(frame.key))
        .map((frame, priority) => ({ frame, priority })),
    ];
    this.#queue.sort((a, b) => a.priority - b.priority);
    this.#pump();
  }

  /** Forgets frames that nobody shows any more. */
  forget(keys: Iterable<string>): void {
    for (const key of keys) {
      this.#active.get(key)?.abort();
      const frame = this.#frames.get(key);
      if (frame?.ok) this.#bytes -= frame.value.words.byteLength;
      this.#frames.delete(key);
      this.#queue = this.#queue.filter((waiting) => waiting.frame.key !== key);
    }
  }

  #pump(): void {
    while (this.#active.size < AT_ONCE) {
      const next = this.#queue.shift();
      if (!next) return;
      const abort = new AbortController();
      this.#active.set(next.frame.key, abort);
      void this.#load(next.frame, abort.signal).then((loaded) => {
        this.#active.delete(next.frame.key);
        if (loaded) this.#keep(next.frame.key, loaded);
        this.#pump();
      });
    }
  }

  #keep(key: string, loaded: LoadedFrame): void {
    this.#frames.set(key, loaded);
    if (loaded.ok) this.#bytes += loaded.value.words.byteLength;
    // Oldest first; a frame that is asked for again is simply fetched again.
    for (const [oldest, frame] of this.#frames) {
      if (this.#bytes <= CACHE_BYTES || oldest === key) break;
      if (frame.ok) this.#bytes -= frame.value.words.byteLength;
      this.#frames.delete(oldest);
    }
    for (const listener of this.#listeners) listener(key);
  }

  async #load(frame: StackFrame, signal: AbortSignal): Promise<LoadedFrame | undefined> {
    try {
      const response = await request(frame.address, {
        signal,
        headers: { accept: 'application/octet-stream; transfer-syntax=*' },
      });
      const syntax =
        /transfer-syntax=([0-9.]+)/.exec(response.headers.get('content-type') ?? '')?.[1] ??
        frame.image.transferSyntaxUid;
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (isNativeSyntax(syntax)) return await decodeFrame(bytes, syntax, frame.image, wasmHost);
      return await this.#workers.decode(bytes, syntax, frame.image);
    } catch (error) {
      if (signal.aborted) return undefined;
      const detail = error instanceof BackendError ? error.message : 'The frame could not be fetched.';
      return err({ code: 'damaged-frame', detail });
    }
  }
}

interface DecodeSlot {
  worker: Worker;
  pending: Map<number, (result: LoadedFrame) => void>;
}

class DecodeWorkers {
  readonly #workers: DecodeSlot[] = [];
  #nextId = 1;

  decode(bytes: Uint8Array<ArrayBuffer>, transferSyntaxUid: string, image: ImageDescription): Promise<LoadedFrame> {
    const id = this.#nextId++;
    const slot = this.#pick();
    const { rows, columns, samplesPerPixel, photometric, isPlanar, bitsAllocated, bitsStored, isSigned, pixelKind } =
      image;
    const call: DecodeCall = {
      id,
      bytes,
      transferSyntaxUid,
      shape: { rows, columns, samplesPerPixel, photometric, isPlanar, bitsAllocated, bitsStored, isSigned, pixelKind },
    };
    return new Promise((resolve) => {
      slot.pending.set(id, resolve);
      slot.worker.postMessage(call, [bytes.buffer]);
    });
  }

  #pick(): DecodeSlot {
    const idle = this.#workers.find((slot) => slot.pending.size === 0);
    if (idle) return idle;
    if (this.#workers.length >= WORKERS)
      return this.#workers.reduce((a, b) => (a.pending.size <= b.pending.size ? a : b));
    const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
    const slot: DecodeSlot = { worker, pending: new Map() };
    worker.addEventListener('message', ({ data }: MessageEvent<DecodeReply>) => {
      slot.pending.get(data.id)?.(data.result);
      slot.pending.delete(data.id);
    });
    worker.addEventListener('error', () => {
      // A decoder that dies takes its frames with it, not the page.
      for (const resolve of slot.pending.values())
        resolve(err({ code: 'damaged-frame', detail: 'The decoder failed on this frame.' }));
      this.#workers.splice(this.#workers.indexOf(slot), 1);
    });
    this.#workers.push(slot);
    return slot;
  }
}
