// Colour frames to RGBA: RGB and palette, the YBR forms of PS3.3 C.7.6.3.1.2, both planar layouts, more than 8 bits.
import type { ImageDescription, Lut, PixelPalette } from '../dicom/image-description.ts';
import { isSubsampled } from '../dicom/subsampling.ts';
import type { DecodedFrame } from './frame.ts';
import { storedValue } from './grey-values.ts';

const OPAQUE = 255;
const clampByte = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value));

export const isColor = (frame: Pick<DecodedFrame, 'samplesPerPixel' | 'photometric'>): boolean =>
  frame.samplesPerPixel >= 3 || frame.photometric === 'PALETTE COLOR';

/** Palette output as bytes; 16-bit palettes by their upper byte (PS3.3 C.7.6.3.1.5). */
function paletteBytes({ red, green, blue }: PixelPalette): { lut: Lut; bytes: Uint8Array }[] {
  const tables = [red, green, blue];
  // Some writers state 16 bits but fill in 8: then the top byte of every entry of all three is empty.
  const isWide = tables.some(({ bits, data }) => bits > 8 && data.some((entry) => entry > 255));
  return tables.map((lut) => ({
    lut,
    bytes: Uint8Array.from(lut.data, (entry) => (isWide ? entry >> 8 : entry)),
  }));
}

export function paletteToRgba(frame: DecodedFrame, image: ImageDescription, out: Uint8ClampedArray): void {
  const { palette } = image;
  if (!palette) return;
  const [red, green, blue] = paletteBytes(palette);
  if (!red || !green || !blue) return;
  const entry = ({ lut, bytes }: { lut: Lut; bytes: Uint8Array }, stored: number): number =>
    bytes[Math.min(bytes.length - 1, Math.max(0, stored - lut.first))] ?? 0;
  for (let at = 0, to = 0; to < out.length; at++, to += 4) {
    const stored = storedValue(frame.words[at] ?? 0, image);
    out[to] = entry(red, stored);
    out[to + 1] = entry(green, stored);
    out[to + 2] = entry(blue, stored);
    out[to + 3] = OPAQUE;
  }
}

/** Three-sample frames; the words' photometric interpretation says what they are. */
export function colorToRgba(frame: DecodedFrame, image: ImageDescription, out: Uint8ClampedArray): void {
  if (isSubsampled(frame.photometric, frame.samplesPerPixel) && frame.words.length < frame.rows * frame.columns * 3)
    return subsampledToRgba(frame, out);
  const pixels = frame.rows * frame.columns;
  const [next, plane] = frame.isPlanar ? [1, pixels] : [frame.samplesPerPixel, 1];
  const { words, photometric } = frame;
  const divisor = image.bitsStored > 8 ? 2 ** (image.bitsStored - 8) : 1;
  for (let pixel = 0, to = 0; pixel < pixels; pixel++, to += 4) {
    const at = pixel * next;
    const a = (words[at] ?? 0) / divisor;
    const b = (words[at + plane] ?? 0) / divisor;
    const c = (words[at + 2 * plane] ?? 0) / divisor;
    writePixel(out, to, photometric, a, b, c);
  }
}

/** Uncompressed YBR_FULL_422 or YBR_PARTIAL_422: Y1 Y2 Cb Cr for each two pixels (PS3.3 C.7.6.3.1.2). */
function subsampledToRgba(frame: DecodedFrame, out: Uint8ClampedArray): void {
  const { words, photometric } = frame;
  for (let at = 0, to = 0; to < out.length; at += 4, to += 8) {
    const [y1 = 0, y2 = 0, cb = 0, cr = 0] = [words[at], words[at + 1], words[at + 2], words[at + 3]];
    writePixel(out, to, photometric, y1, cb, cr);
    if (to + 4 < out.length) writePixel(out, to + 4, photometric, y2, cb, cr);
  }
}

function writePixel(out: Uint8ClampedArray, to: number, photometric: string, a: number, b: number, c: number): void {
  out[to + 3] = OPAQUE;
  if (photometric.startsWith('YBR_PARTIAL')) {
    const y = 1.1644 * (a - 16);
    out[to] = clampByte(y + 1.596 * (c - 128));
    out[to + 1] = clampByte(y - 0.3917 * (b - 128) - 0.813 * (c - 128));
    out[to + 2] = clampByte(y + 2.0173 * (b - 128));
  } else if (photometric.startsWith('YBR_FULL')) {
    out[to] = clampByte(a + 1.402 * (c - 128));
    out[to + 1] = clampByte(a - 0.344136 * (b - 128) - 0.714136 * (c - 128));
    out[to + 2] = clampByte(a + 1.772 * (b - 128));
  } else {
    out[to] = a;
    out[to + 1] = b;
    out[to + 2] = c;
  }
}
