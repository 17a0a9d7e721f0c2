// What a stack view says of itself: its state after each picture, and its events.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { EdgeLetters } from '#shared/geometry/orientation-letters.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';
import type { StackRange } from './stack-range.ts';
import type { ViewState } from './view-geometry.ts';
import type { ViewHistory } from './view-history.ts';

/** How the scale follows cell and image: whole image, life size, or as set. */
export type ScaleMode = 'fit' | 'true size' | 'free';

export interface StackViewState {
  index: number;
  count: number;
  image: ImageDescription;
  voi: Voi | undefined;
  /** The image whose range of values `voi` is; undefined where header, person or `startVoi` gave it. */
  rangeIndex: number | undefined;
  isInverted: boolean;
  view: ViewState;
  scaleMode: ScaleMode;
  /** Frames decoded, of all. */
  loadedCount: number;
  /** False: not all frames fit into memory; the rest comes as it is scrolled to. */
  isHeldWhole: boolean;
  /** The picture is sampled while something is dragged. */
  isSampled: boolean;
  letters: EdgeLetters | undefined;
  problem: string | undefined;
  /** The codestream lacked its end marker; the picture is whole. */
  isEndMissing: boolean;
}

/** What undo brings back. */
export interface Snapshot {
  voi: Voi | undefined;
  isInverted: boolean;
  view: ViewState;
  scaleMode: ScaleMode;
}

const UPRIGHT: ViewState = { rotationDeg: 0, isFlipped: false, scale: 1, panX: 0, panY: 0 };
/** As nobody has touched it. */
export const UNTOUCHED: Snapshot = { voi: undefined, isInverted: false, view: UPRIGHT, scaleMode: 'fit' };

/** What a person made of a stack: to be taken up again when it is shown once more. */
export interface KeptView {
  readonly frameKey: string;
  readonly snapshot: Snapshot;
  readonly history: ViewHistory<Snapshot>;
  readonly seenKeys: ReadonlySet<string>;
  readonly range: StackRange;
}

export interface StackViewEvents {
  /** After a picture was drawn, or its failure known. */
  onPainted(state: StackViewState): void;
  /** The slice gone to is not loaded yet: its picture is not shown, and no other instead. */
  onWaiting(state: StackViewState): void;
  onLoaded(loadedCount: number, count: number): void;
  /** Of one device pixel of the monitor that the cell is on; undefined until the person has measured it. */
  pixelPitchMm(): number | undefined;
  /** What an image without a window in its header starts with; undefined: the range of its values. */
  startVoi(image: ImageDescription): Voi | undefined;
}
