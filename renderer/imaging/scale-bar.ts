// A scale bar only where millimetres are known.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { spacingThroughout } from '#shared/dicom/ultrasound-regions.ts';

type Calibrated = Pick<ImageDescription, 'spacingMm' | 'pixelAspect' | 'regions'>;

/** Millimetres of a column that hold for all of the picture that is calibrated at all, in both directions as it is drawn. */
export function columnMmOf(image: Calibrated): number | undefined {
  const [row, column] = spacingThroughout(image) ?? [];
  if (row === undefined || column === undefined) return undefined;
  return Math.abs(row / column / image.pixelAspect - 1) < 0.01 ? column : undefined;
}

/** CSS pixels for one millimetre; undefined when the image is not calibrated. `scale`: CSS pixels of a column. */
export function pixelsPerMm(image: Calibrated, scale: number): number | undefined {
  const columnMm = columnMmOf(image);
  return columnMm === undefined ? undefined : scale / columnMm;
}

/** A round length whose bar takes between a tenth and a quarter of the height. */
export function barLengthMm(perMm: number, height: number): number {
  for (const length of [500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5]) if (length * perMm <= height * 0.25) return length;
  return 0.2;
}
