// The seam between a stack's own drawing and the viewport of Cornerstone3D it is mounted in once that library is loaded:
// the viewport's camera places the picture, so that picture and annotations cannot disagree.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import type { StackFrame } from './frame-store.ts';
import type { Affine, ViewState } from './view-geometry.ts';

/** What a mounted viewport asks of the view, and tells it when a tool of the library moved the camera. */
export interface MountHost {
  readonly stackFrames: readonly StackFrame[];
  decodedOf(key: string): DecodedFrame | undefined;
  /** Takes over slice and pose that a tool set. */
  adopt(index: number, view: ViewState): void;
  /** Takes over a window given by its inclusive ends in the modality's unit. */
  adoptWindow(lower: number, upper: number): void;
  requestPaint(): void;
}

export interface StackMount {
  /** Gives the viewport another stack. */
  setFrames(): void;
  /** Sets the viewport's camera; answers where the image's pixel edges come to lie, in device pixels of the cell. */
  place(index: number, image: ImageDescription, view: ViewState): Affine | undefined;
  /** The picture was painted: annotations are drawn now. */
  painted(): void;
  resize(): void;
  /** Does the library take this press at this point (CSS pixels of the cell)? */
  takesPointer(press: Pick<MouseEvent, 'button' | 'shiftKey'>, x: number, y: number): boolean;
  /** Asked before another slice is shown. False while the pointer holds a length, which keeps its slice; one that waits for its
   * other end is given up. */
  leavesSlice(): boolean;
  /** Gives up the length that is being drawn; one that is being moved is again where it was. False where there is neither. */
  cancelDrawing(): boolean;
  /** Deletes the measurement that is selected, or lies under the cursor; answers how many went. */
  deleteSelected(): number;
  dispose(): void;
}
