// Shows one stack on a canvas: draws at most once a frame of the screen, follows loading, keeps the view and its windows.
// Knows no React; the feature above listens to its events.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { edgeLetters, type EdgeLetters } from '#shared/geometry/orientation-letters.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import { greyTable } from '#shared/pixels/grey-table.ts';
import type { GreySettings, Voi } from '#shared/pixels/grey-values.ts';
import { initialVoi, renderFrame, valueAt } from '#shared/pixels/render-frame.ts';
import type { FrameStore, StackFrame } from './frame-store.ts';
import type { MountHost, StackMount } from './stack-mount.ts';
import { affineOf, fitScale, imagePoint, type Affine, type ViewState } from './view-geometry.ts';

export interface StackViewState {
  index: number;
  count: number;
  image: ImageDescription;
  voi: Voi | undefined;
  isInverted: boolean;
  view: ViewState;
  isFitted: boolean;
  /** Frames decoded, of all. */
  loadedCount: number;
  letters: EdgeLetters | undefined;
  problem: string | undefined;
}

export interface StackViewEvents {
  /** After a picture was drawn. */
  onPainted(state: StackViewState): void;
  onLoaded(loadedCount: number, count: number): void;
}

/** What undo brings back. */
interface Snapshot {
  voi: Voi | undefined;
  isInverted: boolean;
  view: ViewState;
  isFitted: boolean;
}

const MOST_UNDO = 50;
/** Larger pictures are drawn, not laid: their texture would be larger than what is seen of it. */
const MOST_DIRECT_PIXELS = 2048;

export class StackView implements MountHost {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #store: FrameStore;
  readonly #events: StackViewEvents;
  readonly #off: () => void;
  readonly #resizer: ResizeObserver;
  #frames: readonly StackFrame[] = [];
  #index = 0;
  #voi: Voi | undefined;
  #isInverted = false;
  #isFitted = true;
  #view: ViewState = { rotationDeg: 0, isFlipped: false, scale: 1, panX: 0, panY: 0 };
  #undo: Snapshot[] = [];
  #request = 0;
  readonly #picture = document.createElement('canvas');
  #pixels: ImageData | undefined;
  /** What the picture canvas holds, so that panning need not render anew. */
  #pictureKey = '';
  #table: Uint8Array | undefined;
  #tableKey = '';
  readonly #loaded = new Set<string>();
  #keys = new Set<string>();
  #mount: StackMount | undefined;
  readonly #seen = new Set<number>();

