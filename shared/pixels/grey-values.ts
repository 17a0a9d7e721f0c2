// The grey-scale pipeline of PS3.4 N.2 as functions of one value: stored -> modality -> VOI -> presentation -> display.
import type { ImageDescription, Lut, VoiFunction } from '../dicom/image-description.ts';

/** How values become grey: one of the header's windows or the reader's own, or a VOI look-up table. */
export type Voi = { kind: 'window'; center: number; width: number; function: VoiFunction } | { kind: 'lut'; lut: Lut };

export interface GreySettings {
  voi: Voi;
  isInverted: boolean;
}

export const lutOutput = (lut: Lut, input: number): number => {
  const index = Math.min(lut.data.length - 1, Math.max(0, Math.round(input) - lut.first));
  return lut.data[index] ?? 0;
};

/** Sign-extended stored value of a raw word of `bitsAllocated` bits (PS3.5 8.1.1: high bit need not be the top one). */
export function storedValue(raw: number, image: Pick<ImageDescription, 'bitsStored' | 'highBit' | 'isSigned'>): number {
  const shift = image.highBit + 1 - image.bitsStored;
  if (image.bitsStored >= 32) return image.isSigned ? raw | 0 : raw >>> 0;
  const value = (shift > 0 ? raw >>> shift : raw) & (2 ** image.bitsStored - 1);
  return image.isSigned && value >= 2 ** (image.bitsStored - 1) ? value - 2 ** image.bitsStored : value;
}

/** Value in the modality's unit (HU, BQML) of a stored value (PS3.3 C.11.1). */
export function modalityValue(stored: number, image: Pick<ImageDescription, 'modalityLut' | 'rescale'>): number {
  if (image.modalityLut) return lutOutput(image.modalityLut, stored);
  return image.rescale ? stored * image.rescale.slope + image.rescale.intercept : stored;
}

/** Grey from 0 to 1 of a modality value (PS3.3 C.11.2). */
export function voiValue(value: number, voi: Voi): number {
  if (voi.kind === 'lut') return lutOutput(voi.lut, value) / (2 ** voi.lut.bits - 1);
  const { center, width } = voi;
  switch (voi.function) {
    case 'LINEAR_EXACT':
      return clampUnit((value - center) / width + 0.5);
    case 'SIGMOID':
      return 1 / (1 + Math.exp((-4 * (value - center)) / width));
    case 'LINEAR':
      // A width of 1 is a threshold: at and below c - 0.5 black, above it white.
      return width <= 1 ? (value <= center - 0.5 ? 0 : 1) : clampUnit((value - (center - 0.5)) / (width - 1) + 0.5);
  }
}

const clampUnit = (value: number): number => (value <= 0 ? 0 : value >= 1 ? 1 : value);

/** Display byte of a grey: presentation LUT, photometric interpretation, the reader's inversion. */
export function displayByte(
  grey: number,
  image: Pick<ImageDescription, 'photometric' | 'presentationShape' | 'presentationLut'>,
  isInverted: boolean,
): number {
  let shown = grey;
  if (image.presentationLut) {
    const { data, bits, first } = image.presentationLut;
    shown = lutOutput(image.presentationLut, first + grey * (data.length - 1)) / (2 ** bits - 1);
  } else if (
    image.presentationShape === 'INVERSE' ||
    (image.presentationShape === undefined && image.photometric === 'MONOCHROME1')
  )
    shown = 1 - grey;
  if (isInverted) shown = 1 - shown;
  return Math.round(clampUnit(shown) * 255);
}

export const isPadding = (stored: number, image: Pick<ImageDescription, 'padding'>): boolean =>
  image.padding !== undefined && stored >= image.padding[0] && stored <= image.padding[1];

/** Display byte of a stored value through the whole pipeline; padding is always the darkest level. */
export function displayOf(stored: number, image: ImageDescription, { voi, isInverted }: GreySettings): number {
  if (isPadding(stored, image)) return 0;
  return displayByte(voiValue(modalityValue(stored, image), voi), image, isInverted);
}
