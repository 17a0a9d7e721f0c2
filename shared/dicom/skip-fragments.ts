// Finds the end of encapsulated pixel data without keeping its fragments.
import type { ByteCursor } from './byte-cursor.ts';
import { ReadStop } from './read-stop.ts';
import type { Repair, TagKey } from './model.ts';

const MAX_FRAGMENTS = 2_000_000;

/** Walks the fragments (PS3.5 A.4) to their end, without keeping them. */
export function skipFragments(
  cursor: ByteCursor,
  repairs: Repair[],
  tag: TagKey,
  start: number,
  end: number,
): { end: number; isCut: boolean } {
  let at = start;
  let count = 0;
  const cut = (detail: string): void => void repairs.push({ code: 'truncated-pixels', detail, tag, offset: at });
  while (at + 8 <= end) {
    const item = cursor.tag(at);
    if (item === 'FFFEE0DD') return { end: at + 8, isCut: false };
    const length = cursor.u32(at + 4);
    if (item !== 'FFFEE000') {
      if (at === start)
        throw new ReadStop({
          code: 'malformed',
          detail: 'The pixel data has undefined length but holds no fragments.',
          tag,
          offset: at,
        });
      cut('Behind a fragment of the pixel data stands no further one; what follows was left out.');
      return { end: at, isCut: true };
    }
    if (++count > MAX_FRAGMENTS)
      throw new ReadStop({
        code: 'too-large',
        detail: 'The pixel data has more fragments than any object needs.',
        offset: at,
      });
    if (length > end - at - 8) {
      cut(`The file ends inside a fragment of the pixel data: ${end - at - 8} of ${length} bytes are there.`);
      return { end, isCut: true };
    }
    at += 8 + length;
  }
  cut('The file ends before the last delimiter of the pixel data.');
  return { end: Math.min(at, end), isCut: true };
}
