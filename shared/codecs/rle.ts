// RLE Lossless (PS3.5 Annex G): byte segments, most significant byte of each sample first.
import { err, ok, type Result } from '../base/result.ts';

export interface RleShape {
  pixels: number;
  samplesPerPixel: number;
  bytesPerSample: number;
}

/** Planar little endian samples of one frame; the error is a sentence. */
export function decodeRle(
  bytes: Uint8Array,
  { pixels, samplesPerPixel, bytesPerSample }: RleShape,
): Result<Uint8Array<ArrayBuffer>, string> {
  if (bytes.length < 64) return err('the frame has no RLE header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(0, true);
  if (count !== samplesPerPixel * bytesPerSample)
    return err(`the frame has ${count} segments where ${samplesPerPixel * bytesPerSample} belong`);
  const out = new Uint8Array(pixels * samplesPerPixel * bytesPerSample);
  for (let segment = 0; segment < count; segment++) {
    const start = view.getUint32(4 + segment * 4, true);
    const end = segment + 1 < count ? view.getUint32(8 + segment * 4, true) : bytes.length;
    if (start < 64 || end > bytes.length || start > end) return err('a segment lies outside of the frame');
    const sample = Math.floor(segment / bytesPerSample);
    const byteIndex = bytesPerSample - 1 - (segment % bytesPerSample);
    const base = sample * pixels * bytesPerSample + byteIndex;
    if (!decodeSegment(bytes.subarray(start, end), out, base, bytesPerSample, pixels))
      return err('a segment ends before its last pixel');
  }
  return ok(out);
}

/** PackBits into every `step`-th byte of `out`; false when the segment holds fewer than `count` bytes. */
function decodeSegment(segment: Uint8Array, out: Uint8Array, base: number, step: number, count: number): boolean {
  let done = 0;
  let at = 0;
  while (done < count && at < segment.length) {
    const control = segment[at++] as number;
    if (control < 128) {
      for (let i = 0; i <= control && done < count && at < segment.length; i++)
        out[base + done++ * step] = segment[at++] as number;
    } else if (control > 128) {
      if (at >= segment.length) return false;
      const value = segment[at++] as number;
      for (let i = 257 - control; i > 0 && done < count; i--) out[base + done++ * step] = value;
    }
  }
  return done === count;
}
