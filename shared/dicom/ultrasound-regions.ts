// Regions of an ultrasound picture with a calibration of their own (PS3.3 C.8.5.5): between two points of the same region in
// centimetres there is a physical length, between others there is none.
import { itemsOf, numberOf } from './json-values.ts';
import type { DicomJson } from './model.ts';

export interface UltrasoundRegion {
  /** First and last column and row, from 0. */
  columns: readonly [number, number];
  rows: readonly [number, number];
  /** Distance of rows, then of columns, mm; undefined: no place of the patient (a time, a velocity, a curve) or no unit of length. */
  spacingMm: readonly [number, number] | undefined;
}

/** Region Spatial Format (0018,6012): 2D, tissue or flow. */
const TWO_DIMENSIONAL = 1;
/** Physical Units X and Y Direction (0018,6024), (0018,6026). */
const CENTIMETRES = 3;
const MM_PER_CM = 10;

/** Empty where the picture is smaller than its regions: then it was reduced or cut after it was calibrated, and nobody says how. */
export function ultrasoundRegionsOf(
  dataset: DicomJson,
  size: { rows: number; columns: number },
  problems: string[],
): UltrasoundRegion[] {
  const regions = itemsOf(dataset, '00186011').flatMap((item) => {
    const [x0, y0] = [numberOf(item, '00186018'), numberOf(item, '0018601A')];
    const [x1, y1] = [numberOf(item, '0018601C'), numberOf(item, '0018601E')];
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return [];
    return [{ columns: [x0, x1] as const, rows: [y0, y1] as const, spacingMm: spacingOf(item) }];
  });
  // Many write the column and row behind the last.
  if (regions.every(({ columns, rows }) => columns[1] <= size.columns && rows[1] <= size.rows)) return regions;
  problems.push(
    'The calibrated regions do not fit this picture, which was reduced or cut after; lengths are in pixels.',
  );
  return [];
}

function spacingOf(item: DicomJson): readonly [number, number] | undefined {
  const isPlace =
    numberOf(item, '00186012') === TWO_DIMENSIONAL &&
    numberOf(item, '00186024') === CENTIMETRES &&
    numberOf(item, '00186026') === CENTIMETRES;
  // Negative where the axis runs the other way.
  const across = Math.abs(numberOf(item, '0018602C') ?? 0) * MM_PER_CM;
  const down = Math.abs(numberOf(item, '0018602E') ?? 0) * MM_PER_CM;
  return isPlace && across > 0 && down > 0 ? [down, across] : undefined;
}

const areaOf = ({ columns, rows }: UltrasoundRegion): number => (columns[1] - columns[0]) * (rows[1] - rows[0]);
const same = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  a.every((value, axis) => Math.abs(value / (b[axis] ?? Number.NaN) - 1) < 1e-3);

/** The region that a point (column, row) lies in: the smallest, since a curve or an inset lies on the picture. */
function regionAt(
  regions: readonly UltrasoundRegion[],
  [column, row]: readonly [number, number],
): UltrasoundRegion | undefined {
  const holding = regions.filter(
    ({ columns, rows }) => column >= columns[0] && column <= columns[1] && row >= rows[0] && row <= rows[1],
  );
  return holding.sort((a, b) => areaOf(a) - areaOf(b))[0];
}

/** Distance of rows, then of columns, mm, between two points; undefined unless one calibrated region holds both. */
export function spacingBetween(
  regions: readonly UltrasoundRegion[],
  from: readonly [number, number],
  to: readonly [number, number],
): readonly [number, number] | undefined {
  const region = regionAt(regions, from);
  return region !== undefined && region === regionAt(regions, to) ? region.spacingMm : undefined;
}

/** The one spacing of all calibrated regions; undefined where there is none or they differ. */
export function commonSpacing(regions: readonly UltrasoundRegion[]): readonly [number, number] | undefined {
  const [first, ...others] = regions.flatMap(({ spacingMm }) => (spacingMm ? [spacingMm] : []));
  return first && others.every((spacing) => same(spacing, first)) ? first : undefined;
}
