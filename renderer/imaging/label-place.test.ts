import { expect, test } from 'vitest';
import { labelBox, type Box } from './label-place.ts';

const LINES = ['55.2 mm'];
const place = (cell: readonly [number, number], ...ends: [[number, number], [number, number]][]): Box[] =>
  ends.reduce<Box[]>((taken, each) => [...taken, labelBox(each, LINES, cell, taken)], []);
const overlaps = (boxes: Box[]): number =>
  boxes.flatMap((one, at) =>
    boxes
      .slice(at + 1)
      .filter(
        (other) =>
          Math.abs(one.x - other.x) < Math.min(one.width, other.width) &&
          Math.abs(one.y - other.y) < Math.min(one.height, other.height),
      ),
  ).length;

test('alone it stands beside the right end; at the edge of the cell beside the left one', () => {
  const [right, left] = place([400, 300], [[100, 100], [200, 140]], [[300, 200], [380, 200]]); // prettier-ignore
  expect(right?.x).toBeGreaterThan(200);
  expect(right && right.y + right.height / 2).toBe(120);
  expect(left && left.x + left.width).toBeLessThan(300);
});

test.each([
  [1132, 760],
  [376, 252],
  [225, 189],
])('four that cross near one place are all read, in a cell of %i x %i', (width, height) => {
  const [x, y] = [width / 2, height / 2];
  const boxes = place(
    [width, height],
    [[x - 30, y - 18], [x + 30, y + 18]],
    [[x - 30, y + 18], [x + 30, y - 18]],
    [[x, y - 30], [x + 1, y + 30]],
    [[x - 31, y], [x + 31, y - 1]],
  ); // prettier-ignore
  expect(overlaps(boxes)).toBe(0);
  for (const box of boxes) {
    expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    expect(box.y + box.height).toBeLessThanOrEqual(height);
  }
});

test('without room it is in the cell all the same', () => {
  const [, second] = place([60, 30], [[5, 5], [50, 25]], [[5, 25], [50, 5]]); // prettier-ignore
  expect(second).toMatchObject({ x: 0, y: 0.5 });
});
