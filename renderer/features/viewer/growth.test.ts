import { expect, test, vi } from 'vitest';
import type { SeriesRow } from '#shared/contract/views.ts';
import { Growth } from './growth.ts';
import type { LoadedSeries, StudyData } from './study-data.ts';

const loadedOf = (count: number): LoadedSeries =>
  ({ metadata: Array.from({ length: count }, () => ({})) }) as unknown as LoadedSeries;

/** A cell whose series has `counts` instances, one look after the other. */
function cellOf(counts: readonly number[], known: (count: number) => number) {
  const cell = { loaded: loadedOf(1), shown: [] as number[], place: 0, seriesUid: '1.2' };
  const asked: number[] = [];
  const growth = new Growth({
    series: () => ({ seriesUid: cell.seriesUid, instanceCount: counts[cell.place] ?? counts.at(-1) }) as SeriesRow,
    data: () =>
      ({
        grown: async (_uid: string, count: number) => {
          asked.push(count);
          cell.place++;
          return loadedOf(known(count));
        },
      }) as unknown as StudyData,
    loaded: () => cell.loaded,
    onGrown: (found) => {
      cell.loaded = found;
      cell.shown.push(found.metadata.length);
    },
  });
  return { cell, growth, asked };
}

test('a series is followed until all of it is known, however often it is asked to', async () => {
  vi.useFakeTimers();
  const { cell, growth, asked } = cellOf([5, 9, 20], (count) => count);
  growth.follow();
  growth.follow();
  await vi.runAllTimersAsync();
  expect(asked).toEqual([5, 9, 20]);
  expect(cell.shown).toEqual([5, 9, 20]);
  growth.follow();
  await vi.runAllTimersAsync();
  expect(asked).toHaveLength(3);
  vi.useRealTimers();
});

test('where nothing more is to be had it does not go on asking', async () => {
  vi.useFakeTimers();
  const { cell, growth, asked } = cellOf([5], () => 1);
  growth.follow();
  await vi.runAllTimersAsync();
  expect(asked).toEqual([5]);
  expect(cell.shown).toEqual([]);
  vi.useRealTimers();
});

test('what comes for a series that has left the cell is not shown', async () => {
  vi.useFakeTimers();
  const { cell, growth } = cellOf([5], (count) => count);
  growth.follow();
  cell.loaded = loadedOf(3);
  await vi.advanceTimersByTimeAsync(1);
  expect(cell.shown).toEqual([]);
  vi.useRealTimers();
});
