// Follows a series that is still arriving: asks for what has come since, now and then, until all that is here is known.
import { useCallback, useRef, type RefObject } from 'react';
import type { SeriesRow } from '#shared/contract/views.ts';
import type { LoadedSeries, StudyData } from './study-data.ts';

/** Between two looks: each reads the metadata of the whole series. */
const LOOK_EVERY_MS = 500;

interface Following {
  series: SeriesRow | undefined;
  data: StudyData;
}

/** Gives a function that begins to follow where more is here than was loaded; it may be called at any time. */
export function useGrowth(
  latest: RefObject<Following>,
  loaded: RefObject<LoadedSeries | undefined>,
  onGrown: (found: LoadedSeries) => void,
): () => void {
  const isFollowing = useRef(false);
  const grown = useRef(onGrown);
  grown.current = onGrown;
  return useCallback(() => {
    const follow = async (): Promise<void> => {
      for (;;) {
        const { series, data } = latest.current;
        const before = loaded.current;
        if (!series || !before || before.metadata.length >= series.instanceCount) return;
        const found = await data.grown(series.seriesUid, series.instanceCount);
        // Another series stands in the cell by now, or nothing more is to be had.
        if (latest.current.series?.seriesUid !== series.seriesUid || loaded.current !== before) return;
        if (found.metadata.length <= before.metadata.length) return;
        loaded.current = found;
        grown.current(found);
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    };
    if (isFollowing.current) return;
    isFollowing.current = true;
    // A failure shows once the series is chosen again; the mark says meanwhile that it is not whole.
    void follow()
      .catch(() => undefined)
      .finally(() => {
        isFollowing.current = false;
      });
  }, [latest, loaded]);
}
