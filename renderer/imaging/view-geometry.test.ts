import { describe, expect, test } from 'vitest';
import {
  affineOf,
  fitScale,
  imagePoint,
  invertAffine,
  lensAffine,
  snapped,
  viewOf,
  zoomedAt,
  type Affine,
} from './view-geometry.ts';

// Never square: 3:2 pixels, unequal sides, an odd cell.
const image = { rows: 130, columns: 210, pixelAspect: 1.5 };
const [width, height] = [701, 433];
const at = ([a, b, c, d, e, f]: Affine, column: number, row: number): [number, number] => [
  a * column + c * row + e,
  b * column + d * row + f,
];

describe.each([0, 30, 90, 180, 233, 270])('turned by %i', (rotationDeg) => {
  test.each([false, true])('flipped %s: affine, its inverse, probe and view agree', (isFlipped) => {
    const view = { rotationDeg, isFlipped, scale: 1.7, panX: 31, panY: -12 };
    const affine = affineOf(view, image, width, height);
    const [x, y] = at(affine, 17.5, 88.25);
    const [column, row] = imagePoint(view, image, width, height, x, y);
    expect(column).toBeCloseTo(17.5);
    expect(row).toBeCloseTo(88.25);
    const [u, v] = at(invertAffine(affine), x, y);
    expect(u).toBeCloseTo(17.5);
    expect(v).toBeCloseTo(88.25);
    const again = viewOf(affine, image, width, height);
    expect(again.isFlipped).toBe(isFlipped);
    for (const name of ['rotationDeg', 'scale', 'panX', 'panY'] as const) expect(again[name]).toBeCloseTo(view[name]);
    // The point under the lens's middle is the point it was asked for.
    const [lensX, lensY] = at(lensAffine(affine, x, y, 3, 200, 160), 17.5, 88.25);
    expect(lensX).toBeCloseTo(100);
    expect(lensY).toBeCloseTo(80);
  });

  test('zoomed, the point under the cursor stays', () => {
    const view = { rotationDeg, isFlipped: true, scale: 1.7, panX: 31, panY: -12 };
    for (const factor of [0.4, 3, 1e6]) {
      const point = imagePoint(view, image, width, height, 120, 300);
      const [x, y] = at(affineOf(zoomedAt(view, factor, width, height, 120, 300), image, width, height), ...point);
      expect(x).toBeCloseTo(120);
      expect(y).toBeCloseTo(300);
    }
  });

  test('fitted, all four corners lie in the cell and two sides touch it', () => {
    const pose = { rotationDeg, isFlipped: false };
    const view = { ...pose, scale: fitScale(pose, image, width, height), panX: 0, panY: 0 };
    const affine = affineOf(view, image, width, height);
    const corners = [at(affine, 0, 0), at(affine, 210, 0), at(affine, 0, 130), at(affine, 210, 130)];
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
    const slack = [Math.min(...xs), width - Math.max(...xs), Math.min(...ys), height - Math.max(...ys)];
    for (const each of slack) expect(each).toBeGreaterThan(-1e-6);
    expect(Math.min(...slack)).toBeCloseTo(0);
  });
});

describe('pixels on pixels', () => {
  const odd = { rows: 131, columns: 210, pixelAspect: 1 };
  const origin = [148.25, 40.5] as const;
  test.each([0, 90, 180, 270])(
    'at whole scales, turned by %i: on the grid of the screen, by less than a pixel',
    (rotationDeg) => {
      for (const scale of [1, 2, 3]) {
        const view = { rotationDeg, isFlipped: true, scale, panX: 3.4, panY: -7.1 };
        const moved = snapped(view, odd, [width, height], origin);
        const [, , , , e, f] = affineOf(moved, odd, width, height);
        for (const edge of [e + origin[0], f + origin[1]]) expect(edge).toBeCloseTo(Math.round(edge), 9);
        expect(Math.abs(moved.panX - view.panX)).toBeLessThanOrEqual(0.5);
        expect(Math.abs(moved.panY - view.panY)).toBeLessThanOrEqual(0.5);
      }
    },
  );
  test.each([
    ['another scale', { scale: 1.5 }, odd],
    ['another angle', { rotationDeg: 30 }, odd],
    ['pixels that are not square', {}, { ...odd, pixelAspect: 1.5 }],
  ])('%s: as it is', (_name, changed, shape) => {
    const view = { rotationDeg: 0, isFlipped: false, scale: 1, panX: 3.4, panY: -7.1, ...changed };
    expect(snapped(view, shape, [width, height], origin)).toBe(view);
  });
});
