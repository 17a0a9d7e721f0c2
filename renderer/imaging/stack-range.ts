// What images show of their values while their headers name no window and the person has set none.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';
import { initialVoi } from '#shared/pixels/render-frame.ts';

/** One brightness for what belongs together: the range of the first frame painted of a clip or of the slices of a volume. All
 * other images have a range each. */
export class StackRange {
  readonly #first = new Map<string, Voi>();

  voiFor(decoded: DecodedFrame, image: ImageDescription): Voi {
    if (image.windows.length > 0 || image.voiLuts.length > 0) return initialVoi(decoded, image);
    const key = kindOf(image);
    const voi = this.#first.get(key) ?? initialVoi(decoded, image);
    this.#first.set(key, voi);
    return voi;
  }
}

/** Equal for frames whose values mean the same. The slope may differ, as in PET: ranges are in the modality's unit. */
function kindOf(image: ImageDescription): string {
  const { positionLps, orientation, sopInstanceUid } = image;
  if (!positionLps || !orientation || image.modalityLut) return sopInstanceUid;
  const { pixelKind, bitsStored, isSigned, photometric, rescale } = image;
  return [pixelKind, bitsStored, isSigned, photometric, rescale !== undefined, rescale?.type].join('/');
}
