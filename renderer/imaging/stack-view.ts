// Shows one stack in an element: paints at most once a frame of the screen, follows loading, keeps the view, its window and
// its history. Knows no React; the feature above listens to its events. Mounted in a viewport of Cornerstone3D (`mountIn`),
// that viewport's camera places the picture.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { edgeLetters } from '#shared/geometry/orientation-letters.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import type { Voi } from '#shared/pixels/grey-values.ts';
import { CellBox } from './cell-box.ts';
import type { FrameStore, StackFrame } from './frame-store.ts';
import { Picture } from './picture.ts';
import { columnMmOf } from './scale-bar.ts';
import { probeAt, type Probe } from './probe.ts';
import { outward } from './stack.ts';
import type { MountHost, StackMount } from './stack-mount.ts';
import { StackRange } from './stack-range.ts';
import { affineOf, fitScale, imagePoint, lensAffine, snapped, zoomedAt } from './view-geometry.ts';
import type { Affine, ViewState } from './view-geometry.ts';
import { UNTOUCHED, type KeptView, type ScaleMode, type Snapshot } from './stack-view-state.ts';
import type { StackViewEvents, StackViewState } from './stack-view-state.ts';
import { ViewHistory } from './view-history.ts';

/** After this long without a change a sampled picture is made whole. */
const SETTLE_MS = 120;

export class StackView implements MountHost {
  readonly host: HTMLElement;
  readonly #store: FrameStore;
  readonly #events: StackViewEvents;
  readonly #picture: Picture;
  #history = new ViewHistory<Snapshot>();
  readonly #off: () => void;
  readonly #box: CellBox;
  #frames: readonly StackFrame[] = [];
  #keys = new Set<string>();
  readonly #loaded = new Set<string>();
  readonly #seen = new Set<number>();
  #index = 0;
  /** The reader's own; undefined: as each frame's header says. */
  #voi: Voi | undefined;
  #range = new StackRange();
  #shownVoi: Voi | undefined;
  #isInverted = false;
  #scaleMode: ScaleMode = 'fit';
  #view = UNTOUCHED.view;
  #mount: StackMount | undefined;
  #request = 0;
  #isDragging = false;
  #onDragBroken: (() => void) | undefined;
  #settle: ReturnType<typeof setTimeout> | undefined;

