// What a length on an image measures: the one rule for the picture, the list and the report.
import type { ImageDescription } from '../dicom/image-description.ts';
import type { SpacingBasis } from '../dicom/image-geometry.ts';
import { spacingAlong } from '../dicom/ultrasound-regions.ts';

export interface LengthValue {
  value: number;
  /** Pixels, of the image's own aspect, where no spacing is known: never a guess in mm. */
  unit: 'mm' | 'px';
  /** `detector`: not corrected for magnification; `region`: of an ultrasound region. Undefined with pixels. */
  basis: SpacingBasis | 'region' | undefined;
}

/** `ends`: column and row of both, from 0 at the first pixel's centre. */
export function lengthValue(
  image: Pick<ImageDescription, 'spacingMm' | 'spacingBasis' | 'pixelAspect' | 'regions'>,
  [from, to]: readonly [readonly [number, number], readonly [number, number]],
): LengthValue {
  const spacingMm = spacingAlong(image, from, to);
  const [rowStep, columnStep] = spacingMm ?? [image.pixelAspect, 1];
  return {
    value: Math.hypot((to[0] - from[0]) * columnStep, (to[1] - from[1]) * rowStep),
    unit: spacingMm ? 'mm' : 'px',
    basis: spacingMm && (image.regions.length ? 'region' : image.spacingBasis),
  };
}
