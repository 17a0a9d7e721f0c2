// Tags as the keys of DICOM JSON.
import type { TagKey } from './model.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
const hex4 = (value: number): string => (HEX[value >> 8] ?? '') + (HEX[value & 255] ?? '');

/** Text of the tags met so far: the same few hundred come in every file, and a text that was a key before is found faster. */
const known = new Map<number, TagKey>();
/** Hostile files may hold any tag. */
const MOST_KNOWN = 16_384;

/** Key of a tag by its group and element numbers (0..0xFFFF each). */
export function tagKey(group: number, element: number): TagKey {
  const number = group * 0x10000 + element;
  let key = known.get(number);
  if (key === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    key = hex4(group) + hex4(element);
    known.set(number, key);
  }
  return key;
}
