// JPEG Lossless, processes 14 and 14 SV1 (PS3.5 A.4.2).
import { Decoder } from '@cornerstonejs/jpeg-lossless-decoder-js';
import { err, ok, type Result } from '../base/result.ts';
import type { FrameShape } from './frame-shape.ts';

export function decodeJpegLossless(bytes: Uint8Array, shape: FrameShape): Result<Uint8Array | Uint16Array, string> {
  try {
    const decoder = new Decoder();
    const size = shape.bitsAllocated > 8 ? 2 : 1;
    const own =
      bytes.buffer instanceof ArrayBuffer
        ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        : new Uint8Array(bytes);
    const decoded = decoder.decode(own.buffer, own.byteOffset, own.byteLength, size);
    const found = decoder.frame;
    if (
      found &&
      (found.dimX !== shape.columns || found.dimY !== shape.rows || found.numComp !== shape.samplesPerPixel)
    ) {
      return err(`the frame is ${found.dimX} x ${found.dimY} with ${found.numComp} samples, the header says otherwise`);
    }
    const words =
      size === 2
        ? new Uint16Array(decoded.buffer, decoded.byteOffset, decoded.byteLength >> 1)
        : new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength);
    if (words.length < shape.rows * shape.columns * shape.samplesPerPixel)
      return err('the frame ends before its last pixel');
    return ok(words);
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}
