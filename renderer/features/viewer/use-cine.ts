// Plays the active stack by the clock of the screen; the rate really reached is told.
import { useEffect, useState } from 'react';
import type { StackView } from '../../imaging/index.ts';
import { frameMs, nextStep, type CineMode, type CineStep } from './cine.logic.ts';

export interface CineSettings {
  speed: number;
  mode: CineMode;
}

/** Frames a second reached over the last second while playing; undefined when not. */
export function useCine(
  view: StackView | undefined,
  count: number,
  isPlaying: boolean,
  { speed, mode }: CineSettings,
): number | undefined {
  const [rate, setRate] = useState<number>();
  useEffect(() => {
    if (!view || !isPlaying || count < 2) {
      setRate(undefined);
      return undefined;
    }
    let step: CineStep = { index: view.index, direction: 1 };
    let due = performance.now();
    let shown = 0;
    let since = due;
    let request = 0;
    const tick = (now: number): void => {
      request = requestAnimationFrame(tick);
      if (now < due) return;
      const next = nextStep({ ...step, index: view.index }, count, mode);
      // A frame that is not there yet is waited for, never skipped in silence.
      if (!view.isLoaded(next.index)) return;
      step = next;
      view.goTo(next.index);
      shown++;
      // Of the image now shown: another series may stand in the cell since.
      const image = view.frame?.image;
      due = Math.max(due + frameMs(image?.frameTimesMs, image?.frameIndex ?? 0, speed), now - 50);
      if (now - since >= 1000) {
        setRate(Math.round((shown * 10_000) / (now - since)) / 10);
        shown = 0;
        since = now;
      }
    };
    request = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(request);
  }, [view, count, isPlaying, speed, mode]);
  return rate;
}
