// VR, length and place of an element's value (PS3.5 7.1), also where no VR of the standard stands.
import type { ByteCursor } from './byte-cursor.ts';
import { vrOf } from './dictionary.ts';
import { implicitVrOf } from './implicit-vr.ts';
import { ReadStop } from './read-stop.ts';
import { isVr, LONG_LENGTH_VRS } from './value-representations.ts';
import type { TagKey } from './model.ts';

export interface ElementHeader {
  vr: string;
  length: number;
  offset: number;
  /** Sent as UN, and a sequence by the dictionary. */
  wasUnknown?: boolean;
  /** What was wrong with it, if something was. */
  defect?: string;
}

interface Surroundings {
  isExplicit: boolean;
  isSigned: boolean;
  isOpen: boolean;
  end: number;
}

export const PIXEL_TAGS: ReadonlySet<TagKey> = new Set(['7FE00010', '7FE00008', '7FE00009']);
const UNDEFINED_LENGTH = 0xffffffff;

/** Undefined where the header itself is cut. Throws ReadStop where it makes no sense. */
export function readElementHeader(
  cursor: ByteCursor,
  tag: TagKey,
  at: number,
  around: Surroundings,
): ElementHeader | undefined {
  if (!around.isExplicit)
    return { vr: implicitVrOf(tag, around.isSigned) ?? 'UN', length: cursor.u32(at + 4), offset: at + 8 };
  const vr = cursor.vr(at + 4);
  if (!isVr(vr)) return oddHeader(cursor, tag, vr, at, around);
  if (!LONG_LENGTH_VRS.has(vr)) return { vr, length: cursor.u16(at + 6), offset: at + 8 };
  if (at + 12 > around.end) return undefined;
  const length = cursor.u32(at + 8);
  // Sent as UN by somebody who did not know it: the dictionary does (PS3.5 6.2.2 note 2).
  const isKnowable = vr === 'UN' && length !== UNDEFINED_LENGTH && !PIXEL_TAGS.has(tag);
  const known = isKnowable ? implicitVrOf(tag, around.isSigned) : undefined;
  return { vr: known ?? vr, length, offset: at + 12, ...(known === 'SQ' && { wasUnknown: true }) };
}

/** No VR of the standard stands there: a short length, a long one, or an element in implicit VR: whichever is followed
 * by another plausible element. */
function oddHeader(cursor: ByteCursor, tag: TagKey, vr: string, at: number, around: Surroundings): ElementHeader {
  const known = implicitVrOf(tag, around.isSigned) ?? 'UN';
  const candidates = [
    { length: cursor.u16(at + 6), offset: at + 8 },
    ...(at + 12 <= around.end ? [{ length: cursor.u32(at + 8), offset: at + 12 }] : []),
    { length: cursor.u32(at + 4), offset: at + 8 },
  ];
  const fits = candidates.find(
    ({ length, offset }) => length !== UNDEFINED_LENGTH && isElementAt(cursor, offset + length, tag, around),
  );
  const shown = /^[ -~]{2}$/.test(vr) ? `"${vr}"` : 'no text';
  if (!fits)
    throw new ReadStop({
      code: 'malformed',
      detail: `The VR is ${shown}, and no length leads to a next element.`,
      tag,
      offset: at,
    });
  const read = known === 'SQ' ? 'UN' : known;
  return { vr: read, ...fits, defect: `The VR is ${shown}; the value was read as ${known}.` };
}

function isElementAt(cursor: ByteCursor, at: number, before: TagKey, around: Surroundings): boolean {
  if (at === around.end) return true;
  if (at + 8 > around.end) return false;
  const tag = cursor.tag(at);
  if (tag.startsWith('FFFE')) return around.isOpen;
  const vr = cursor.vr(at + 4);
  return tag > before && (isVr(vr) || vrOf(tag) !== undefined);
}
