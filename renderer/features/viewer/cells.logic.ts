// Cells and series without a screen: filling the empty ones, walking from one to the next.
import type { SeriesRow } from '#shared/contract/views.ts';
import { hasPictures, type ToShow } from './reading-order.ts';

type Assigned = Readonly<Record<number, string>>;

/** Puts series that no cell shows into empty cells, in reading order; those with pictures first. Taken cells stay. */
export function assignEmpty(
  assigned: Assigned,
  series: readonly (ToShow & Pick<SeriesRow, 'seriesUid'>)[],
  cellCount: number,
): Assigned {
  const result: Record<number, string> = { ...assigned };
  const used = new Set(
    Object.entries(assigned)
      .filter(([cell]) => Number(cell) < cellCount)
      .map(([, uid]) => uid),
  );
  const free = series.filter(({ seriesUid }) => !used.has(seriesUid));
  const waiting = [...free.filter(hasPictures), ...free.filter((row) => !hasPictures(row))];
  for (let cell = 0; cell < cellCount; cell++) {
    if (result[cell] !== undefined) continue;
    const next = waiting.shift();
    if (next) result[cell] = next.seriesUid;
  }
  return result;
}

/** The cell `right` columns and `down` rows away; at the edge it stays. */
export function movedCell(cell: number, rows: number, columns: number, right: number, down: number): number {
  const column = Math.min(columns - 1, Math.max(0, (cell % columns) + right));
  const row = Math.min(rows - 1, Math.max(0, Math.floor(cell / columns) + down));
  return row * columns + column;
}
