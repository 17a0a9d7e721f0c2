// What two fingers mean that move together: a zoom about their middle, and the way that middle goes.

export type Point = readonly [x: number, y: number];
export type Fingers = readonly [Point, Point];

/** Fingers that all but touch have no distance to be a part of. */
const LEAST_PX = 20;

export interface Pinch {
  factor: number;
  /** Where the middle is now. */
  middle: Point;
  pan: Point;
}

const middleOf = ([[ax, ay], [bx, by]]: Fingers): Point => [(ax + bx) / 2, (ay + by) / 2];
const distanceOf = ([[ax, ay], [bx, by]]: Fingers): number => Math.max(LEAST_PX, Math.hypot(bx - ax, by - ay));

/** First the pan, then the zoom about `middle`: what lies between the fingers stays there. */
export function pinchOf(before: Fingers, after: Fingers): Pinch {
  const [was, middle] = [middleOf(before), middleOf(after)];
  return {
    factor: distanceOf(after) / distanceOf(before),
    middle,
    pan: [middle[0] - was[0], middle[1] - was[1]],
  };
}
