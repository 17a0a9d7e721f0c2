// What a length on an image measures: the one rule for the picture, the list and the report.
import type { ImageDescription, SpacingBasis } from '../dicom/image-description.ts';

export interface LengthValue {
  value: number;
  /** Pixels, of the image's own aspect, where no spacing is known: never a guess in mm. */
  unit: 'mm' | 'px';
  /** `detector`: not corrected for magnification. Undefined with pixels. */
  basis: SpacingBasis | undefined;
}

/** `ends`: column and row of both, from 0 at the first pixel's centre. */
export function lengthValue(
  { spacingMm, spacingBasis, pixelAspect }: Pick<ImageDescription, 'spacingMm' | 'spacingBasis' | 'pixelAspect'>,
  [[fromColumn, fromRow], [toColumn, toRow]]: readonly [readonly [number, number], readonly [number, number]],
): LengthValue {
  const [rowStep, columnStep] = spacingMm ?? [pixelAspect, 1];
  return {
    value: Math.hypot((toColumn - fromColumn) * columnStep, (toRow - fromRow) * rowStep),
    unit: spacingMm ? 'mm' : 'px',
    basis: spacingMm && spacingBasis,
  };
}
