// Plays one stack by the clock of the screen, as long as it is rendered; the active cell's has the bar with the rate that is reached.
import { useEffect, useState } from 'react';
import type { StackView } from '../../imaging/index.ts';
import { CineBar } from './CineBar.tsx';
import { frameMs, modeOf, nextStep, playedOf, type CineMode, type CineStep } from './cine.logic.ts';

export interface CineSettings {
  speed: number;
  /** Undefined until the person sets it: as the header of each image prefers. */
  mode: CineMode | undefined;
}

interface CineProps {
  view: StackView;
  /** Frames of the stack, more than one. */
  count: number;
  settings: CineSettings;
  isActive: boolean;
  onSpeed(by: 1 | -1): void;
  onBounce(): void;
}

export function Cine({ view, count, settings, isActive, onSpeed, onBounce }: CineProps) {
  const { speed, mode } = settings;
  /** Frames a second over the last second. */
  const [rate, setRate] = useState<number>();
  useEffect(() => {
    setRate(undefined);
    let frames = view.stackFrames;
    let played = playedOf(frames);
    let step: CineStep = { index: view.index, direction: 1 };
    let due = performance.now();
    let shown = 0;
    let since = due;
    let request = 0;
    const tick = (now: number): void => {
      request = requestAnimationFrame(tick);
      if (now < due) return;
      // Another series may stand in the cell since, or more of it have come.
      if (frames !== view.stackFrames) played = playedOf((frames = view.stackFrames));
      const next = nextStep({ ...step, index: view.index }, played, modeOf(mode, view.frame?.image));
      // A frame that is not there yet is waited for, never skipped in silence.
      if (!view.isLoaded(next.index)) return;
      step = next;
      view.goTo(next.index);
      shown++;
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
  }, [view, count, speed, mode]);
  return (
    isActive && (
      <CineBar
        speed={speed}
        mode={modeOf(mode, view.frame?.image)}
        times={view.frame?.image.frameTimesMs}
        playedCount={playedOf(view.stackFrames).length}
        count={count}
        rate={rate}
        onSpeed={onSpeed}
        onBounce={onBounce}
      />
    )
  );
}
