// Shutters as they are drawn: what stays open, and the colour of the rest.
import { describe, expect, test } from 'vitest';
import type { ImageDescription } from '../dicom/image-description.ts';
import { drawShutters } from './overlays.ts';

const circle = { shape: 'CIRCULAR', row: 4, column: 4, radius: 2 } as const;
function drawn(pixelAspect: number): Uint8ClampedArray {
  const out = new Uint8ClampedArray(7 * 7 * 4).fill(255);
  const image = { rows: 7, columns: 7, pixelAspect, shutters: [circle], shutterRgb: [1, 2, 3] };
  drawShutters(image as unknown as ImageDescription, out);
  return out;
}
const openIn = (out: Uint8ClampedArray, at: (i: number) => number): number[] =>
  [1, 2, 3, 4, 5, 6, 7].filter((i) => out[at(i) * 4] === 255);

describe('a circle of radius 2 about the fourth pixel of the fourth row', () => {
  // The radius is in pixels along a row (PS3.3 C.7.6.11): pixels twice as high as wide, half as many rows.
  test.each([
    [1, [2, 3, 4, 5, 6]],
    [2, [3, 4, 5]],
    [0.5, [1, 2, 3, 4, 5, 6, 7]],
  ])('in pixels %d times as high as wide', (pixelAspect, rows) => {
    const out = drawn(pixelAspect);
    expect(openIn(out, (column) => 3 * 7 + column - 1)).toEqual([2, 3, 4, 5, 6]);
    expect(openIn(out, (row) => (row - 1) * 7 + 3)).toEqual(rows);
  });
});

test('the rest has the colour of the shutter, and stays opaque', () => {
  expect([...drawn(1).subarray(0, 4)]).toEqual([1, 2, 3, 255]);
});
