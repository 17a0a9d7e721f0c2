// The picture of a cell: one small canvas that holds the frame, or the part and resolution of it that the screen can show,
// laid by the compositor. Knows nothing of stacks and viewports.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { isColor } from '#shared/pixels/color.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import { greyTable } from '#shared/pixels/grey-table.ts';
import type { GreySettings, Voi } from '#shared/pixels/grey-values.ts';
import { reducedSize, reduceGrey, reduceRgba, type Region } from '#shared/pixels/reduce.ts';
import { renderFrame } from '#shared/pixels/render-frame.ts';
import type { StackFrame } from './frame-store.ts';
import { invertAffine, type Affine } from './view-geometry.ts';

/** Larger frames are shown in part, reduced to what the screen resolves. */
const MOST_WHOLE_PIXELS = 2048 * 2048;
/** Parts are cut on this grid, so that a short pan needs no new picture. */
const GRID = 256;
/** From this scale on pixels are shown as what they are. */
const BLOCKS_FROM_SCALE = 4;

export class Picture {
  readonly canvas = document.createElement('canvas');
  readonly #context: CanvasRenderingContext2D;
  #pixels: ImageData | undefined;
  /** What the canvas holds, so that panning need not render anew. */
  #key = '';
  #region: Region = { column: 0, row: 0, columns: 0, rows: 0 };
  #factor = 1;
  #table: Uint8Array | undefined;
  #tableKey = '';
  #whole: { key: string; pixels: Uint32Array } | undefined;
  #glass: Picture | undefined;

  constructor(onRestored: () => void) {
    this.canvas.className = 'picture';
    this.canvas.setAttribute('aria-hidden', 'true');
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2D canvas');
    this.#context = context;
    this.canvas.addEventListener('contextrestored', () => {
      this.#key = '';
      onRestored();
    });
  }

  hide(): void {
    this.canvas.style.display = 'none';
  }

  /** Draws what `affine` (image pixel edges to device pixels of a cell of that size) brings on the screen. With `isDragging`
   * a large frame may be sampled; answers true when it was, and must then be painted once more without. */
  paint(
    decoded: DecodedFrame,
    frame: StackFrame,
    settings: GreySettings,
    affine: Affine,
    size: readonly [number, number],
    isDragging: boolean,
  ): boolean {
    const scale = Math.hypot(affine[0], affine[1]);
    const region = this.#regionFor(frame.image, affine, size);
    const factor = Math.max(1, Math.floor(1 / Math.min(scale, Math.hypot(affine[2], affine[3]))));
    const isSampled = isDragging && factor > 1 && region.columns * region.rows > MOST_WHOLE_PIXELS / 2;
    const key = [
      frame.key,
      settings.isInverted,
      voiKey(settings.voi),
      factor,
      isSampled,
      ...Object.values(region),
    ].join('|');
    if (key !== this.#key) {
      this.#render(decoded, frame, settings, region, factor, isSampled);
      this.#key = key;
    }
    this.#lay(affine, scale);
    return isSampled;
  }

  /** Draws a frame through another affine into the whole of a canvas, for a magnifying glass: with all the detail that shows there, of
   * which the picture itself may have less. */
  magnify(
    context: CanvasRenderingContext2D,
    decoded: DecodedFrame,
    frame: StackFrame,
    settings: GreySettings,
    affine: Affine,
  ): void {
    const glass = (this.#glass ??= new Picture(() => undefined));
    const { width, height } = context.canvas;
    glass.paint(decoded, frame, settings, affine, [width, height], false);
    glass.#drawInto(context, affine);
  }

  #drawInto(context: CanvasRenderingContext2D, affine: Affine): void {
    context.setTransform(...affine);
    context.imageSmoothingEnabled = Math.hypot(affine[0], affine[1]) < BLOCKS_FROM_SCALE;
    const { column, row } = this.#region;
    context.translate(column, row);
    context.scale(this.#factor, this.#factor);
    context.drawImage(this.canvas, 0, 0);
  }

  #regionFor(image: ImageDescription, affine: Affine, [width, height]: readonly [number, number]): Region {
    const { rows, columns } = image;
    if (rows * columns <= MOST_WHOLE_PIXELS) return { column: 0, row: 0, columns, rows };
    const back = invertAffine(affine);
    const corners = [
      [0, 0],
      [width, 0],
      [0, height],
      [width, height],
    ].map(([x = 0, y = 0]) => [back[0] * x + back[2] * y + back[4], back[1] * x + back[3] * y + back[5]] as const);
    const cut = (values: number[], most: number): [number, number] => {
      const from = Math.floor(Math.min(...values) / GRID) * GRID;
      const to = Math.ceil(Math.max(...values) / GRID) * GRID;
      return [Math.min(Math.max(0, from), most - 1), Math.max(1, Math.min(most, to))];
    };
    const [column, right] = cut(corners.map(([x]) => x), columns); // prettier-ignore
    const [row, bottom] = cut(corners.map(([, y]) => y), rows); // prettier-ignore
    return { column, row, columns: Math.max(1, right - column), rows: Math.max(1, bottom - row) };
  }

