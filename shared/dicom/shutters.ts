// Display shutters of the header (PS3.3 C.7.6.11): shapes that leave a part of the picture open, and the colour of the rest.
import { numberOf, numbersOf, textsOf } from './json-values.ts';
import type { DicomJson } from './model.ts';
import { srgbOfLab, type Rgb } from './srgb.ts';

/** Columns and rows from 1. */
export type Shutter =
  | { shape: 'RECTANGULAR'; left: number; right: number; upper: number; lower: number }
  /** `radius`: in columns. */
  | { shape: 'CIRCULAR'; row: number; column: number; radius: number }
  | { shape: 'POLYGONAL'; vertices: readonly (readonly [number, number])[] };

export interface Shutters {
  shutters: Shutter[];
  /** sRGB of the shuttered area; black where the header says nothing. */
  shutterRgb: Rgb;
}

/** `source`: the data set, or a frame's item of the Frame Display Shutter Sequence. What cannot be drawn is told in `problems`. */
export function shuttersOf(source: DicomJson, problems: string[]): Shutters {
  const shutters: Shutter[] = [];
  for (const shape of textsOf(source, '00181600').filter((name) => name !== '')) {
    const found = shutterOf(source, shape);
    if (typeof found === 'string') problems.push(`The ${shape} shutter (0018,1600) is not drawn: ${found}.`);
    else shutters.push(found);
  }
  return { shutters, shutterRgb: shutters.length ? rgbOf(source, problems) : [0, 0, 0] };
}

/** A shutter, or why it cannot be drawn. */
function shutterOf(source: DicomJson, shape: string): Shutter | string {
  switch (shape) {
    case 'RECTANGULAR': {
      const [left, right, upper, lower] = ['00181602', '00181604', '00181606', '00181608'].map((tag) =>
        numberOf(source, tag),
      );
      return left !== undefined && upper !== undefined && left <= (right ?? -Infinity) && upper <= (lower ?? -Infinity)
        ? { shape, left, right: right ?? left, upper, lower: lower ?? upper }
        : 'its edges (0018,1602 to 0018,1608) are not four numbers with left before right and upper before lower';
    }
    case 'CIRCULAR': {
      const [row, column] = numbersOf(source, '00181610') ?? [];
      const radius = numberOf(source, '00181612');
      return row !== undefined && column !== undefined && radius !== undefined && radius > 0
        ? { shape, row, column, radius }
        : 'its center (0018,1610) is not two numbers, or its radius (0018,1612) is not above zero';
    }
    case 'POLYGONAL': {
      const flat = numbersOf(source, '00181620') ?? [];
      const vertices = Array.from(
        { length: flat.length >> 1 },
        (_, i) => [flat[2 * i] ?? 0, flat[2 * i + 1] ?? 0] as const,
      );
      return vertices.length >= 3 && flat.length % 2 === 0
        ? { shape, vertices }
        : 'its vertices (0018,1620) are not three or more pairs of numbers';
    }
    default:
      return 'images have rectangular, circular and polygonal shutters only';
  }
}

/** The colour for screens that have colours, else the P-Value, 16 bit. */
function rgbOf(source: DicomJson, problems: string[]): Rgb {
  const [l, a, b] = numbersOf(source, '00181624') ?? [];
  if (l !== undefined && a !== undefined && b !== undefined) return srgbOfLab([l, a, b]);
  if (source['00181624']?.Value?.length)
    problems.push('The colour of the shutter (0018,1624) is not three numbers; its grey value (0018,1622) is used.');
  const grey = Math.round((numberOf(source, '00181622') ?? 0) / 257);
  return [grey, grey, grey];
}
