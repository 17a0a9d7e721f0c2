// A picture in square pixels and in the size asked for.
import type { RenderCall } from './render-messages.ts';

export interface Size {
  width: number;
  height: number;
}

/** A side is enlarged no further than this: a spacing may say anything. */
const MOST_ENLARGED = 16384;

/** Size in square pixels that keeps the shape: of the pixels themselves, where no row and no column is left out, or as it fits. */
export function pictureSize(of: Size, pixelAspect: number, fit: RenderCall['fit']): Size {
  const shape = { width: enlarged(of.width, 1 / pixelAspect), height: enlarged(of.height, pixelAspect) };
  const wanted = fit ? Math.min(fit.width / shape.width, fit.height / shape.height) : 1;
  const scale = fit?.isEnlarging === true ? wanted : Math.min(1, wanted);
  return {
    width: Math.max(1, Math.round(shape.width * scale)),
    height: Math.max(1, Math.round(shape.height * scale)),
  };
}

const enlarged = (side: number, factor: number): number =>
  Math.max(side, Math.min(side * factor, Math.max(side, MOST_ENLARGED)));

/** RGBA pixels of a part of a picture that is `columns` wide. */
export function cropPicture(from: Uint8ClampedArray, columns: number, part: RenderCall['source']): Uint8ClampedArray {
  if (part.width === columns && part.width * part.height * 4 === from.length) return from;
  const out = new Uint8ClampedArray(part.width * part.height * 4);
  for (let row = 0; row < part.height; row++) {
    const at = ((part.y + row) * columns + part.x) * 4;
    out.set(from.subarray(at, at + part.width * 4), row * part.width * 4);
  }
  return out;
}

/** RGBA pixels in another size: each the mean over the area that it covers, or the one that it lies in. */
export function scalePicture(from: Uint8ClampedArray, of: Size, to: Size): Uint8ClampedArray {
  if (of.width === to.width && of.height === to.height) return from;
  const out = new Uint8ClampedArray(to.width * to.height * 4);
  const columns = coverage(of.width, to.width);
  const rows = coverage(of.height, to.height);
  let at = 0;
  for (const [y0, y1] of rows) {
    for (const [x0, x1] of columns) {
      for (let channel = 0; channel < 4; channel++) {
        let sum = 0;
        for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += from[(y * of.width + x) * 4 + channel] ?? 0;
        out[at++] = sum / ((y1 - y0) * (x1 - x0));
      }
    }
  }
  return out;
}

/** First and behind the last of the `from` lines that each of the `to` covers. */
const coverage = (from: number, to: number): [number, number][] =>
  Array.from({ length: to }, (_, line) => {
    const first = Math.floor((line * from) / to);
    return [first, Math.max(first + 1, Math.floor(((line + 1) * from) / to))];
  });
