// A scale bar only where millimetres are known.
import type { ImageDescription } from '#shared/dicom/image-description.ts';

/** CSS pixels for one millimetre; undefined when the image is not calibrated. */
export function pixelsPerMm(image: ImageDescription, scale: number): number | undefined {
  return image.spacingMm ? scale / image.spacingMm[1] : undefined;
}

/** A round length whose bar takes between a tenth and a quarter of the height. */
export function barLengthMm(perMm: number, height: number): number {
  for (const length of [500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5]) if (length * perMm <= height * 0.25) return length;
  return 0.2;
}
