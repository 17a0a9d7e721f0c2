// Fetches and decodes frames, nearest to what is looked at first, and keeps them within a budget of memory: what is far
// from every view goes first and is fetched again when it is scrolled to.
import { decodeFrame, isNativeSyntax } from '#shared/codecs/decode-frame.ts';
import { err, ok } from '#shared/base/result.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { BackendError, request } from '../backend-client/client.ts';
import { DecodeWorkers, type Decoded } from './decode-workers.ts';
import { OverlayBits } from './overlay-bits.ts';
import { wasmHost } from './wasm-host.ts';

/** One frame of a stack: where it is and what its header says. */
export interface StackFrame {
  key: string;
  address: string;
  image: ImageDescription;
}

/** `isTemporary`: not the frame's fault; it is asked for again when it is looked at again, or by `retry`. */
export type LoadedFrame = Decoded;
export type LoadFrame = (frame: StackFrame, signal: AbortSignal) => Promise<LoadedFrame>;

const AT_ONCE = 6;
const GIB = 1024 ** 3;

/** A quarter of the machine's memory as far as the browser tells it (it says 8 GB for more), between 0.5 and 2 GiB. */
const defaultBudget = (): number => {
  const { deviceMemory = 4 } = navigator as { deviceMemory?: number };
  return Math.min(2, Math.max(0.5, deviceMemory / 4)) * GIB;
};

export const bytesOf = ({ rows, columns, samplesPerPixel, bitsAllocated }: ImageDescription): number =>
  rows * columns * samplesPerPixel * Math.max(1, bitsAllocated / 8);

export class FrameStore {
  readonly #frames = new Map<string, LoadedFrame>();
  readonly #budget: number;
  readonly #loadFrame: LoadFrame;
  #bytes = 0;
  /** What each view wants, most urgent first. */
  readonly #wanted = new Map<object, readonly StackFrame[]>();
  #queue: StackFrame[] = [];
  readonly #active = new Map<string, AbortController>();
  readonly #listeners = new Set<(key: string, isHere: boolean) => void>();

  constructor(budgetBytes = defaultBudget(), loadFrame: LoadFrame = createFrameLoader()) {
    this.#budget = budgetBytes;
    this.#loadFrame = loadFrame;
  }

  get(key: string): LoadedFrame | undefined {
    return this.#frames.get(key);
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** Calls back with the key of each frame that arrives (or fails for good), and of each that had to go. */
  onFrame(listener: (key: string, isHere: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What one view wants now, most urgent first; replaces what it wanted before. An empty list takes it out. */
  want(view: object, frames: readonly StackFrame[]): void {
    if (frames.length) this.#wanted.set(view, frames);
    else this.#wanted.delete(view);
    const [first] = frames;
    const before = first && this.#frames.get(first.key);
    if (first && before && !before.ok && before.error.isTemporary === true) this.#drop(first.key);
    this.#plan();
    this.#pump();
  }

  /** Asks again for all that failed through no fault of its own: the backend was away, and is back. */
  retry(): void {
    for (const [key, frame] of this.#frames) if (!frame.ok && frame.error.isTemporary === true) this.#drop(key);
    this.#plan();
    this.#pump();
  }

  /** Can all that is wanted be held at once? Else views say that the rest comes as it is scrolled to. */
  get isWhole(): boolean {
    return this.#planned().every(({ isWithin }) => isWithin);
  }

  /** All wanted frames, views taking turns, with whether they fit into the budget together with those before them. */
  #planned(): { frame: StackFrame; isWithin: boolean }[] {
    const lists = [...this.#wanted.values()];
    const longest = Math.max(0, ...lists.map((list) => list.length));
    const seen = new Set<string>();
    const planned: { frame: StackFrame; isWithin: boolean }[] = [];
    let bytes = 0;
    for (let at = 0; at < longest; at++)
      for (const list of lists) {
        const frame = list[at];
        if (!frame || seen.has(frame.key)) continue;
        seen.add(frame.key);
        bytes += bytesOf(frame.image);
        // The very first of a view is shown whatever it costs.
        planned.push({ frame, isWithin: at === 0 || bytes <= this.#budget });
      }
    return planned;
  }

  #plan(): void {
    const within = this.#planned().filter(({ isWithin }) => isWithin);
    const keys = new Set(within.map(({ frame }) => frame.key));
    this.#queue = within
      .map(({ frame }) => frame)
      .filter(({ key }) => !this.#frames.has(key) && !this.#active.has(key));
    for (const [key, abort] of this.#active) if (!keys.has(key)) abort.abort();
    if (this.#bytes > this.#budget * 0.9) this.#evict(keys);
  }

  /** Frames that nobody wants near go first, oldest first. */
  #evict(keep: ReadonlySet<string>): void {
    for (const key of this.#frames.keys()) {
      if (this.#bytes <= this.#budget * 0.8) return;
      if (!keep.has(key)) this.#drop(key);
    }
  }

  #drop(key: string): void {
    const frame = this.#frames.get(key);
    if (frame?.ok) this.#bytes -= frame.value.words.byteLength;
    this.#frames.delete(key);
    for (const listener of this.#listeners) listener(key, false);
  }

  #pump(): void {
    while (this.#active.size < AT_ONCE) {
      const next = this.#queue.shift();
      if (!next) return;
      const abort = new AbortController();
      this.#active.set(next.key, abort);
      void this.#loadFrame(next, abort.signal).then((loaded) => {
        this.#active.delete(next.key);
        if (!abort.signal.aborted) this.#keep(next.key, loaded);
        this.#pump();
      });
    }
  }

  #keep(key: string, loaded: LoadedFrame): void {
    this.#frames.set(key, loaded);
    if (loaded.ok) this.#bytes += loaded.value.words.byteLength;
    if (this.#bytes > this.#budget) this.#plan();
    for (const listener of this.#listeners) listener(key, true);
  }
}

/** Fetches a frame as it is stored and decodes it: plain ones here, compressed ones in workers. */
function createFrameLoader(): LoadFrame {
  const workers = new DecodeWorkers();
  const overlays = new OverlayBits();
  const decode = async (
    bytes: Uint8Array<ArrayBuffer>,
    syntax: string,
    image: ImageDescription,
  ): Promise<LoadedFrame> =>
    isNativeSyntax(syntax) ? decodeFrame(bytes, syntax, image, wasmHost) : workers.decode(bytes, syntax, image);
  return async (frame, signal) => {
    try {
      const response = await request(frame.address, {
        signal,
        // Kept here, decoded; a second copy in the browser's cache costs as much again, and would lie on disk unprotected.
        cache: 'no-store',
        headers: { accept: 'application/octet-stream; transfer-syntax=*' },
      });
      const syntax =
        /transfer-syntax=([0-9.]+)/.exec(response.headers.get('content-type') ?? '')?.[1] ??
        frame.image.transferSyntaxUid;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const [decoded, overlayBits] = await Promise.all([decode(bytes, syntax, frame.image), overlays.of(frame.image)]);
      return decoded.ok && overlayBits ? ok({ ...decoded.value, overlayBits }) : decoded;
    } catch (error) {
      const detail = error instanceof BackendError ? error.message : 'The frame could not be fetched.';
      return err({ code: 'damaged-frame', detail, isTemporary: true });
    }
  };
}
