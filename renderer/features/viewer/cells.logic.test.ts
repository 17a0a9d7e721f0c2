import { expect, test } from 'vitest';
import type { SeriesRow } from '#shared/contract/views.ts';
import { assignEmpty, cellsInSight, movedCell } from './cells.logic.ts';
import { firstToShow } from './reading-order.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const series = [
  { seriesUid: 'report', thumbnailSopUid: null, sopClassUids: [] },
  { seriesUid: 'a', thumbnailSopUid: '1', sopClassUids: [CT] },
  { seriesUid: 'b', thumbnailSopUid: '2', sopClassUids: [CT] },
];
const labels = { seriesUid: 'labels', thumbnailSopUid: '3', sopClassUids: ['1.2.840.10008.5.1.4.1.1.66.4'] };

test('empty cells take what no cell shows, pictures first; taken cells stay', () => {
  expect(assignEmpty({ 1: 'b' }, series, [0, 1, 2, 3])).toEqual({ 0: 'a', 1: 'b', 2: 'report' });
  expect(assignEmpty({ 0: 'a' }, series, [0, 1])).toEqual({ 0: 'a', 1: 'b' });
  // A series in a cell that is no longer on the screen counts as not shown.
  expect(assignEmpty({ 5: 'a' }, series, [0])).toEqual({ 0: 'a', 5: 'a' });
});

test('a segmentation, which has no view of its own, does not stand before pictures', () => {
  expect(assignEmpty({}, [labels, ...series], [0, 1, 2])).toEqual({ 0: 'a', 1: 'b', 2: 'labels' });
  expect(firstToShow([labels, ...series] as SeriesRow[])).toMatchObject({ seriesUid: 'a' });
  expect(firstToShow([labels] as unknown as SeriesRow[])).toMatchObject({ seriesUid: 'labels' });
});

test('with fewer cells the active one stays in sight, with more again each is where it was', () => {
  expect(cellsInSight(1, 3)).toEqual([3]);
  expect(cellsInSight(2, 3)).toEqual([0, 3]);
  expect(cellsInSight(2, 1)).toEqual([0, 1]);
  expect(cellsInSight(4, 3)).toEqual([0, 1, 2, 3]);
  expect(cellsInSight(2, undefined)).toEqual([0, 1]);
  // An empty cell that is held takes a series of its own.
  expect(assignEmpty({ 0: 'a' }, series, [0, 3])).toEqual({ 0: 'a', 3: 'b' });
});

test('walking stays in the grid', () => {
  expect(movedCell(0, 2, 3, 1, 1)).toBe(4);
  expect(movedCell(5, 2, 3, 1, 1)).toBe(5);
  expect(movedCell(3, 2, 3, -1, -1)).toBe(0);
});
