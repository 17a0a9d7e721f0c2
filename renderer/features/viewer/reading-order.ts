// The order of series in the rail, and which one a study opens with.
import type { SeriesRow } from '#shared/contract/views.ts';

export const inReadingOrder = (rows: readonly SeriesRow[]): SeriesRow[] =>
  [...rows].sort((a, b) => (a.number ?? Number.MAX_SAFE_INTEGER) - (b.number ?? Number.MAX_SAFE_INTEGER));

/** The first series with pictures, else the first. */
export const firstToShow = (sorted: readonly SeriesRow[]): SeriesRow | undefined =>
  sorted.find((row) => row.thumbnailSopUid !== null) ?? sorted[0];
