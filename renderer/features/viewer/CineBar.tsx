// While a cine plays: speed, way, and the rate really reached beside the one that is meant.
import { ChevronLeft, ChevronRight, Repeat, ArrowLeftRight } from 'lucide-react';
import { useHint } from './use-hint.ts';
import { DEFAULT_FRAME_MS, type CineMode } from './cine.logic.ts';

interface CineBarProps {
  speed: number;
  mode: CineMode;
  times: readonly number[] | undefined;
  /** Frames that are played, of all. */
  playedCount: number;
  count: number;
  rate: number | undefined;
  onSpeed(by: 1 | -1): void;
  onBounce(): void;
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

export function CineBar({ speed, mode, times, playedCount, count, rate, onSpeed, onBounce }: CineBarProps) {
  const hint = useHint();
  const meanMs = times?.length ? times.reduce((sum, each) => sum + each, 0) / times.length : DEFAULT_FRAME_MS;
  const meant = (1000 / meanMs) * speed;
  return (
    <div className="cine-bar" role="group" aria-label="Cine">
      <button
        type="button"
        className="plain"
        aria-label="Slower"
        title={hint('cine.slower', 'Slower')}
        onClick={() => onSpeed(-1)}
      >
        <ChevronLeft size={16} aria-hidden="true" />
      </button>
      <span className="speed">{speed} x</span>
      <button
        type="button"
        className="plain"
        aria-label="Faster"
        title={hint('cine.faster', 'Faster')}
        onClick={() => onSpeed(1)}
      >
        <ChevronRight size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="plain"
        aria-label={
          mode === 'loop' ? 'Runs in a loop; switch to back and forth' : 'Runs back and forth; switch to loop'
        }
        title={hint('cine.bounce', mode === 'loop' ? 'Loop' : 'Back and forth')}
        onClick={onBounce}
      >
        {mode === 'loop' ? <Repeat size={16} aria-hidden="true" /> : <ArrowLeftRight size={16} aria-hidden="true" />}
      </button>
      <span className="rate" data-testid="cine-rate">
        {rate === undefined ? 'starting' : `${rounded(rate)} of ${rounded(meant)} frames/s`}
      </span>
      {playedCount < count && (
        <span className="quiet">
          {playedCount} of {count} frames: trimmed by the header
        </span>
      )}
      {!times?.length && <span className="quiet">no rate in the header: 10 a second</span>}
    </div>
  );
}
