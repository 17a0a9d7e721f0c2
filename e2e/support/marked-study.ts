// Pictures with two marks whose places are known: oblique, off the origin, with pixels that are not square.
import fs from 'node:fs';
import path from 'node:path';
import { binary, numbers, sequence, text, type Dataset } from '../../shared/testing/dicom-builder.ts';
import { testSlice } from './test-study.ts';

export interface Marked {
  rows: number;
  columns: number;
  /** Distance of rows, then of columns, mm; undefined: not calibrated. */
  spacingMm: readonly [number, number] | undefined;
  /** Millimetres of a pixel in an ultrasound region that takes all but the outermost pixels. */
  regionMm?: number;
  /** Column and row (from 0) of the first pixel of each mark, and how many pixels wide and high it is. */
  marks: readonly (readonly [number, number])[];
  markSize: number;
}

/** `slice`: number in its series, from 0. */
export function writeMarked(
  file: string,
  { rows, columns, spacingMm, regionMm, marks, markSize }: Marked,
  slice = 0,
): string {
  const words = new Int16Array(rows * columns);
  for (const [column, row] of marks)
    for (let y = row; y < row + markSize; y++) words.fill(1200, y * columns + column, y * columns + column + markSize);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(
    file,
    testSlice(slice, {
      '00280010': numbers('US', rows),
      '00280011': numbers('US', columns),
      ...(spacingMm ? { '00280030': text('DS', ...spacingMm.map(String)) } : { '00280030': text('DS') }),
      ...(regionMm !== undefined && { '00186011': sequence(regionOf(rows, columns, regionMm)) }),
      '7FE00010': binary('OW', new Uint8Array(words.buffer)),
    }),
  );
  return file;
}

/** PS3.3 C.8.5.5: 2D, centimetres. */
const regionOf = (rows: number, columns: number, mm: number): Dataset => ({
  '00186012': numbers('US', 1),
  '00186018': numbers('UL', 1),
  '0018601A': numbers('UL', 1),
  '0018601C': numbers('UL', columns - 2),
  '0018601E': numbers('UL', rows - 2),
  '00186024': numbers('US', 3),
  '00186026': numbers('US', 3),
  '0018602C': numbers('FD', mm / 10),
  '0018602E': numbers('FD', mm / 10),
});

/** Middle of a mark, in columns and rows from the first pixel's edge. */
export const middleOf = ({ marks, markSize }: Marked, mark: number): [number, number] => {
  const [column = 0, row = 0] = marks[mark] ?? [];
  return [column + markSize / 2, row + markSize / 2];
};
