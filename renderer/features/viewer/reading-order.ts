// The order of series in the rail, and which one a study opens with.
import type { SeriesRow } from '#shared/contract/views.ts';
import { isLabelClass } from './object-summary.ts';

export const inReadingOrder = (rows: readonly SeriesRow[]): SeriesRow[] =>
  [...rows].sort((a, b) => (a.number ?? Number.MAX_SAFE_INTEGER) - (b.number ?? Number.MAX_SAFE_INTEGER));

/** It has pictures that the viewer shows: those of segmentations are labels, which have no view of their own. */
export const hasPictures = ({ thumbnailSopUid, sopClassUids }: ToShow): boolean =>
  thumbnailSopUid !== null && !(sopClassUids.length > 0 && sopClassUids.every(isLabelClass));
export type ToShow = Pick<SeriesRow, 'thumbnailSopUid' | 'sopClassUids'>;

/** The first series with pictures, else the first. */
export const firstToShow = (sorted: readonly SeriesRow[]): SeriesRow | undefined =>
  sorted.find(hasPictures) ?? sorted[0];
