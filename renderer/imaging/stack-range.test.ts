import { describe, expect, test } from 'vitest';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import { StackRange } from './stack-range.ts';

const described = (more: Partial<ImageDescription>): ImageDescription =>
  ({
    sopInstanceUid: '1.1',
    pixelKind: 'integer',
    bitsAllocated: 16,
    bitsStored: 12,
    highBit: 11,
    isSigned: false,
    photometric: 'MONOCHROME2',
    windows: [],
    voiFunction: 'LINEAR',
    voiLuts: [],
    ...more,
  }) as unknown as ImageDescription;
const placed: Partial<ImageDescription> = { positionLps: [0, 0, 0], orientation: [1, 0, 0, 0, 1, 0] };
const framed = (...words: number[]): DecodedFrame =>
  ({
    rows: 1,
    columns: words.length,
    samplesPerPixel: 1,
    photometric: 'MONOCHROME2',
    words: Uint16Array.from(words),
  }) as unknown as DecodedFrame;

/** Centers of two frames, one after the other. */
function centers(first: Partial<ImageDescription>, second: Partial<ImageDescription>): unknown[] {
  const range = new StackRange();
  return [
    range.voiFor(framed(0, 100), described({ sopInstanceUid: '1.1', ...first })),
    range.voiFor(framed(1000, 3000), described({ sopInstanceUid: '1.2', ...second })),
  ].map((voi) => voi.kind === 'window' && voi.center);
}

describe('images without a window in the header', () => {
  test.each([
    ['slices of a volume', placed, placed],
    [
      'slices with a slope each',
      { ...placed, rescale: { slope: 1, intercept: 0, type: undefined } },
      { ...placed, rescale: { slope: 2, intercept: 0, type: undefined } },
    ],
    ['frames of a clip', { frameIndex: 0 }, { frameIndex: 1, sopInstanceUid: '1.1' }],
  ])('%s keep one brightness', (_name, first, second) => expect(centers(first, second)).toEqual([50, 50]));

  test.each([
    ['projections', {}, {}],
    ['slices of other bits', { ...placed }, { ...placed, bitsStored: 14, highBit: 13 }],
    ['a slice and a picture of another kind', placed, {}],
    ['slices with and without a rescale', placed, { ...placed, rescale: { slope: 1, intercept: 0, type: 'HU' } }],
  ])('%s have a range each', (_name, first, second) => expect(centers(first, second)).toEqual([50, 2000]));

  test('a window in the header is that of its image alone', () => {
    const windows = [{ center: 7, width: 3, explanation: '' }];
    expect(centers(placed, { ...placed, windows })).toEqual([50, 7]);
    expect(centers({ ...placed, windows }, placed)).toEqual([7, 2000]);
  });
});
