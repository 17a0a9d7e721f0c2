// Hands compressed frames to worker threads; one that a decoder dies of, or does not come back from, costs itself, not the page and
// not the frames behind it.
import type { DecodeProblem } from '#shared/codecs/decode-frame.ts';
import { err, type Result } from '#shared/base/result.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import type { DecodeCall, DecodeReply } from './decode.worker.ts';

const MOST_WORKERS = Math.max(2, Math.min(6, (navigator.hardwareConcurrency || 4) - 2));

/** A frame that takes longer is one that the decoder does not come back from. */
const MOST_MS = 60_000;

/** `isTemporary`: not this frame's fault; it is asked for again. */
export type Decoded = Result<DecodedFrame, DecodeProblem & { isTemporary?: boolean }>;

interface DecodeSlot {
  worker: Worker;
  /** In the order they were handed over, which is that of decoding. */
  pending: Map<number, (result: Decoded) => void>;
  /** Runs while a frame is being decoded. */
  limit: ReturnType<typeof setTimeout> | undefined;
}

export class DecodeWorkers {
  readonly #workers: DecodeSlot[] = [];
  #nextId = 1;

  decode(bytes: Uint8Array<ArrayBuffer>, transferSyntaxUid: string, image: ImageDescription): Promise<Decoded> {
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
      slot.limit ??= this.#limit(slot);
      slot.worker.postMessage(call, [bytes.buffer]);
    });
  }

  #pick(): DecodeSlot {
    const idle = this.#workers.find((slot) => slot.pending.size === 0);
    if (idle) return idle;
    if (this.#workers.length >= MOST_WORKERS)
      return this.#workers.reduce((a, b) => (a.pending.size <= b.pending.size ? a : b));
    const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
    const slot: DecodeSlot = { worker, pending: new Map(), limit: undefined };
    worker.addEventListener('message', ({ data }: MessageEvent<DecodeReply>) => {
      slot.pending.get(data.id)?.(data.result);
      slot.pending.delete(data.id);
      clearTimeout(slot.limit);
      slot.limit = slot.pending.size > 0 ? this.#limit(slot) : undefined;
    });
    worker.addEventListener('error', () => this.#give(slot, 'The decoder failed on this frame.'));
    this.#workers.push(slot);
    return slot;
  }

  #limit(slot: DecodeSlot): ReturnType<typeof setTimeout> {
    return setTimeout(
      () => this.#give(slot, `The decoder did not come back from this frame within ${MOST_MS / 1000} s.`),
      MOST_MS,
    );
  }

  /** Gives a worker up: the frame it was at has failed, those behind it are asked for again. */
  #give(slot: DecodeSlot, detail: string): void {
    clearTimeout(slot.limit);
    slot.worker.terminate();
    this.#workers.splice(this.#workers.indexOf(slot), 1);
    const [first, ...others] = slot.pending.values();
    first?.(err({ code: 'damaged-frame', detail }));
    for (const resolve of others)
      resolve(err({ code: 'damaged-frame', detail: 'The decoder was lost to another frame.', isTemporary: true }));
  }
}
