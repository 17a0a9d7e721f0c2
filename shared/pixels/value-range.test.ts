import { expect, test } from 'vitest';
import type { ImageDescription } from '../dicom/image-description.ts';
import type { DecodedFrame } from './frame.ts';
import { valueRange, windowOfRange } from './value-range.ts';

const image = {
  pixelKind: 'integer',
  bitsStored: 16,
  highBit: 15,
  isSigned: true,
  padding: [-2000, -2000],
  rescale: { slope: 2, intercept: -100, type: 'HU' },
} as unknown as ImageDescription;
const frame = (words: Int16Array): DecodedFrame =>
  ({ words, rows: 1, columns: words.length, samplesPerPixel: 1, isPlanar: false, photometric: 'MONOCHROME2' }) as const;

test('in the modality unit, without padding', () => {
  expect(valueRange(frame(Int16Array.of(-2000, -10, 5, 30)), image)).toEqual([-120, -40]);
  expect(windowOfRange(frame(Int16Array.of(-2000, -10, 30)), image)).toEqual({
    kind: 'window',
    center: -80,
    width: 80,
    function: 'LINEAR_EXACT',
  });
});

test('outliers are left out when asked', () => {
  const words = Int16Array.from({ length: 1000 }, (_, index) => (index === 0 ? -1500 : index === 999 ? 9000 : 500));
  expect(valueRange(frame(words), image, 0.01)).toEqual([900, 901]);
});

test('one value, or padding only, is still a range', () => {
  expect(valueRange(frame(Int16Array.of(7, 7)), image)).toEqual([-86, -85]);
  expect(valueRange(frame(Int16Array.of(-2000)), image)).toEqual([0, 1]);
});
