// Overlay planes of the header (PS3.3 C.9.2).
import { bytesOf, numberOf, numbersOf, textOf } from './json-values.ts';
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
