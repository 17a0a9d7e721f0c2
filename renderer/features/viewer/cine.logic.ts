// How a cine runs: which frame comes next and when. The header's frame times are the pace at speed 1.
import type { ImageDescription } from '#shared/dicom/image-description.ts';

export type CineMode = 'loop' | 'bounce';

export interface CineStep {
  index: number;
  /** 1 forwards, -1 backwards. */
  direction: 1 | -1;
}

/** Places in a stack that a cine goes through: those within the trim of their instance (PS3.3 C.7.6.5). */
export const playedOf = (frames: readonly { image: Pick<ImageDescription, 'trim' | 'frameIndex'> }[]): number[] =>
  frames.flatMap(({ image: { trim, frameIndex } }, index) =>
    trim && (frameIndex < trim[0] || frameIndex > trim[1]) ? [] : index,
  );

/** As the person set it, else as the header prefers. */
export const modeOf = (set: CineMode | undefined, image: Pick<ImageDescription, 'isSweep'> | undefined): CineMode =>
  set ?? (image?.isSweep ? 'bounce' : 'loop');

/** The step after `index` through the places `played`, which go up; bouncing turns at both ends, looping starts anew. */
export function nextStep({ index, direction }: CineStep, played: readonly number[], mode: CineMode): CineStep {
  const after = played.find((each) => each > index);
  const before = played.findLast((each) => each < index);
  const next = direction > 0 ? after : before;
  if (next !== undefined) return { index: next, direction };
  if (mode === 'loop') return { index: played.at(direction > 0 ? 0 : -1) ?? index, direction };
  return { index: (direction > 0 ? before : after) ?? index, direction: direction > 0 ? -1 : 1 };
}

/** Without any time in the header a stack of slices runs at this pace; the bar says so. */
export const DEFAULT_FRAME_MS = 100;

/** How long frame `index` stays (PS3.3 C.7.6.5: one time for all, or one for each). */
export const frameMs = (times: readonly number[] | undefined, index: number, speed: number): number =>
  (times?.length ? (times[index % times.length] ?? DEFAULT_FRAME_MS) : DEFAULT_FRAME_MS) / speed;

export const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4] as const;
/** The next speed up or down the list; its ends hold. */
export function changedSpeed(speed: number, by: 1 | -1): number {
  const at = SPEEDS.findIndex((each) => each >= speed);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? SPEEDS.length - 1 : at) + by))] ?? 1;
}
