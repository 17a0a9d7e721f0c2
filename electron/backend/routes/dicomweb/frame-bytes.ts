// Bytes of single frames and bulk data out of the stored file, by the frame table made at ingest: only the chunks that
// hold them are decrypted.
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import type { Place } from '#backend/archive/sealed-file.ts';
import { wordBytes } from '#shared/dicom/element-values.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { FrameTable } from '#shared/dicom/model.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import { LecternError } from '#shared/contract/errors.ts';

export interface FrameBytes {
  bytes: Uint8Array;
  /** Transfer syntax the bytes are in: the stored one for encapsulated frames, Explicit VR Little Endian for native ones. */
  transferSyntaxUid: string;
}

/** Is there a frame of this number (from 1), whole or not? */
export const hasFrame = (table: FrameTable, frameNumber: number): boolean =>
  table.kind === 'native'
    ? frameNumber <= table.count
    : table.kind === 'encapsulated' && frameNumber <= table.frames.length;

/** Frame `frameNumber` (from 1), in a buffer of `place` where it lies in one piece of the file. Throws LecternError 'not-found'
 * where there is no such frame, 'cannot-decode' where the file ends inside it. */
export async function readFrame(
  archive: Archive,
  location: InstanceLocation,
  table: FrameTable,
  frameNumber: number,
  place?: Place,
): Promise<FrameBytes> {
  const index = frameNumber - 1;
  if (table.kind === 'native' && index < table.count) {
    return { bytes: await readNative(archive, location, table, index, place), transferSyntaxUid: EXPLICIT_LITTLE };
  }
  const fragments = table.kind === 'encapsulated' ? table.frames[index] : undefined;
  if (!fragments) throw new LecternError('not-found', `Instance ${location.sopUid} has no frame ${frameNumber}.`);
  const [first] = fragments;
  if (!first) throw new LecternError('cannot-decode', `Frame ${frameNumber} of ${location.sopUid} holds no data.`);
  const pieces: Buffer[] = [];
  for (const { offset, length } of fragments) {
    const piece = await archive.readRange(location, offset, length, fragments.length === 1 ? place : undefined);
    if (piece.length !== length)
      throw new LecternError('cannot-decode', `The file of ${location.sopUid} ends inside frame ${frameNumber}.`);
    pieces.push(piece);
  }
  const [only] = pieces;
  const bytes = pieces.length === 1 && only ? only : Buffer.concat(pieces);
  return { bytes, transferSyntaxUid: location.transferSyntaxUid };
}

/** The bits of overlays that are too large for the header, by the address that stands there. */
export async function readOverlays(
  archive: Archive,
  location: InstanceLocation,
  { overlays }: ImageDescription,
): Promise<Map<string, Uint8Array>> {
  const read = new Map<string, Uint8Array>();
  for (const { bits, bulkUri } of overlays) {
    const [, offset, length] = /^bulkdata:(\d+)\/(\d+)$/.exec(bits ? '' : (bulkUri ?? '')) ?? [];
    if (bulkUri === undefined || offset === undefined || length === undefined) continue;
    read.set(bulkUri, await readBulk(archive, location, Number(offset), Number(length)));
  }
  return read;
}

/** A value that the metadata points at, in little endian (PS3.18 8.7.3.4). Throws LecternError 'not-found' where the metadata names
 * none there, 'cannot-decode' where the file ends inside it. */
export async function readBulk(
  archive: Archive,
  location: InstanceLocation,
  offset: number,
  length: number,
): Promise<Buffer> {
  const [, vr] =
    new RegExp(`"vr":"(..)","BulkDataURI":"bulkdata:${offset}/${length}"`).exec(archive.metadataText(location)) ?? [];
  if (vr === undefined) throw new LecternError('not-found', 'The metadata names no such bulk data.');
  const bytes = await archive.readRange(location, offset, length);
  if (bytes.length !== length) throw new LecternError('cannot-decode', 'The stored file ends inside this value.');
  if (location.transferSyntaxUid !== EXPLICIT_BIG) return bytes;
  const table = archive.frameTable(location);
  const isPixels = table.kind === 'native' && table.offset === offset;
  swapToLittleEndian(bytes, isPixels ? table.bigEndianWordBytes : wordBytes(vr));
  return bytes;
}

async function readNative(
  archive: Archive,
  location: InstanceLocation,
  table: FrameTable & { kind: 'native' },
  index: number,
  place?: Place,
): Promise<Uint8Array> {
  const firstBit = index * table.frameBits;
  const firstByte = Math.floor(firstBit / 8);
  const lastByte = Math.ceil((firstBit + table.frameBits) / 8);
  if (lastByte > table.length)
    throw new LecternError('cannot-decode', `The file of ${location.sopUid} ends inside frame ${index + 1}.`);
  // Words are swapped whole, also where an odd frame begins in the middle of one.
  const word = table.bigEndianWordBytes;
  const from = firstByte - (firstByte % word);
  const to = Math.min(table.length, Math.ceil(lastByte / word) * word);
  const words = await archive.readRange(location, table.offset + from, to - from, place);
  if (words.length !== to - from)
    throw new LecternError('cannot-decode', `The file of ${location.sopUid} ends inside frame ${index + 1}.`);
  swapToLittleEndian(words, word);
  const bytes = words.subarray(firstByte - from, lastByte - from);
  const shift = firstBit % 8;
  return shift === 0 ? bytes : shiftBits(bytes, shift, Math.ceil(table.frameBits / 8));
}

/** Big endian words are answered in little endian, as PS3.18 8.7.3.4 asks of uncompressed bulk data. */
function swapToLittleEndian(bytes: Buffer, wordBytes: 1 | 2 | 4 | 8): void {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % wordBytes));
  if (wordBytes === 2) whole.swap16();
  else if (wordBytes === 4) whole.swap32();
  else if (wordBytes === 8) whole.swap64();
}

/** Single-bit frames follow each other without padding (PS3.5 8.1.1); a frame that starts inside a byte is moved to its start. */
function shiftBits(bytes: Uint8Array, shift: number, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = ((bytes[i] ?? 0) >> shift) | ((bytes[i + 1] ?? 0) << (8 - shift));
  return out;
}
