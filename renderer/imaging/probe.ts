// The value under the cursor: in the modality's unit where the header says it, and as it is stored.
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { isColor } from '#shared/pixels/color.ts';
import type { DecodedFrame } from '#shared/pixels/frame.ts';
import { isPadding, storedValue } from '#shared/pixels/grey-values.ts';
import { valueAt } from '#shared/pixels/render-frame.ts';

export interface Probe {
  /** From 0. */
  column: number;
  row: number;
  /** In the modality's unit; undefined for colour. */
  value: number | undefined;
  /** One number, or one for each sample of a colour pixel. */
  stored: number[];
  /** The pixel is padding: no measured value. */
  isPadding: boolean;
}

/** Reads the pixel that holds the point (column and row fractions from the first pixel's edge); undefined outside. */
export function probeAt(
  decoded: DecodedFrame,
  image: ImageDescription,
  columnAt: number,
  rowAt: number,
): Probe | undefined {
  const [column, row] = [Math.floor(columnAt), Math.floor(rowAt)];
  if (column < 0 || row < 0 || column >= image.columns || row >= image.rows) return undefined;
  const samples = decoded.samplesPerPixel;
  const at = row * image.columns + column;
  const plane = image.columns * image.rows;
  // Subsampled colour keeps no words of its own for each pixel: then only what is shown is known.
  const isSubsampled = decoded.words.length < plane * samples;
  const stored = isSubsampled
    ? []
    : Array.from({ length: samples }, (_, sample) => {
        const word = decoded.words[decoded.isPlanar ? sample * plane + at : at * samples + sample] ?? 0;
        return image.pixelKind === 'integer' ? storedValue(word, image) : word;
      });
  const value = isColor(decoded) ? undefined : valueAt(decoded, image, column, row);
  return { column, row, value, stored, isPadding: value !== undefined && isPadding(stored[0] ?? 0, image) };
}
