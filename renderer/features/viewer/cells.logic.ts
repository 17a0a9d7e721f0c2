// Cells and series without a screen: filling the empty ones, walking from one to the next.
import type { SeriesRow } from '#shared/contract/views.ts';
import { hasPictures, type ToShow } from './reading-order.ts';

type Assigned = Readonly<Record<number, string>>;

/** The first `count` cells; `held`, where it is not among them, in the place of the last: cells have their number for good,
 * as what was made of a series in one goes by it. */
export const cellsInSight = (count: number, held: number | undefined): number[] => {
  const first = Array.from({ length: count }, (_, index) => index);
  return held === undefined || held < count ? first : [...first.slice(0, -1), held];
};

/** Puts series that none of the `cells` shows into those that are empty, in reading order; those with pictures first. Taken
 * cells stay. */
export function assignEmpty(
  assigned: Assigned,
  series: readonly (ToShow & Pick<SeriesRow, 'seriesUid'>)[],
  cells: readonly number[],
): Assigned {
  const result: Record<number, string> = { ...assigned };
  const used = new Set(cells.map((cell) => assigned[cell]));
  const free = series.filter(({ seriesUid }) => !used.has(seriesUid));
  const waiting = [...free.filter(hasPictures), ...free.filter((row) => !hasPictures(row))];
  for (const cell of cells) {
    if (result[cell] !== undefined) continue;
    const next = waiting.shift();
    if (next) result[cell] = next.seriesUid;
  }
  return result;
}

/** The place, counted row by row from 0, that is `right` columns and `down` rows away; at the edge it stays. */
export function movedCell(place: number, rows: number, columns: number, right: number, down: number): number {
  const column = Math.min(columns - 1, Math.max(0, (place % columns) + right));
  const row = Math.min(rows - 1, Math.max(0, Math.floor(place / columns) + down));
  return row * columns + column;
}
