// The lengths that the library draws, as lengths on images: told when one was drawn, moved or deleted, and put back from
// what was kept. Where they are kept is not known here.
import { eventTarget, utilities } from '@cornerstonejs/core';
import { annotation, Enums, LengthTool, utilities as toolUtilities, type Types } from '@cornerstonejs/tools';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { lengthValue } from '#shared/measurement/length-value.ts';
import type { StackFrame } from '../frame-store.ts';
import type { LengthOnImage } from '../length.ts';
import { frameOfReferenceOf, imageIdOf, imageOfId, keyOfImageId, normalOf, pixelOf, worldOf } from './mounted-image.ts';

/** A length that was drawn or changed; undefined: it was deleted. */
export type LengthListener = (uid: string, length: LengthOnImage | undefined) => void;

type Annotation = Types.Annotation;
const { Events } = Enums;

/** What the tool is at. */
interface Drawing {
  isUnfinished(mark: Annotation): boolean;
  readonly isTakingBack: boolean;
}

/** A second press beside the first, say: no length. */
const LEAST_PX = 1;

export class LengthMarks {
  readonly #toolGroupId: string;
  readonly #drawing: Drawing;
  /** While marks are put back or taken away from outside, their echo is no person's doing. */
  #isPutting = false;

  constructor(toolGroupId: string, drawing: Drawing) {
    this.#toolGroupId = toolGroupId;
    this.#drawing = drawing;
  }

  /** Calls back after each change by the person; returns the function that unregisters. */
  onChange(listener: LengthListener): () => void {
    const completed = (event: Event): void => {
      const { annotation: mark } = (event as CustomEvent<{ annotation: Annotation }>).detail;
      if (this.#drawing.isTakingBack) return;
      const length = lengthOf(mark);
      if (length && pixelsOf(length) < LEAST_PX) this.remove(length.uid);
      else if (length && !this.#isPutting) listener(length.uid, length);
    };
    const modified = (event: Event): void => {
      const { annotation: mark } = (event as CustomEvent<{ annotation: Annotation }>).detail;
      if (this.#drawing.isUnfinished(mark)) return;
      // The library tells of a change with a delay, also of a mark whose place `put` has taken meanwhile: that would take back a name.
      if (this.#isPutting || annotation.state.getAnnotation(mark.annotationUID ?? '') !== mark) return;
      const length = lengthOf(mark);
      if (length) listener(length.uid, length);
    };
    const removed = (event: Event): void => {
      const { annotationUID } = (event as CustomEvent<{ annotation: Annotation }>).detail.annotation;
      if (!this.#isPutting && !this.#drawing.isTakingBack && annotationUID !== undefined)
        listener(annotationUID, undefined);
    };
    eventTarget.addEventListener(Events.ANNOTATION_COMPLETED, completed);
    eventTarget.addEventListener(Events.ANNOTATION_MODIFIED, modified);
    eventTarget.addEventListener(Events.ANNOTATION_REMOVED, removed);
    return () => {
      eventTarget.removeEventListener(Events.ANNOTATION_COMPLETED, completed);
      eventTarget.removeEventListener(Events.ANNOTATION_MODIFIED, modified);
      eventTarget.removeEventListener(Events.ANNOTATION_REMOVED, removed);
    };
  }

  /** Draws a length on its frame, in place of the one of that name. */
  put({ image, ...frame }: StackFrame, length: LengthOnImage): void {
    this.#quietly(() => {
      annotation.state.removeAnnotation(length.uid);
      const points = length.ends.map(([column, row]) => worldOf(image, column, row));
      const mark = {
        annotationUID: length.uid,
        invalidated: true,
        highlighted: false,
        isLocked: false,
        isVisible: true,
        data: {
          label: length.label,
          handles: { points, activeHandleIndex: null, textBox: emptyTextBox() },
          cachedStats: {},
        },
        metadata: {
          toolName: LengthTool.toolName,
          FrameOfReferenceUID: frameOfReferenceOf(image),
          referencedImageId: imageIdOf({ image, ...frame }),
          viewPlaneNormal: normalOf(image),
        },
      };
      annotation.state.addAnnotation(mark, frameOfReferenceOf(image));
    });
  }

  remove(uid: string): void {
    this.#quietly(() => annotation.state.removeAnnotation(uid));
  }

  /** UIDs and instances of all that are drawn, of all studies of this page. */
  get all(): { uid: string; sopInstanceUid: string }[] {
    return annotation.state.getAllAnnotations().flatMap(({ annotationUID, metadata }) => {
      const [sopInstanceUid = ''] = keyOfImageId(metadata?.referencedImageId ?? '').split('/');
      return annotationUID === undefined ? [] : [{ uid: annotationUID, sopInstanceUid }];
    });
  }

  #quietly(work: () => void): void {
    this.#isPutting = true;
    try {
      work();
    } finally {
      this.#isPutting = false;
    }
    toolUtilities.triggerAnnotationRenderForToolGroupIds([this.#toolGroupId]);
  }
}

/** Where the library would put the text itself. */
const emptyTextBox = (): Record<string, unknown> => ({
  hasMoved: false,
  worldPosition: [0, 0, 0],
  worldBoundingBox: { topLeft: [0, 0, 0], topRight: [0, 0, 0], bottomLeft: [0, 0, 0], bottomRight: [0, 0, 0] },
});

function lengthOf({ annotationUID, metadata, data }: Annotation): LengthOnImage | undefined {
  const imageId = metadata?.referencedImageId ?? '';
  const image = imageOfId(imageId);
  const [from, to] = data?.handles?.points ?? [];
  if (annotationUID === undefined || !image || !from || !to) return undefined;
  const [sopInstanceUid = '', frameIndex = '0'] = keyOfImageId(imageId).split('/');
  const ends = [pixelOf(image, from), pixelOf(image, to)] as const;
  const label = typeof data.label === 'string' ? data.label : '';
  return {
    uid: annotationUID,
    sopInstanceUid,
    frameIndex: Number(frameIndex),
    ends,
    label,
    text: lengthText(image, ends),
  };
}

const pixelsOf = ({ ends: [from, to] }: LengthOnImage): number => Math.hypot(to[0] - from[0], to[1] - from[1]);

/** Millimetres at the patient are plain; at the detector they are called so; without spacing they are pixels. */
export function lengthText(image: ImageDescription, ends: LengthOnImage['ends']): string {
  const { value, unit, basis } = lengthValue(image, ends);
  return `${utilities.roundNumber(value)} ${unit}${basis === 'detector' ? ' at the detector' : ''}`;
}
