// The frames of a series as a stack in reading order.
import { describeImage } from '#shared/dicom/image-description.ts';
import { hasPixels } from '#shared/dicom/is-image.ts';
import { numberOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { orderStack, type Placed, type StackOrder } from '#shared/geometry/stack-order.ts';
import type { StackFrame } from './frame-store.ts';

export interface Stack {
  frames: StackFrame[];
  order: Omit<StackOrder<never>, 'items'>;
  /** Instances of the series that hold no picture. */
  others: DicomJson[];
}

/** Sorts the frames of one series; instances without a picture, and those `isNoPicture` names, are listed apart, never
 * dropped. */
export function stackOf(
  studyUid: string,
  seriesUid: string,
  metadata: readonly DicomJson[],
  isNoPicture: (dataset: DicomJson) => boolean = () => false,
): Stack {
  const placed: (Placed & { frame: StackFrame })[] = [];
  const others: DicomJson[] = [];
  for (const dataset of metadata) {
    const first = hasPixels(dataset) && !isNoPicture(dataset) ? describeImage(dataset, 0) : undefined;
    if (!first) {
      others.push(dataset);
      continue;
    }
    for (let frameIndex = 0; frameIndex < first.frameCount; frameIndex++) {
      const image =
        frameIndex === 0
          ? first
          : dataset['52009230']
            ? (describeImage(dataset, frameIndex) ?? first)
            : { ...first, frameIndex };
      const address = `/api/dicomweb/studies/${studyUid}/series/${seriesUid}/instances/${image.sopInstanceUid}/frames/${frameIndex + 1}`;
      placed.push({
        frame: { key: `${image.sopInstanceUid}/${frameIndex}`, address, image },
        positionLps: image.positionLps,
        orientation: image.orientation,
        frameOfReferenceUid: image.frameOfReferenceUid,
        instanceNumber: numberOf(dataset, '00200013'),
        partNumber: numberOf(dataset, '00209162'),
        traits: image.traits,
        sopInstanceUid: image.sopInstanceUid,
        frameIndex,
      });
    }
  }
  const { items, ...order } = orderStack(placed);
  return { frames: items.map((item) => item.frame), order, others };
}

/** The frame at `index`, then outward from it: what is looked at comes first. */
export function outward<T>(frames: readonly T[], index: number): T[] {
  const order: T[] = [];
  for (let distance = 0; order.length < frames.length; distance++) {
    const [after, before] = [frames[index + distance], frames[index - distance]];
    if (after) order.push(after);
    if (before && distance > 0) order.push(before);
  }
  return order;
}
