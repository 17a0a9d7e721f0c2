// Regions of an ultrasound picture with a calibration of their own (PS3.3 C.8.5.5): between two points of the same region in
// centimetres there is a physical length, between others there is none. Where there are regions, a spacing that the header gives
// for the whole picture as well holds for none of it.
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
const NO_UNIT = 0;
const MM_PER_CM = 10;

/** A picture that is smaller than its regions is one without calibration: it was reduced or cut after it was calibrated, and nobody
 * says how. `whole`: the spacing of the whole picture, for regions of the patient that give no unit. */
export function ultrasoundRegionsOf(
  dataset: DicomJson,
  size: { rows: number; columns: number },
  whole: readonly [number, number] | undefined,
  problems: string[],
): UltrasoundRegion[] {
  const regions = itemsOf(dataset, '00186011').flatMap((item) => {
    const [x0, y0] = [numberOf(item, '00186018'), numberOf(item, '0018601A')];
    const [x1, y1] = [numberOf(item, '0018601C'), numberOf(item, '0018601E')];
    if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined) return [];
    return [{ columns: [x0, x1] as const, rows: [y0, y1] as const, spacingMm: spacingOf(item, whole) }];
  });
  // Many write the column and row behind the last.
  if (regions.some(({ columns, rows }) => columns[1] > size.columns || rows[1] > size.rows)) {
    problems.push(
      'The calibrated regions do not fit this picture, which was reduced or cut after; lengths are in pixels.',
    );
    return [{ columns: [0, size.columns], rows: [0, size.rows], spacingMm: undefined }];
  }
  // Rounded values differ by less.
  if (whole && regions.some(({ spacingMm }) => spacingMm && !same(spacingMm, whole, 0.01)))
    problems.push('Pixel spacing and calibrated regions of this picture disagree; lengths are by the regions alone.');
  return regions;
}

function spacingOf(
  item: DicomJson,
  whole: readonly [number, number] | undefined,
): readonly [number, number] | undefined {
  if (numberOf(item, '00186012') !== TWO_DIMENSIONAL) return undefined;
  const units = [numberOf(item, '00186024') ?? NO_UNIT, numberOf(item, '00186026') ?? NO_UNIT];
  if (units.every((unit) => unit === NO_UNIT)) return whole;
  const isPlace = units.every((unit) => unit === CENTIMETRES);
  // Negative where the axis runs the other way.
  const across = Math.abs(numberOf(item, '0018602C') ?? 0) * MM_PER_CM;
  const down = Math.abs(numberOf(item, '0018602E') ?? 0) * MM_PER_CM;
  return isPlace && across > 0 && down > 0 ? [down, across] : undefined;
}

const areaOf = ({ columns, rows }: UltrasoundRegion): number => (columns[1] - columns[0]) * (rows[1] - rows[0]);
const same = (a: readonly [number, number], b: readonly [number, number], tolerance = 1e-3): boolean =>
  a.every((value, axis) => Math.abs(value / (b[axis] ?? Number.NaN) - 1) < tolerance);

/** The region that holds these points (column, row): the smallest, since a curve or an inset lies on the picture. */
function regionOf(
  regions: readonly UltrasoundRegion[],
  ...points: readonly (readonly [number, number])[]
): UltrasoundRegion | undefined {
  const holding = regions.filter(({ columns, rows }) =>
    points.every(([column, row]) => column >= columns[0] && column <= columns[1] && row >= rows[0] && row <= rows[1]),
  );
  return holding.sort((a, b) => areaOf(a) - areaOf(b))[0];
}

/** Distance of rows, then of columns, mm, between two points; undefined unless one region holds both, and what lies on it there is
 * calibrated as it is: colour flow lies on tissue. */
function spacingBetween(
  regions: readonly UltrasoundRegion[],
  from: readonly [number, number],
  to: readonly [number, number],
): readonly [number, number] | undefined {
  const spacing = regionOf(regions, from, to)?.spacingMm;
  const isOne = [from, to].every((point) => {
    const at = regionOf(regions, point)?.spacingMm;
    return at && spacing && same(at, spacing);
  });
  return isOne ? spacing : undefined;
}

/** The one spacing of all calibrated regions; undefined where there is none or they differ. */
function commonSpacing(regions: readonly UltrasoundRegion[]): readonly [number, number] | undefined {
  const [first, ...others] = regions.flatMap(({ spacingMm }) => (spacingMm ? [spacingMm] : []));
  return first && others.every((spacing) => same(spacing, first)) ? first : undefined;
}

export interface Calibration {
  /** Of the whole picture: distance of rows, then of columns, mm. */
  spacingMm: readonly [number, number] | undefined;
  regions: readonly UltrasoundRegion[];
}

/** Distance of rows, then of columns, mm, that holds between two points (column, row); undefined where none is known. */
export const spacingAlong = (
  { spacingMm, regions }: Calibration,
  from: readonly [number, number],
  to: readonly [number, number],
): readonly [number, number] | undefined => (regions.length ? spacingBetween(regions, from, to) : spacingMm);

/** What holds for all of the picture that is calibrated at all; undefined where nothing is, or regions differ. */
export const spacingThroughout = ({ spacingMm, regions }: Calibration): readonly [number, number] | undefined =>
  regions.length ? commonSpacing(regions) : spacingMm;

/** There are lengths in mm, at least somewhere. */
export const isCalibrated = ({ spacingMm, regions }: Calibration): boolean =>
  regions.length ? regions.some((region) => region.spacingMm) : spacingMm !== undefined;
