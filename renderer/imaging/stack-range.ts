// What images show of their values while their headers name no window and the person has set none.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';
import { initialVoi } from '#shared/pixels/render-frame.ts';
import type { StackFrame } from './frame-store.ts';

export interface RangeSource {
  readonly stackFrames: readonly StackFrame[];
  decodedOf(key: string): DecodedFrame | undefined;
}

interface Ranged {
  /** Of the frame whose range it is. */
  key: string;
  voi: Voi;
  /** The frame whose range it is to be, as soon as that is here. */
  reference: StackFrame;
}

/** One brightness for what belongs together: the range of the middle one of the slices of a volume, of the first frame of a
 * clip, whichever is painted first. All other images have a range each. */
export class StackRange {
  readonly #kinds = new Map<string, Ranged>();

  /** `start`: what such an image starts with instead of a range, where there is something. */
  voiFor(
    decoded: DecodedFrame,
    frame: StackFrame,
    source: RangeSource,
    start: (image: ImageDescription) => Voi | undefined,
  ): Voi {
    const { image } = frame;
    if (hasWindow(image)) return initialVoi(decoded, image);
    return start(image) ?? this.#rangeOf(decoded, frame, source);
  }

  /** The frame whose range an image shows; undefined where it shows none. */
  keyFor(image: ImageDescription): string | undefined {
    return hasWindow(image) ? undefined : this.#kinds.get(kindOf(image))?.key;
  }

  /** Another frame stands for this one until it is here. */
  awaits(key: string): boolean {
    return [...this.#kinds.values()].some((each) => each.reference.key === key && each.key !== key);
  }

  #rangeOf(decoded: DecodedFrame, frame: StackFrame, source: RangeSource): Voi {
    const kind = kindOf(frame.image);
    const known = this.#kinds.get(kind);
    if (known && known.key === known.reference.key) return known.voi;
    const reference = known?.reference ?? referenceOf(frame, source.stackFrames);
    const awaited = source.decodedOf(reference.key);
    if (!awaited && known) return known.voi;
    const [of, pixels] = awaited ? [reference, awaited] : [frame, decoded];
    const voi = initialVoi(pixels, of.image);
    this.#kinds.set(kind, { key: of.key, voi, reference });
    return voi;
  }
}

const hasWindow = ({ windows, voiLuts }: ImageDescription): boolean => windows.length > 0 || voiLuts.length > 0;

function referenceOf(frame: StackFrame, frames: readonly StackFrame[]): StackFrame {
  const kind = kindOf(frame.image);
  const alike = frames.filter(({ image }) => kindOf(image) === kind);
  const isOfOne = alike.every(({ image }) => image.sopInstanceUid === frame.image.sopInstanceUid);
  return alike[isOfOne ? 0 : Math.floor(alike.length / 2)] ?? frame;
}

/** Equal for frames whose values mean the same. The slope may differ, as in PET: ranges are in the modality's unit. */
function kindOf(image: ImageDescription): string {
  const { positionLps, orientation, sopInstanceUid } = image;
  if (!positionLps || !orientation || image.modalityLut) return sopInstanceUid;
  const { pixelKind, bitsStored, isSigned, photometric, rescale } = image;
  return [pixelKind, bitsStored, isSigned, photometric, rescale !== undefined, rescale?.type].join('/');
}
