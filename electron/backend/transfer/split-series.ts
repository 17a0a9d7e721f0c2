// Series shared out among the connections that fetch a study at a time. Pure.
import type { SeriesExpectation } from './node-lists.ts';

/** Groups of series UIDs, no more than `count`, each series to the group that has least so far; in the order listed, so that what
 * is listed first comes first. A series of unknown size counts as one instance. */
export function splitSeries(series: readonly SeriesExpectation[], count: number): string[][] {
  const groups = Array.from({ length: Math.min(count, series.length) }, () => ({ load: 0, uids: [] as string[] }));
  for (const { seriesUid, count: instances } of series) {
    const least = groups.reduce((best, group) => (group.load < best.load ? group : best));
    least.load += instances ?? 1;
    least.uids.push(seriesUid);
  }
  return groups.map(({ uids }) => uids);
}
