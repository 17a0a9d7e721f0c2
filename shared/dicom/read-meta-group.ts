// The file meta information (PS3.10 7.1).
import type { ByteCursor } from './byte-cursor.ts';
import { charsetOf } from './charset.ts';
import { vrOf } from './dictionary.ts';
import { isString, readBinary, readString } from './element-values.ts';
import { ReadStop } from './read-stop.ts';
import { isVr, LONG_LENGTH_VRS } from './value-representations.ts';
import type { DicomJson, Repair } from './model.ts';

const INLINE_BYTES = 1024;

/** Reads group 0002 from `start`, always in Explicit VR Little Endian, by its tags and not by its stated length. */
export function readMetaGroup(cursor: ByteCursor, start: number, repairs: Repair[]): { meta: DicomJson; end: number } {
  const meta: DicomJson = {};
  let at = start;
  let stated: number | undefined;
  while (cursor.has(at, 8) && cursor.u16(at) === 2) {
    const tag = cursor.tag(at);
    const vr = cursor.vr(at + 4);
    const isLong = LONG_LENGTH_VRS.has(vr);
    const isExplicit = isVr(vr) && (!isLong || cursor.has(at, 12));
    const length = !isExplicit ? cursor.u32(at + 4) : isLong ? cursor.u32(at + 8) : cursor.u16(at + 6);
    const offset = isExplicit && isLong ? at + 12 : at + 8;
    if (!cursor.has(offset, length))
      throw new ReadStop({
        code: 'truncated',
        detail: 'The file ends in the middle of its file meta information.',
        tag,
        offset: at,
      });
    const realVr = isExplicit ? vr : (vrOf(tag) ?? 'UN');
    if (tag === '00020000' && length === 4) stated = offset + 4 + cursor.u32(offset);
    else if (isString(realVr))
      meta[tag] = readString(tag, realVr, cursor.bytes(offset, Math.min(length, 65536)), charsetOf([])).element;
    else meta[tag] = readBinary(realVr, cursor.bytes(offset, Math.min(length, INLINE_BYTES)), false);
    at = offset + length;
  }
  if (at > start && stated !== at) {
    const detail =
      stated === undefined
        ? 'The file meta information does not state its length.'
        : 'The stated length of the file meta information is wrong.';
    repairs.push({ code: 'meta-group-length', detail, tag: '00020000' });
  }
  return { meta, end: at };
}
