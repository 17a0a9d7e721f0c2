import { expect, test } from 'vitest';
import { assignEmpty, movedCell } from './cells.logic.ts';

const series = [
  { seriesUid: 'report', thumbnailSopUid: null },
  { seriesUid: 'a', thumbnailSopUid: '1' },
  { seriesUid: 'b', thumbnailSopUid: '2' },
];

test('empty cells take what no cell shows, pictures first; taken cells stay', () => {
  expect(assignEmpty({ 1: 'b' }, series, 4)).toEqual({ 0: 'a', 1: 'b', 2: 'report' });
  expect(assignEmpty({ 0: 'a' }, series, 2)).toEqual({ 0: 'a', 1: 'b' });
  // A series in a cell that is no longer on the screen counts as not shown.
  expect(assignEmpty({ 5: 'a' }, series, 1)).toEqual({ 0: 'a', 5: 'a' });
});

test('walking stays in the grid', () => {
  expect(movedCell(0, 2, 3, 1, 1)).toBe(4);
  expect(movedCell(5, 2, 3, 1, 1)).toBe(5);
  expect(movedCell(3, 2, 3, -1, -1)).toBe(0);
});