  constructor(canvas: HTMLCanvasElement, store: FrameStore, events: StackViewEvents) {
    this.canvas = canvas;
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
    this.#picture.className = 'picture';
    this.#picture.setAttribute('aria-hidden', 'true');
    canvas.before(this.#picture);
    this.#store = store;
    this.#events = events;
    this.#off = store.onFrame((key) => this.#arrived(key));
    this.#resizer = new ResizeObserver(() => this.#resize());
    this.#resizer.observe(canvas);
    this.#resize();
  }

  dispose(): void {
    this.#off();
    this.#resizer.disconnect();
    cancelAnimationFrame(this.#request);
    this.#picture.remove();
    this.#mount?.dispose();
    this.#mount = undefined;
  }

  setStack(frames: readonly StackFrame[], index: number): void {
    this.#frames = frames;
    this.#index = Math.min(index, frames.length - 1);
    this.#voi = undefined;
    this.#isInverted = false;
    this.#undo = [];
    this.#seen.clear();
    this.#loaded.clear();
    for (const { key } of frames) if (this.#store.get(key)) this.#loaded.add(key);
    this.#view = { rotationDeg: 0, isFlipped: false, scale: 1, panX: 0, panY: 0 };
    this.#isFitted = true;
    this.#keys = new Set(frames.map((frame) => frame.key));
    this.#mount?.setFrames();
    this.#want();
    this.#schedule();
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
    this.#view = view;
    this.#isFitted = false;
    this.#schedule();
  }
  adoptWindow(lower: number, upper: number): void {
    this.setVoi({ kind: 'window', center: (lower + upper + 1) / 2, width: upper - lower + 1, function: 'LINEAR' });
  }
  requestPaint(): void {
    this.#schedule();
  }

  get index(): number {
    return this.#index;
  }
  get frame(): StackFrame | undefined {
    return this.#frames[this.#index];
  }
  get seen(): ReadonlySet<number> {
    return this.#seen;
  }
  isLoaded(index: number): boolean {
    const frame = this.#frames[index];
    return frame !== undefined && this.#loaded.has(frame.key);
  }

  goTo(index: number): void {
    const next = Math.min(this.#frames.length - 1, Math.max(0, Math.round(index)));
    if (next === this.#index) return;
    this.#index = next;
    this.#want();
    this.#schedule();
  }

  setVoi(voi: Voi): void {
    this.#voi = voi;
    this.#schedule();
  }
  get voi(): Voi | undefined {
    return this.#voi;
  }
  toggleInvert(): void {
    this.remember();
    this.#isInverted = !this.#isInverted;
    this.#schedule();
  }
  rotate(byDeg: number): void {
    this.remember();
    this.#view = { ...this.#view, rotationDeg: (this.#view.rotationDeg + byDeg + 360) % 360 };
    this.#schedule();
  }
  /** Mirrors left-right as seen on the screen, whatever the rotation. */
  flip(isVertical: boolean): void {
    this.remember();
    const { rotationDeg, isFlipped } = this.#view;
    this.#view = {
      ...this.#view,
      isFlipped: !isFlipped,
      rotationDeg: (360 - rotationDeg + (isVertical ? 180 : 0)) % 360,
    };
    this.#schedule();
  }
  fit(): void {
    this.remember();
    this.#isFitted = true;
    this.#schedule();
  }
  /** One image pixel on one pixel of the screen. */
  actualPixels(): void {
    this.remember();
    this.#isFitted = false;
    this.#view = { ...this.#view, scale: 1, panX: 0, panY: 0 };
    this.#schedule();
  }
  /** Zooms around a point of the canvas (device pixels). */
  zoomBy(factor: number, x = this.canvas.width / 2, y = this.canvas.height / 2): void {
    const image = this.frame?.image;
    if (!image) return;
    const scale = Math.min(64, Math.max(0.02, this.#view.scale * factor));
    const applied = scale / this.#view.scale;
    const [fromX, fromY] = [x - this.canvas.width / 2, y - this.canvas.height / 2];
    this.#view = {
      ...this.#view,
      scale,
      panX: fromX - (fromX - this.#view.panX) * applied,
      panY: fromY - (fromY - this.#view.panY) * applied,
    };
    this.#isFitted = false;
    this.#schedule();
  }
  panBy(x: number, y: number): void {
    this.#view = { ...this.#view, panX: this.#view.panX + x, panY: this.#view.panY + y };
    this.#isFitted = false;
    this.#schedule();
  }
  reset(): void {
    this.remember();
    this.#voi = undefined;
    this.#isInverted = false;
    this.#view = { rotationDeg: 0, isFlipped: false, scale: 1, panX: 0, panY: 0 };
    this.#isFitted = true;
    this.#schedule();
  }

  /** Keeps the present view for `undo`; called before a change. */
  remember(): void {
    this.#undo.push({ voi: this.#voi, isInverted: this.#isInverted, view: this.#view, isFitted: this.#isFitted });
    if (this.#undo.length > MOST_UNDO) this.#undo.shift();
  }
  undo(): void {
    const before = this.#undo.pop();
    if (!before) return;
    this.#voi = before.voi;
    this.#isInverted = before.isInverted;
    this.#view = before.view;
    this.#isFitted = before.isFitted;
    this.#schedule();
  }

  /** Column, row (from 0) and value in the modality's unit under a point of the canvas; undefined outside the image. */
  probe(x: number, y: number): { column: number; row: number; value: number | undefined } | undefined {
    const frame = this.frame;
    const decoded = this.#decoded();
    if (!frame || !decoded) return undefined;
    const [u, v] = imagePoint(this.#view, frame.image, this.canvas.width, this.canvas.height, x, y);
    const [column, row] = [Math.floor(u), Math.floor(v)];
    if (column < 0 || row < 0 || column >= frame.image.columns || row >= frame.image.rows) return undefined;
    return { column, row, value: valueAt(decoded, frame.image, column, row) };
  }

  #decoded(): DecodedFrame | undefined {
    const loaded = this.frame && this.#store.get(this.frame.key);
    return loaded?.ok ? loaded.value : undefined;
  }

  /** The slice looked at, then outward from it. */
  #want(): void {
    const order: StackFrame[] = [];
    for (let distance = 0; order.length < this.#frames.length; distance++) {
      const [after, before] = [this.#frames[this.#index + distance], this.#frames[this.#index - distance]];
      if (after) order.push(after);
      if (before && distance > 0) order.push(before);
    }
    this.#store.want(order);
  }

  #arrived(key: string): void {
    if (this.#loaded.has(key) || !this.#keys.has(key)) return;
    this.#loaded.add(key);
    if (this.frame?.key === key) this.#schedule();
    this.#events.onLoaded(this.#loaded.size, this.#frames.length);
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const ratio = devicePixelRatio;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (width === 0 || height === 0 || (this.canvas.width === width && this.canvas.height === height)) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.#mount?.resize();
    this.#draw();
  }

  #schedule(): void {
    if (this.#request) return;
    this.#request = requestAnimationFrame(() => {
      this.#request = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const frame = this.frame;
    const { width, height } = this.canvas;
    if (!frame || width === 0) return;
    const loaded = this.#store.get(frame.key);
    if (loaded?.ok) {
      this.#render(loaded.value, frame);
      if (this.#isFitted)
        this.#view = { ...this.#view, scale: fitScale(this.#view, frame.image, width, height), panX: 0, panY: 0 };
      this.#show(frame);
      this.#seen.add(this.#index);
    } else this.#picture.style.display = 'none';
    if (loaded?.ok) this.#mount?.painted();
    if (loaded) this.#events.onPainted(this.#state(frame, loaded.ok ? undefined : loaded.error.detail));
  }

  /** Puts the picture on the screen: laid by the compositor where it is enlarged, drawn with better filtering where it is
   * made smaller. */
  #show(frame: StackFrame): void {
    const { width, height } = this.canvas;
    const affine: Affine =
      this.#mount?.place(this.#index, frame.image, this.#view) ?? affineOf(this.#view, frame.image, width, height);
    const { scale } = this.#view;
    const isDirect =
      scale >= 0.75 && frame.image.columns <= MOST_DIRECT_PIXELS && frame.image.rows <= MOST_DIRECT_PIXELS;
    const { style } = this.#picture;
    style.display = isDirect ? 'block' : 'none';
    // Hidden, not removed: its size is the cell's.
    this.canvas.style.visibility = isDirect ? 'hidden' : 'visible';
    if (isDirect) {
      const transform = `matrix(${affine.map((value) => value / devicePixelRatio).join(',')})`;
      if (style.transform !== transform) style.transform = transform;
      // Enlarged far, pixels are shown as what they are.
      const rendering = scale >= 4 ? 'pixelated' : 'auto';
      if (style.imageRendering !== rendering) style.imageRendering = rendering;
      return;
    }
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    context.setTransform(...affine);
    context.imageSmoothingEnabled = scale < 4;
    context.imageSmoothingQuality = scale < 0.7 ? 'medium' : 'low';
    context.drawImage(this.#picture, 0, 0);
  }

  #render(decoded: DecodedFrame, { key, image }: StackFrame): void {
    this.#voi ??= initialVoi(decoded, image);
    const settings: GreySettings = { voi: this.#voi, isInverted: this.#isInverted };
    const pictureKey = `${key}|${this.#isInverted}|${voiKey(this.#voi)}`;
    if (pictureKey === this.#pictureKey) return;
    const { rows, columns } = image;
    if (!this.#pixels || this.#pixels.width !== columns || this.#pixels.height !== rows) {
      this.#pixels = new ImageData(columns, rows);
      this.#picture.width = columns;
      this.#picture.height = rows;
    }
    renderFrame(decoded, image, settings, this.#pixels.data, { table: this.#tableFor(image, settings) });
    this.#picture.getContext('2d', { alpha: false })?.putImageData(this.#pixels, 0, 0);
    this.#pictureKey = pictureKey;
  }

  /** The table of the last picture while nothing in it changed from slice to slice. */
  #tableFor(image: ImageDescription, settings: GreySettings): Uint8Array | undefined {
    const { rescale, padding, bitsStored, highBit, isSigned, photometric, presentationShape } = image;
    const tableKey =
      image.modalityLut || image.presentationLut
        ? ''
        : JSON.stringify([
            voiKey(settings.voi),
            settings.isInverted,
            rescale,
            padding,
            bitsStored,
            highBit,
            isSigned,
            photometric,
            presentationShape,
            image.bitsAllocated,
          ]);
    if (tableKey !== '' && tableKey === this.#tableKey) return this.#table;
    this.#table = greyTable(image, settings, this.#table);
    this.#tableKey = tableKey;
    return this.#table;
  }

  #state(frame: StackFrame, problem: string | undefined): StackViewState {
    return {
      index: this.#index,
      count: this.#frames.length,
      image: frame.image,
      voi: this.#voi,
      isInverted: this.#isInverted,
      view: this.#view,
      isFitted: this.#isFitted,
      loadedCount: this.#loaded.size,
      letters: edgeLetters(frame.image, this.#view),
      problem,
    };
  }
}

let nextLut = 1;
const lutKeys = new WeakMap<object, number>();

function voiKey(voi: Voi): string {
  if (voi.kind === 'window') return `${voi.center}/${voi.width}/${voi.function}`;
  let key = lutKeys.get(voi.lut);
  if (key === undefined) lutKeys.set(voi.lut, (key = nextLut++));
  return `lut${key}`;
}
