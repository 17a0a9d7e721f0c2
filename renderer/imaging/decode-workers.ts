// Hands compressed frames to worker threads; a decoder that dies costs its frames, not the page.
import type { DecodeProblem } from '#shared/codecs/decode-frame.ts';
import { err, type Result } from '#shared/base/result.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import type { DecodeCall, DecodeReply } from './decode.worker.ts';

const MOST_WORKERS = Math.max(2, Math.min(6, (navigator.hardwareConcurrency || 4) - 2));

interface DecodeSlot {
  worker: Worker;
  pending: Map<number, (result: Result<DecodedFrame, DecodeProblem>) => void>;
}

export class DecodeWorkers {
  readonly #workers: DecodeSlot[] = [];
  #nextId = 1;

  decode(
    bytes: Uint8Array<ArrayBuffer>,
    transferSyntaxUid: string,
    image: ImageDescription,
  ): Promise<Result<DecodedFrame, DecodeProblem>> {
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
    if (this.#workers.length >= MOST_WORKERS)
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
