// Where a frame's picture lies and how large its pixels are: spacing, position, direction, sides of the patient.
import { numberOf, numbersOf, textOf, textsOf } from './json-values.ts';
import type { DicomJson } from './model.ts';

/** Where millimetres per pixel come from (PS3.3 10.7.1): at the patient, at the detector, or nowhere. */
export type SpacingBasis = 'patient' | 'detector' | 'scanned';

export interface ImageGeometry {
  /** Distance of rows, then of columns, mm. */
  spacingMm: readonly [number, number] | undefined;
  spacingBasis: SpacingBasis | undefined;
  /** Height to width of one pixel where no spacing says it; 1 where nothing does. */
  pixelAspect: number;
  positionLps: readonly [number, number, number] | undefined;
  /** Direction cosines along a row, then along a column, LPS. */
  orientation: readonly number[] | undefined;
  frameOfReferenceUid: string | undefined;
  patientOrientation: readonly [string, string] | undefined;
  /** Its directions have names of their own (PS3.3 C.7.6.1.1.1): the letters of a human do not hold. */
  isQuadruped: boolean;
  laterality: string | undefined;
  sliceThicknessMm: number | undefined;
}

/** `group`: the functional group item of the frame that holds a macro. */
export function geometryOf(
  dataset: DicomJson,
  group: (tag: string) => DicomJson | undefined,
  problems: string[],
): ImageGeometry {
  const measures = group('00289110');
  const position = numbersOf(group('00209113') ?? dataset, '00200032');
  const orientation = numbersOf(group('00209116') ?? dataset, '00200037');
  const spacing = spacingOf(dataset, measures, problems);
  const [vertical, horizontal] = numbersOf(dataset, '00280034') ?? [];
  const [rowEnd, columnEnd] = textsOf(dataset, '00200020');
  const axes = orientation && isPerpendicular(orientation) ? orientation : undefined;
  if (orientation && !axes)
    problems.push('The image orientation is no pair of perpendicular unit vectors; sides are not told from it.');
  const isQuadruped = textOf(dataset, '00102210') === 'QUADRUPED';
  if (isQuadruped && (axes || columnEnd))
    problems.push('The patient is a quadruped; no sides are named, for the letters are those of a human.');
  return {
    ...spacing,
    pixelAspect: spacing.spacingMm
      ? spacing.spacingMm[0] / spacing.spacingMm[1]
      : vertical && horizontal
        ? vertical / horizontal
        : 1,
    positionLps: position?.length === 3 ? [position[0] ?? 0, position[1] ?? 0, position[2] ?? 0] : undefined,
    orientation: axes,
    frameOfReferenceUid: textOf(dataset, '00200052'),
    patientOrientation: rowEnd && columnEnd ? [rowEnd, columnEnd] : undefined,
    isQuadruped,
    laterality: textOf(dataset, '00200062') ?? textOf(dataset, '00200060'),
    sliceThicknessMm: numberOf(measures ?? dataset, '00180050'),
  };
}

/** Two unit vectors at a right angle, as well as writers round them. */
function isPerpendicular(orientation: readonly number[]): boolean {
  const [row, column] = [orientation.slice(0, 3), orientation.slice(3)];
  const cosine = row.reduce((sum, value, axis) => sum + value * (column[axis] ?? 0), 0);
  return (
    orientation.length === 6 &&
    [row, column].every((axis) => Math.abs(Math.hypot(...axis) - 1) < 0.01) &&
    Math.abs(cosine) < 0.01
  );
}

/** Spacing by PS3.3 10.7.1.3: Pixel Spacing (at the patient unless it equals the detector's in a projection image), then
 * Imager Pixel Spacing at the detector, then Nominal Scanned Pixel Spacing. */
function spacingOf(
  dataset: DicomJson,
  measures: DicomJson | undefined,
  problems: string[],
): Pick<ImageGeometry, 'spacingMm' | 'spacingBasis'> {
  const imager = numbersOf(dataset, '00181164');
  for (const [values, basis] of [
    [numbersOf(measures, '00280030') ?? numbersOf(dataset, '00280030'), 'patient'],
    [imager, 'detector'],
    [numbersOf(dataset, '00182010'), 'scanned'],
  ] as const) {
    if (!values) continue;
    const [row, column] = values;
    if (row === undefined || column === undefined || row <= 0 || column <= 0) {
      problems.push('The pixel spacing is not two positive numbers; lengths are in pixels.');
      continue;
    }
    const isDetector = basis === 'patient' && imager !== undefined && imager[0] === row && imager[1] === column;
    return { spacingMm: [row, column], spacingBasis: isDetector ? 'detector' : basis };
  }
  return { spacingMm: undefined, spacingBasis: undefined };
}
