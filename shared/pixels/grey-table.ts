// One table from raw 8- or 16-bit words to display bytes: bit extraction, sign, every look-up table in one step. Made anew
// when the window changes, then each pixel costs one look-up.
import type { ImageDescription } from '../dicom/image-description.ts';
import { displayOf, storedValue, type GreySettings } from './grey-values.ts';

/** Display bytes by raw word, 256 or 65536 of them; undefined where words are wider and have no table. */
export function greyTable(image: ImageDescription, settings: GreySettings, into?: Uint8Array): Uint8Array | undefined {
  if (image.pixelKind !== 'integer' || image.bitsAllocated > 16) return undefined;
  const size = image.bitsAllocated > 8 ? 65536 : 256;
  const table = into?.length === size ? into : new Uint8Array(size);
  // Each distinct stored value is worked out once; the words that carry other bits above it (overlays) share it.
  const distinct = 2 ** image.bitsStored;
  const shift = image.highBit + 1 - image.bitsStored;
  const known = new Uint8Array(distinct);
  for (let code = 0; code < distinct; code++)
    known[code] = displayOf(storedValue(code * 2 ** shift, image), image, settings);
  const mask = distinct - 1;
  for (let raw = 0; raw < size; raw++) table[raw] = known[(raw >>> shift) & mask] ?? 0;
  return table;
}
