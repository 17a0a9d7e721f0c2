// How an image lies in its cell: one affine from image to canvas, from which picture, letters, probe and scale bar all come.
import { toImage, toScreen, type Pose } from '#shared/geometry/orientation-letters.ts';

const [LEAST_SCALE, MOST_SCALE] = [0.02, 64];

export interface ViewState extends Pose {
  /** Canvas pixels for one column of the image. */
  scale: number;
  /** Offset of the image's middle from the canvas's middle, canvas pixels. */
  panX: number;
  panY: number;
}

export interface ImageShape {
  rows: number;
  columns: number;
  /** Height to width of one pixel. */
  pixelAspect: number;
}

/** The six numbers of a canvas transform: image column and row (from 0, pixel edges) to canvas pixels. */
export type Affine = [number, number, number, number, number, number];

export function affineOf(view: ViewState, image: ImageShape, width: number, height: number): Affine {
  const [a, b] = toScreen(view, view.scale, 0);
  const [c, d] = toScreen(view, 0, view.scale * image.pixelAspect);
  const e = width / 2 + view.panX - (a * image.columns + c * image.rows) / 2;
  const f = height / 2 + view.panY - (b * image.columns + d * image.rows) / 2;
  return [a, b, c, d, e, f];
}

/** The view moved by less than a pixel so that pixels of the image lie on pixels of the screen, where they can: at whole scales and
 * quarter turns. `originX`, `originY`: of the canvas on the screen. All in device pixels. */
export function snapped(
  view: ViewState,
  image: ImageShape,
  [width, height]: readonly [number, number],
  [originX, originY]: readonly [number, number],
): ViewState {
  const isWhole = Number.isInteger(view.scale) && Number.isInteger(view.scale * image.pixelAspect);
  if (!isWhole || view.rotationDeg % 90 !== 0) return view;
  const [, , , , e, f] = affineOf(view, image, width, height);
  const missing = (position: number): number => Math.round(position) - position;
  return { ...view, panX: view.panX + missing(originX + e), panY: view.panY + missing(originY + f) };
}

/** Scale at which the whole image is seen. */
export function fitScale(pose: Pose, image: ImageShape, width: number, height: number): number {
  const [ax, ay] = toScreen(pose, image.columns, 0);
  const [bx, by] = toScreen(pose, 0, image.rows * image.pixelAspect);
  return Math.min(width / (Math.abs(ax) + Math.abs(bx)), height / (Math.abs(ay) + Math.abs(by)));
}

/** The view zoomed, the point `x`, `y` of the canvas staying where it is; no further than what can still be read. */
export function zoomedAt(
  view: ViewState,
  factor: number,
  width: number,
  height: number,
  x: number,
  y: number,
): ViewState {
  const scale = Math.min(MOST_SCALE, Math.max(LEAST_SCALE, view.scale * factor));
  const applied = scale / view.scale;
  const [fromX, fromY] = [x - width / 2, y - height / 2];
  const panX = fromX - (fromX - view.panX) * applied;
  const panY = fromY - (fromY - view.panY) * applied;
  return { ...view, scale, panX, panY };
}

/** Column and row (fractions, from 0 at the first pixel's edge) under a point of the canvas. */
export function imagePoint(
  view: ViewState,
  image: ImageShape,
  width: number,
  height: number,
  x: number,
  y: number,
): [number, number] {
  const [alongRow, alongColumn] = toImage(view, x - width / 2 - view.panX, y - height / 2 - view.panY);
  return [alongRow / view.scale + image.columns / 2, alongColumn / (view.scale * image.pixelAspect) + image.rows / 2];
}

/** The view that an affine of `affineOf` shows. */
export function viewOf(affine: Affine, image: ImageShape, width: number, height: number): ViewState {
  const [a, b, c, d, e, f] = affine;
  const isFlipped = a * d - b * c < 0;
  const angle = (Math.atan2(isFlipped ? -b : b, isFlipped ? -a : a) * 180) / Math.PI;
  return {
    rotationDeg: (angle + 360) % 360,
    isFlipped,
    scale: Math.hypot(a, b),
    panX: e + (a * image.columns + c * image.rows) / 2 - width / 2,
    panY: f + (b * image.columns + d * image.rows) / 2 - height / 2,
  };
}

export function invertAffine([a, b, c, d, e, f]: Affine): Affine {
  const determinant = a * d - b * c;
  return [
    d / determinant,
    -b / determinant,
    -c / determinant,
    a / determinant,
    (c * f - d * e) / determinant,
    (b * e - a * f) / determinant,
  ];
}

/** The affine that shows the point `x`, `y` of a cell in the middle of a lens, enlarged. */
export function lensAffine(
  [a, b, c, d, e, f]: Affine,
  x: number,
  y: number,
  factor: number,
  width: number,
  height: number,
): Affine {
  return [a * factor, b * factor, c * factor, d * factor, (e - x) * factor + width / 2, (f - y) * factor + height / 2];
}
