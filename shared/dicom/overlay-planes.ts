// Overlay planes (PS3.3 C.9.2) and display shutters (PS3.3 C.7.6.11) of the header.
import { bytesOf, numberOf, numbersOf, textOf, textsOf } from './json-values.ts';
import type { DicomJson } from './model.ts';

export interface Overlay {
  rows: number;
  columns: number;
  /** Row and column of its first pixel in the image, from 1; may be negative. */
  origin: readonly [number, number];
  /** Undefined: it belongs to every frame of the image. */
  frameCount: number | undefined;
  /** First image frame it belongs to, from 1. */
  frameOrigin: number;
  /** One bit a pixel, or undefined when elsewhere or embedded in the pixel data. */
  bits: Uint8Array | undefined;
  /** Where the bits are when they are too large for the header. */
  bulkUri: string | undefined;
  /** Bit of the stored pixel that holds it (retired form). */
  embeddedBit: number | undefined;
  label: string;
}

export type Shutter =
  | { shape: 'RECTANGULAR'; left: number; right: number; upper: number; lower: number }
  | { shape: 'CIRCULAR'; row: number; column: number; radius: number }
  | { shape: 'POLYGONAL'; vertices: readonly (readonly [number, number])[] };

export function overlaysOf(dataset: DicomJson, problems: string[]): Overlay[] {
  const overlays: Overlay[] = [];
  for (let group = 0x6000; group <= 0x601e; group += 2) {
    const at = (element: string): string => group.toString(16).toUpperCase() + element;
    const rows = numberOf(dataset, at('0010'));
    const columns = numberOf(dataset, at('0011'));
    if (!rows || !columns) continue;
    const bits = bytesOf(dataset, at('3000'));
    const allocated = numberOf(dataset, at('0100'));
    const bulkUri = dataset[at('3000')]?.BulkDataURI;
    const isElsewhere = bits !== undefined || bulkUri !== undefined;
    const embeddedBit = !isElsewhere && allocated !== 1 ? numberOf(dataset, at('0102')) : undefined;
    if (!isElsewhere && embeddedBit === undefined) {
      problems.push(`Overlay ${at('').slice(0, 4)} has no data.`);
      continue;
    }
    const [originRow = 1, originColumn = 1] = numbersOf(dataset, at('0050')) ?? [];
    const frameOrigin = numberOf(dataset, at('0051'));
    overlays.push({
      rows,
      columns,
      origin: [originRow, originColumn],
      // Where one of the two is stated, it is an overlay of single frames (PS3.3 C.9.3).
      frameCount: numberOf(dataset, at('0015')) ?? (frameOrigin === undefined ? undefined : 1),
      frameOrigin: frameOrigin ?? 1,
      bits,
      bulkUri,
      embeddedBit,
      label: textOf(dataset, at('1500')) ?? textOf(dataset, at('0022')) ?? '',
    });
  }
  return overlays;
}

export function shuttersOf(dataset: DicomJson): { shutters: Shutter[]; shutterValue: number | undefined } {
  const shutters: Shutter[] = [];
  for (const shape of textsOf(dataset, '00181600')) {
    if (shape === 'RECTANGULAR') {
      const [left, right, upper, lower] = ['00181602', '00181604', '00181606', '00181608'].map((tag) =>
        numberOf(dataset, tag),
      );
      if (left !== undefined && right !== undefined && upper !== undefined && lower !== undefined)
        shutters.push({ shape, left, right, upper, lower });
    } else if (shape === 'CIRCULAR') {
      const center = numbersOf(dataset, '00181610');
      const radius = numberOf(dataset, '00181612');
      if (center?.length === 2 && radius !== undefined)
        shutters.push({ shape, row: center[0] ?? 0, column: center[1] ?? 0, radius });
    } else if (shape === 'POLYGONAL') {
      const flat = numbersOf(dataset, '00181620') ?? [];
      const vertices = Array.from(
        { length: flat.length >> 1 },
        (_, i) => [flat[2 * i] ?? 0, flat[2 * i + 1] ?? 0] as const,
      );
      if (vertices.length >= 3) shutters.push({ shape, vertices });
    }
  }
  return { shutters, shutterValue: numberOf(dataset, '00181622') };
}
