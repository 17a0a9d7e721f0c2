// Plays the active stack: frame times of the header where they are, else ten a second; the rate really reached is told.
import { useEffect, useState } from 'react';
import type { StackView } from '../../imaging/index.ts';

/** Frames a second reached over the last second while playing; undefined when not. */
export function useCine(view: StackView | undefined, count: number, isPlaying: boolean): number | undefined {
  const [rate, setRate] = useState<number>();
  useEffect(() => {
    if (!view || !isPlaying || count < 2) {
      setRate(undefined);
      return undefined;
    }
    const times = view.frame?.image.frameTimesMs;
    let due = performance.now();
    let shown = 0;
    let since = due;
    let request = 0;
    const tick = (now: number): void => {
      request = requestAnimationFrame(tick);
      if (now < due) return;
      // A frame that is not there yet is waited for, never skipped in silence.
      const next = (view.index + 1) % count;
      if (!view.isLoaded(next)) return;
      view.goTo(next);
      shown++;
      due = Math.max(due + (times?.[next % times.length] ?? 100), now - 50);
      if (now - since >= 1000) {
        setRate(Math.round((shown * 10_000) / (now - since)) / 10);
        shown = 0;
        since = now;
      }
    };
    request = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(request);
  }, [view, count, isPlaying]);
  return rate;
}