  /** `host` is the cell: the picture goes in as its first child and fills it. */
  constructor(host: HTMLElement, store: FrameStore, events: StackViewEvents) {
    this.host = host;
    this.#store = store;
    this.#events = events;
    this.#picture = new Picture(() => this.requestPaint());
    host.prepend(this.#picture.canvas);
    this.#off = store.onFrame((key, isHere) => this.#arrived(key, isHere));
    this.#box = new CellBox(host, (ratioFactor) => this.#resized(ratioFactor));
  }

  dispose(): void {
    this.#off();
    this.#box.dispose();
    cancelAnimationFrame(this.#request);
    clearTimeout(this.#settle);
    this.#store.want(this, []);
    this.#picture.canvas.remove();
    this.#mount?.dispose();
    this.#mount = undefined;
  }

  /** As nobody has touched it, at `index`; or as it was `kept`. */
  setStack(frames: readonly StackFrame[], index: number, kept?: KeptView): void {
    this.#onDragBroken?.();
    const at = kept ? frames.findIndex(({ key }) => key === kept.frameKey) : -1;
    this.#history = kept?.history ?? new ViewHistory();
    this.#range = kept?.range ?? new StackRange();
    this.#shownVoi = undefined;
    this.#change(kept?.snapshot ?? UNTOUCHED);
    this.#take(frames, Math.max(0, at < 0 ? Math.min(index, frames.length - 1) : at), kept?.seenKeys ?? new Set());
  }

  /** Undefined while there is no stack. */
  get kept(): KeptView | undefined {
    const frameKey = this.frame?.key;
    return frameKey === undefined
      ? undefined
      : {
          frameKey,
          snapshot: this.#snapshot(),
          history: this.#history,
          seenKeys: this.#seenKeys(),
          range: this.#range,
        };
  }

  /** More frames of the same stack have come: what is shown, how, and what was seen stay. */
  growStack(frames: readonly StackFrame[]): void {
    const key = this.frame?.key;
    const index = frames.findIndex((frame) => frame.key === key);
    this.#take(frames, Math.max(0, index), this.#seenKeys());
  }

  #indexOf(key: string | undefined): number | undefined {
    const index = key === undefined ? -1 : this.#frames.findIndex((frame) => frame.key === key);
    return index < 0 ? undefined : index;
  }
  #seenKeys(): Set<string> {
    return new Set([...this.#seen].flatMap((each) => this.#frames[each]?.key ?? []));
  }

  #take(frames: readonly StackFrame[], index: number, seenKeys: ReadonlySet<string>): void {
    this.#frames = frames;
    this.#index = index;
    this.#seen.clear();
    this.#loaded.clear();
    frames.forEach(({ key }, at) => {
      if (seenKeys.has(key)) this.#seen.add(at);
      if (this.#store.get(key)) this.#loaded.add(key);
    });
    this.#keys = new Set(frames.map((frame) => frame.key));
    this.#mount?.setFrames();
    this.#want();
    this.requestPaint();
  }

  /** From now on a viewport of Cornerstone3D places the picture, and draws annotations over it. */
  mountIn(open: (host: MountHost) => StackMount): void {
    this.#mount?.dispose();
    this.#mount = open(this);
    this.#mount.setFrames();
  }
  get mount(): StackMount | undefined {
    return this.#mount;
  }
  get stackFrames(): readonly StackFrame[] {
    return this.#frames;
  }
  decodedOf(key: string): DecodedFrame | undefined {
    const loaded = this.#store.get(key);
    return loaded?.ok ? loaded.value : undefined;
  }
  adopt(index: number, view: ViewState): void {
    this.goTo(index);
    this.#change({ view, scaleMode: 'free' });
  }
  adoptWindow(lower: number, upper: number): void {
    this.setVoi({ kind: 'window', center: (lower + upper + 1) / 2, width: upper - lower + 1, function: 'LINEAR' });
  }
  requestPaint(): void {
    if (this.#request) return;
    this.#request = requestAnimationFrame(() => {
      this.#request = 0;
      this.#paint();
    });
  }

  get index(): number {
    return this.#index;
  }
  get count(): number {
    return this.#frames.length;
  }
  get frame(): StackFrame | undefined {
    return this.#frames[this.#index];
  }
  get seen(): ReadonlySet<number> {
    return this.#seen;
  }
  get voi(): Voi | undefined {
    return this.#voi ?? this.#shownVoi;
  }
  get scaleMode(): ScaleMode {
    return this.#scaleMode;
  }
  isLoaded(index: number): boolean {
    const frame = this.#frames[index];
    return frame !== undefined && this.#loaded.has(frame.key);
  }

  goTo(index: number): void {
    const next = Math.min(this.#frames.length - 1, Math.max(0, Math.round(index)));
    if (next === this.#index || this.#mount?.leavesSlice() === false) return;
    this.#index = next;
    if (this.#loaded.size < this.#frames.length || !this.decodedOf(this.frame?.key ?? '')) this.#want();
    this.requestPaint();
  }

  setVoi(voi: Voi): void {
    this.#change({ voi });
  }
  toggleInvert(): void {
    this.remember();
    this.#change({ isInverted: !this.#isInverted });
  }
  rotate(byDeg: number): void {
    this.remember();
    this.#change({ view: { ...this.#view, rotationDeg: (this.#view.rotationDeg + byDeg + 360) % 360 } });
  }
  /** Mirrors left-right or top-bottom as seen on the screen, whatever the rotation. */
  flip(isVertical: boolean): void {
    this.remember();
    const { rotationDeg, isFlipped } = this.#view;
    const turned = (360 - rotationDeg + (isVertical ? 180 : 0)) % 360;
    this.#change({ view: { ...this.#view, isFlipped: !isFlipped, rotationDeg: turned } });
  }
  fit(): void {
    this.remember();
    this.#change({ scaleMode: 'fit' });
  }
  /** One image pixel on one pixel of the screen. */
  actualPixels(): void {
    this.remember();
    this.#change({ scaleMode: 'free', view: { ...this.#view, scale: 1, panX: 0, panY: 0 } });
  }
  /** Life size, as far as the image's spacing is that of the patient and the monitor is measured. */
  trueSize(): void {
    this.remember();
    this.#change({ scaleMode: 'true size', view: { ...this.#view, panX: 0, panY: 0 } });
  }
  /** Zooms around a point of the cell (device pixels from its corner). */
  zoomBy(factor: number, x = this.#box.size[0] / 2, y = this.#box.size[1] / 2): void {
    this.#followScaleMode();
    this.#change({ scaleMode: 'free', view: zoomedAt(this.#view, factor, ...this.#box.size, x, y) });
  }
  /** Device pixels. */
  panBy(x: number, y: number): void {
    this.#followScaleMode();
    const view = { ...this.#view, panX: this.#view.panX + x, panY: this.#view.panY + y };
    this.#change({ view, scaleMode: this.#scaleMode === 'fit' ? 'free' : this.#scaleMode });
  }
  reset(): void {
    this.#onDragBroken?.();
    this.remember();
    this.#range = new StackRange();
    this.#change(UNTOUCHED);
  }

  /** Keeps the present view for `undo`; called before a change that is dragged. */
  remember(): void {
    this.#history.keep(this.#snapshot());
  }
  undo(): void {
    this.#onDragBroken?.();
    const before = this.#history.undo(this.#snapshot());
    if (before) this.#change(before);
  }
  redo(): void {
    this.#onDragBroken?.();
    const after = this.#history.redo(this.#snapshot());
    if (after) this.#change(after);
  }
  /** While a drag lasts, large pictures may be sampled. `onBroken`: what it began with gives way to another stack or view. */
  beginDrag(onBroken?: () => void): void {
    this.#isDragging = true;
    this.#onDragBroken = onBroken;
  }
  endDrag(): void {
    this.#isDragging = false;
    this.#onDragBroken = undefined;
    this.requestPaint();
  }

  /** What lies under a point of the cell (device pixels); undefined outside the image or before it is loaded. */
  probe(x: number, y: number): Probe | undefined {
    const { frame } = this;
    const decoded = frame && this.decodedOf(frame.key);
    if (!frame || !decoded) return undefined;
    return probeAt(
      decoded,
      frame.image,
      ...imagePoint(this.#viewOf(frame.image), frame.image, ...this.#box.size, x, y),
    );
  }

  /** Draws what lies around a point of the cell, enlarged, into a square canvas (device pixels). */
  drawLens(context: CanvasRenderingContext2D, x: number, y: number, factor: number): void {
    const { frame } = this;
    const decoded = frame && this.decodedOf(frame.key);
    if (!frame || !decoded) return;
    const { width, height } = context.canvas;
    const settings = { voi: this.#voiFor(decoded, frame), isInverted: this.#isInverted };
    const affine = lensAffine(this.#affine(frame.image), x, y, factor, width, height);
    this.#picture.magnify(context, decoded, frame, settings, affine);
  }

  #snapshot(): Snapshot {
    return { voi: this.#voi, isInverted: this.#isInverted, view: this.#view, scaleMode: this.#scaleMode };
  }
  #change(to: Partial<Snapshot>): void {
    if ('voi' in to) this.#voi = to.voi;
    this.#isInverted = to.isInverted ?? this.#isInverted;
    this.#view = to.view ?? this.#view;
    this.#scaleMode = to.scaleMode ?? this.#scaleMode;
    this.requestPaint();
  }

  #want(): void {
    this.#store.want(this, outward(this.#frames, this.#index));
  }

  #arrived(key: string, isHere: boolean): void {
    if (!this.#keys.has(key) || this.#loaded.has(key) === isHere) return;
    if (isHere) this.#loaded.add(key);
    else this.#loaded.delete(key);
    if (this.frame?.key === key || this.#range.awaits(key)) this.requestPaint();
    this.#events.onLoaded(this.#loaded.size, this.#frames.length);
  }

  /** On a screen of another resolution what was zoomed looks as large as before; an image pixel for a pixel stays one. */
  #resized(ratioFactor: number): void {
    if (ratioFactor !== 1 && this.#scaleMode === 'free' && this.#view.scale !== 1) {
      const { scale, panX, panY } = this.#view;
      this.#view = { ...this.#view, scale: scale * ratioFactor, panX: panX * ratioFactor, panY: panY * ratioFactor };
    }
    this.#mount?.resize();
    this.#paint();
  }

  #paint(): void {
    const { frame } = this;
    if (!frame) return this.#picture.hide();
    if (this.#box.size[0] === 0) return;
    const loaded = this.#store.get(frame.key);
    if (!loaded?.ok) this.#picture.hide();
    this.#followScaleMode();
    if (!loaded) {
      this.#events.onWaiting(this.#state(frame, undefined, false));
      return;
    }
    let isSampled = false;
    if (loaded.ok) {
      const voi = (this.#shownVoi = this.#voiFor(loaded.value, frame));
      const affine =
        this.#mount?.place(this.#index, frame.image, this.#viewOf(frame.image)) ?? this.#affine(frame.image);
      const settings = { voi, isInverted: this.#isInverted };
      isSampled = this.#picture.paint(loaded.value, frame, settings, affine, this.#box.size, this.#isDragging);
      this.#mount?.painted();
      this.#seen.add(this.#index);
    }
    clearTimeout(this.#settle);
    if (isSampled) this.#settle = setTimeout(() => this.#settleNow(), SETTLE_MS);
    this.#events.onPainted(this.#state(frame, loaded.ok ? undefined : loaded.error.detail, isSampled));
  }

  #settleNow(): void {
    const was = this.#isDragging;
    this.#isDragging = false;
    this.#paint();
    this.#isDragging = was;
  }

  #voiFor(decoded: DecodedFrame, frame: StackFrame): Voi {
    return this.#voi ?? this.#range.voiFor(decoded, frame, this, this.#events.startVoi);
  }

  /** Also before the next picture: what goes on from the scale goes on from the one that was asked for. */
  #followScaleMode(): void {
    const image = this.frame?.image;
    if (!image || this.#box.size[0] === 0) return;
    if (this.#scaleMode === 'fit')
      this.#view = { ...this.#view, scale: fitScale(this.#view, image, ...this.#box.size), panX: 0, panY: 0 };
    if (this.#scaleMode !== 'true size') return;
    const columnMm = columnMmOf(image);
    const pitchMm = this.#events.pixelPitchMm();
    // Where one of the two is not known it is no life size, and is not called so.
    if (columnMm === undefined || pitchMm === undefined) this.#scaleMode = 'free';
    else this.#view = { ...this.#view, scale: columnMm / pitchMm };
  }

  /** As it is drawn: sharp where it can be. */
  #viewOf(image: ImageDescription): ViewState {
    return this.#scaleMode === 'free' ? snapped(this.#view, image, this.#box.size, this.#box.origin) : this.#view;
  }

  #affine(image: ImageDescription): Affine {
    return affineOf(this.#viewOf(image), image, ...this.#box.size);
  }

  #state(frame: StackFrame, problem: string | undefined, isSampled: boolean): StackViewState {
    return {
      index: this.#index,
      count: this.#frames.length,
      image: frame.image,
      voi: this.voi,
      rangeIndex: this.#voi ? undefined : this.#indexOf(this.#range.keyFor(frame.image)),
      isInverted: this.#isInverted,
      view: this.#view,
      scaleMode: this.#scaleMode,
      loadedCount: this.#loaded.size,
      isHeldWhole: this.#loaded.size === this.#frames.length || this.#store.isWhole,
      isSampled,
      letters: edgeLetters(frame.image, this.#view),
      problem,
      isEndMissing: this.decodedOf(frame.key)?.isEndMissing === true,
    };
  }
}
