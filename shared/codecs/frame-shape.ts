// What a decoder needs of the header, and bytes as words.
import type { ImageDescription } from '../dicom/image-description.ts';

/** What decoding needs to know of the header. */
export type FrameShape = Pick<
  ImageDescription,
  | 'rows'
  | 'columns'
  | 'samplesPerPixel'
  | 'photometric'
  | 'isPlanar'
  | 'bitsAllocated'
  | 'bitsStored'
  | 'isSigned'
  | 'pixelKind'
>;

/** Little endian bytes as words of this many bits; copied only where they are not aligned. */
export function wordsOf(bytes: Uint8Array, bits: number): Uint8Array | Uint16Array | Uint32Array {
  if (bits <= 8) return bytes;
  const size = bits <= 16 ? 2 : 4;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const count = Math.floor(aligned.length / size);
  return size === 2
    ? new Uint16Array(aligned.buffer, aligned.byteOffset, count)
    : new Uint32Array(aligned.buffer, aligned.byteOffset, count);
}