  #render(
    decoded: DecodedFrame,
    frame: StackFrame,
    settings: GreySettings,
    region: Region,
    factor: number,
    isSampled: boolean,
  ): void {
    const { image } = frame;
    const [width, height] = reducedSize(region, factor);
    if (!this.#pixels || this.#pixels.width !== width || this.#pixels.height !== height) {
      this.#pixels = new ImageData(width, height);
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.#region = region;
    this.#factor = factor;
    const out = this.#pixels.data;
    const table = isColor(decoded) ? undefined : this.#tableFor(image, settings);
    const isWhole = factor === 1 && region.columns === image.columns && region.rows === image.rows;
    const { words } = decoded;
    const isPlain = table && !image.overlays.length && !image.shutters.length && !(words instanceof Float64Array);
    if (isPlain && !isWhole)
      reduceGrey(words, table, image.columns, region, factor, isSampled, new Uint32Array(out.buffer));
    else if (isWhole) renderFrame(decoded, image, settings, out, { table });
    else
      reduceRgba(
        this.#wholePixels(decoded, frame, settings, table),
        image.columns,
        region,
        factor,
        new Uint32Array(out.buffer),
      );
    this.#context.putImageData(this.#pixels, 0, 0);
  }

  /** A large frame with colour, overlays or shutters: rendered whole once, cut and reduced from that. */
  #wholePixels(
    decoded: DecodedFrame,
    { key, image }: StackFrame,
    settings: GreySettings,
    table: Uint8Array | undefined,
  ): Uint32Array {
    const wholeKey = `${key}|${settings.isInverted}|${voiKey(settings.voi)}`;
    if (this.#whole?.key !== wholeKey) {
      const out = new Uint8ClampedArray(image.rows * image.columns * 4);
      renderFrame(decoded, image, settings, out, { table });
      this.#whole = { key: wholeKey, pixels: new Uint32Array(out.buffer) };
    }
    return this.#whole.pixels;
  }

  #lay([a, b, c, d, e, f]: Affine, scale: number): void {
    const { style } = this.canvas;
    const { column, row } = this.#region;
    const k = this.#factor;
    const ratio = devicePixelRatio;
    const laid = [a * k, b * k, c * k, d * k, a * column + c * row + e, b * column + d * row + f];
    const transform = `matrix(${laid.map((value) => value / ratio).join(',')})`;
    if (style.transform !== transform) style.transform = transform;
    const rendering = scale >= BLOCKS_FROM_SCALE ? 'pixelated' : 'auto';
    if (style.imageRendering !== rendering) style.imageRendering = rendering;
    if (style.display !== 'block') style.display = 'block';
  }

  /** The table of the last picture while nothing in it changed from slice to slice. */
  #tableFor(image: ImageDescription, settings: GreySettings): Uint8Array | undefined {
    const { rescale, padding, bitsStored, highBit, isSigned, photometric, presentationShape, bitsAllocated } = image;
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
            bitsAllocated,
          ]);
    if (tableKey !== '' && tableKey === this.#tableKey) return this.#table;
    this.#table = greyTable(image, settings, this.#table);
    this.#tableKey = tableKey;
    return this.#table;
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
