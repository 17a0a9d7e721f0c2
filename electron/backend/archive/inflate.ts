// Deflated data sets (PS3.5 A.5) unpacked within bounds: three megabytes may become three gigabytes.
import { inflateRawSync } from 'node:zlib';
import { collectHuge } from '#backend/base/young-garbage.ts';
import { alone } from '#backend/workers/signs.ts';

/** A deflated data set may grow to this; more is refused as a bomb. */
export const MAX_INFLATED_BYTES = 1024 * 1024 * 1024;
/** What any worker may unpack at any time; more is for one of them at a time. */
const UNGUARDED_BYTES = 64 * 1024 * 1024;
/** Pieces of this size go back to the machine once they are garbage; thousands of small ones stay with the process. */
const PIECE_BYTES = 8 * 1024 * 1024;

/** Throws as zlib does: ERR_BUFFER_TOO_LARGE above `maxBytes`. */
export function inflate(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const most = Math.min(maxBytes, MAX_INFLATED_BYTES);
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.min(most, UNGUARDED_BYTES) });
  } catch (error) {
    if (most <= UNGUARDED_BYTES || !isTooLarge(error)) throw error;
  }
  return alone(() => {
    try {
      return inflateRawSync(bytes, { maxOutputLength: most, chunkSize: PIECE_BYTES });
    } catch (error) {
      if (isTooLarge(error)) collectHuge();
      throw error;
    }
  });
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
