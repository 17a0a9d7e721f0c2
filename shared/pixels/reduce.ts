// Pictures smaller than the frame, for screens that show less than its pixels: each output pixel is the mean of a block of
// display values, or, while something is dragged, one of them. At factor 1 nothing is changed: a region is copied.

export interface Region {
  /** From 0; whole pixels of the frame. */
  column: number;
  row: number;
  columns: number;
  rows: number;
}

/** Size of a region's picture, its last block included however thin. */
export const reducedSize = ({ columns, rows }: Pick<Region, 'columns' | 'rows'>, factor: number): [number, number] => [
  Math.ceil(columns / factor),
  Math.ceil(rows / factor),
];

const grey = (value: number): number => 0xff000000 | (value * 0x010101);

/** Grey words through `table` (`greyTable`) into RGBA pixels; `isSampled` takes one pixel of each block. */
export function reduceGrey(
  words: ArrayLike<number>,
  table: Uint8Array,
  frameColumns: number,
  region: Region,
  factor: number,
  isSampled: boolean,
  out: Uint32Array,
): void {
  const mask = table.length - 1;
  const [width, height] = reducedSize(region, factor);
  const inside = isSampled ? Math.floor(factor / 2) : 0;
  for (let y = 0; y < height; y++) {
    const top = region.row + y * factor;
    const bottom = Math.min(top + factor, region.row + region.rows);
    for (let x = 0; x < width; x++) {
      const left = region.column + x * factor;
      const right = Math.min(left + factor, region.column + region.columns);
      if (factor === 1 || isSampled) {
        const at = Math.min(top + inside, bottom - 1) * frameColumns + Math.min(left + inside, right - 1);
        out[y * width + x] = grey(table[(words[at] as number) & mask] as number);
        continue;
      }
      let sum = 0;
      for (let row = top; row < bottom; row++)
        for (let at = row * frameColumns + left, end = row * frameColumns + right; at < end; at++)
          sum += table[(words[at] as number) & mask] as number;
      out[y * width + x] = grey(Math.round(sum / ((bottom - top) * (right - left))));
    }
  }
}

/** The same of finished RGBA pixels. */
export function reduceRgba(
  source: Uint32Array,
  frameColumns: number,
  region: Region,
  factor: number,
  out: Uint32Array,
): void {
  const [width, height] = reducedSize(region, factor);
  for (let y = 0; y < height; y++) {
    const top = region.row + y * factor;
    const bottom = Math.min(top + factor, region.row + region.rows);
    for (let x = 0; x < width; x++) {
      const left = region.column + x * factor;
      const right = Math.min(left + factor, region.column + region.columns);
      let [red, green, blue] = [0, 0, 0];
      for (let row = top; row < bottom; row++)
        for (let at = row * frameColumns + left, end = row * frameColumns + right; at < end; at++) {
          const pixel = source[at] as number;
          red += pixel & 0xff;
          green += (pixel >>> 8) & 0xff;
          blue += (pixel >>> 16) & 0xff;
        }
      const count = (bottom - top) * (right - left);
      out[y * width + x] =
        0xff000000 | (Math.round(blue / count) << 16) | (Math.round(green / count) << 8) | Math.round(red / count);
    }
  }
}
