// The layout of an encrypted file: a header with the wrapped file key, then chunks of AES-256-GCM. Any range is read by
// decrypting only its chunks; a cut, swapped or altered chunk fails its tag. Works on bytes only, no files. Keys are key objects: plain
// bytes cost Node an exception for each cipher, 80 µs where the stack is deep.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { tellShortLived } from '#backend/base/young-garbage.ts';

export const CHUNK_BYTES = 128 * 1024;
const TAG_BYTES = 16;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
const MAGIC = Buffer.from('LECTERN1');
/** magic 8, nonce 12, wrapped key 32, tag 16, zero to 128. */
export const HEADER_BYTES = 128;

/** Makes a file key and the header that carries it under the archive's key-encryption key (32 bytes). */
export function makeHeader(kek: KeyObject): { key: KeyObject; header: Buffer } {
  const key = randomBytes(32);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', kek, nonce);
  cipher.setAAD(MAGIC);
  const wrapped = Buffer.concat([cipher.update(key), cipher.final()]);
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header, 0);
  nonce.copy(header, 8);
  wrapped.copy(header, 20);
  cipher.getAuthTag().copy(header, 52);
  return { key: createSecretKey(key), header };
}

/** The file key of a header; undefined when it is not ours, destroyed, or made under another key. */
export function openHeader(kek: KeyObject, header: Uint8Array): KeyObject | undefined {
  if (header.length < HEADER_BYTES || !MAGIC.equals(header.subarray(0, 8))) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', kek, header.subarray(8, 20));
  decipher.setAAD(MAGIC);
  decipher.setAuthTag(header.subarray(52, 68));
  try {
    return createSecretKey(Buffer.concat([decipher.update(header.subarray(20, 52)), decipher.final()]));
  } catch {
    return undefined;
  }
}

/** Chunk nonce: the key is used for one file only, so the chunk's number is enough; the last chunk is marked as such. */
function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce[0] = isLast ? 1 : 0;
  nonce.writeUInt32BE(index, 8);
  return nonce;
}

/** Encrypts one chunk (at most CHUNK_BYTES); gives the parts to write one after the other. */
export function sealChunk(key: KeyObject, index: number, isLast: boolean, plain: Uint8Array): Buffer[] {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index, isLast));
  const body = cipher.update(plain);
  cipher.final();
  return [body, cipher.getAuthTag()];
}

/** Decrypts one chunk; undefined when its tag does not fit. */
export function openChunk(key: KeyObject, index: number, isLast: boolean, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index, isLast));
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  tellShortLived(plain.length);
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** Bytes of plain text in a sealed file of this size; undefined when no sealed file can be that long. */
export function plainSize(fileBytes: number): number | undefined {
  const body = fileBytes - HEADER_BYTES;
  if (body < TAG_BYTES) return undefined;
  const full = Math.floor(body / SEALED_CHUNK_BYTES);
  const rest = body - full * SEALED_CHUNK_BYTES;
  if (rest === 0) return full * CHUNK_BYTES;
  return rest < TAG_BYTES ? undefined : full * CHUNK_BYTES + rest - TAG_BYTES;
}

export interface ChunkSpan {
  firstChunk: number;
  lastChunk: number;
  /** Bytes from the start of the sealed file. */
  fileOffset: number;
  fileLength: number;
}

/** Which chunks hold plain bytes [offset, offset + length) of a file of `size` plain bytes; length at least 1. */
export function chunkSpan(size: number, offset: number, length: number): ChunkSpan {
  const firstChunk = Math.floor(offset / CHUNK_BYTES);
  const lastChunk = Math.floor((offset + length - 1) / CHUNK_BYTES);
  const lastBytes = Math.max(0, Math.min(CHUNK_BYTES, size - lastChunk * CHUNK_BYTES)) + TAG_BYTES;
  return {
    firstChunk,
    lastChunk,
    fileOffset: HEADER_BYTES + firstChunk * SEALED_CHUNK_BYTES,
    fileLength: (lastChunk - firstChunk) * SEALED_CHUNK_BYTES + lastBytes,
  };
}

/** Number of the last chunk of a file of `size` plain bytes (an empty file still has one, empty, chunk). */
export const lastChunkOf = (size: number): number => Math.max(0, Math.ceil(size / CHUNK_BYTES) - 1);

export const sealedChunkBytes = SEALED_CHUNK_BYTES;
