// Native colour frames to RGBA, as dcm2pnm shows them; what has no colours that could be told is refused.
import { describe, expect, test } from 'vitest';
import { decodeFrame } from '../codecs/decode-frame.ts';
import type { ImageDescription } from '../dicom/image-description.ts';
import { paletteToRgba } from './color.ts';
import type { DecodedFrame } from './frame.ts';
import { renderFrame } from './render-frame.ts';

const NATIVE = '1.2.840.10008.1.2.1';
const host = {} as Parameters<typeof decodeFrame>[3];
const imageOf = (photometric: string, samplesPerPixel: number): ImageDescription =>
  ({
    rows: 1,
    columns: 2,
    samplesPerPixel,
    photometric,
    isPlanar: false,
    bitsAllocated: 8,
    bitsStored: 8,
    highBit: 7,
    isSigned: false,
    pixelKind: 'integer',
    overlays: [],
    shutters: [],
  }) as unknown as ImageDescription;

describe('two pixels', () => {
  test.each([
    ['RGB', [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]],
    ['YBR_FULL', [100, 128, 128, 50, 128, 228], [100, 100, 100, 190, 0, 50]],
    ['YBR_FULL_422', [100, 50, 128, 128], [100, 100, 100, 50, 50, 50]],
    ['YBR_FULL_422', [100, 128, 128, 50, 128, 228], [100, 100, 100, 190, 0, 50]],
    ['YBR_PARTIAL_422', [16, 235, 128, 128], [0, 0, 0, 255, 255, 255]],
  ])('%s %j', async (photometric, bytes, wanted) => {
    const image = imageOf(photometric, 3);
    const decoded = await decodeFrame(Uint8Array.from(bytes), NATIVE, image, host);
    if (!decoded.ok) throw new Error(decoded.error.detail);
    const out = new Uint8ClampedArray(8);
    const voi = { kind: 'window', center: 0, width: 1, function: 'LINEAR' } as const;
    renderFrame(decoded.value, image, { voi, isInverted: false }, out);
    expect([...out].filter((_, at) => at % 4 !== 3)).toEqual(wanted);
  });

  test('a palette is inverted as other colours are', async () => {
    const lut = (data: number[]) => ({ first: 0, bits: 8, data: Uint16Array.from(data) });
    const palette = { red: lut([10, 20]), green: lut([30, 40]), blue: lut([50, 60]) };
    const image = { ...imageOf('PALETTE COLOR', 1), palette } as unknown as ImageDescription;
    const decoded = await decodeFrame(Uint8Array.from([1, 0]), NATIVE, image, host);
    if (!decoded.ok) throw new Error(decoded.error.detail);
    const voi = { kind: 'window', center: 0, width: 1, function: 'LINEAR' } as const;
    const drawn = (isInverted: boolean): number[] => {
      const out = new Uint8ClampedArray(8);
      renderFrame(decoded.value, image, { voi, isInverted }, out);
      return [...out];
    };
    expect(drawn(false)).toEqual([20, 40, 60, 255, 10, 30, 50, 255]);
    expect(drawn(true)).toEqual([235, 215, 195, 255, 245, 225, 205, 255]);
  });

  // DCMTK 3.6.7 and pydicom give the upper bytes wherever one table fills 16 bits.
  test.each([
    ['filled', [0x1234, 0xffff], [0, 0x8080], [0, 0xff], [0x12, 0, 0, 0xff, 0x80, 0]],
    ['of which none exceeds eight', [10, 20], [0, 255], [7, 1], [10, 0, 7, 20, 255, 1]],
  ])('16-bit tables %s', (_name, red, green, blue, wanted) => {
    const lut = (data: number[]) => ({ first: 0, bits: 16, data: Uint16Array.from(data) });
    const palette = { red: lut(red), green: lut(green), blue: lut(blue) };
    const image = { ...imageOf('PALETTE COLOR', 1), palette } as unknown as ImageDescription;
    const frame = { ...image, words: Uint8Array.of(0, 1) } as unknown as DecodedFrame;
    const out = new Uint8ClampedArray(8);
    paletteToRgba(frame, image, out);
    expect([...out].filter((_, at) => at % 4 !== 3)).toEqual(wanted);
  });

  test.each([
    ['HSV', 3],
    ['ARGB', 4],
    ['CMYK', 4],
    ['MONOCHROME2', 2],
  ])('%s with %i samples is refused', async (photometric, samples) => {
    const decoded = await decodeFrame(new Uint8Array(64), NATIVE, imageOf(photometric, samples), host);
    expect(decoded).toMatchObject({ ok: false, error: { code: 'unsupported-syntax' } });
  });
});
