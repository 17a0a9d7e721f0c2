// Follows a series that is still arriving: asks for what has come since, now and then, until all that is here is known.
import type { SeriesRow } from '#shared/contract/views.ts';
import type { LoadedSeries, StudyData } from './study-data.ts';

/** Between two looks, at least: each reads the metadata of the whole series. */
const LOOK_EVERY_MS = 500;
/** Of the time, what looking may take at most: what arrives needs the machine too. */
const LOOKING_SHARE = 1 / 5;

export interface Following {
  /** As the cell has them at the moment it is asked. */
  series(): SeriesRow | undefined;
  data(): StudyData;
  loaded(): LoadedSeries | undefined;
  onGrown(found: LoadedSeries): void;
}

export class Growth {
  readonly #cell: Following;
  #isFollowing = false;

  constructor(cell: Following) {
    this.#cell = cell;
  }

  /** Begins to follow where more is here than was loaded; may be called at any time. */
  follow(): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    // A failure shows once the series is chosen again; the mark says meanwhile that it is not whole.
    void this.#run()
      .catch(() => undefined)
      .finally(() => {
        this.#isFollowing = false;
      });
  }

  async #run(): Promise<void> {
    for (;;) {
      const series = this.#cell.series();
      const before = this.#cell.loaded();
      if (!series || !before || before.metadata.length >= series.instanceCount) return;
      const startMs = performance.now();
      const found = await this.#cell.data().grown(series.seriesUid, series.instanceCount);
      // Another series stands in the cell by now, or nothing more is to be had.
      if (this.#cell.loaded() !== before || found.metadata.length <= before.metadata.length) return;
      this.#cell.onGrown(found);
      const pauseMs = Math.max(LOOK_EVERY_MS, (performance.now() - startMs) / LOOKING_SHARE);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
