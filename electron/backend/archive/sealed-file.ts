// Reads encrypted files (sealed-format.ts): ranges, streams of chunks, as a source for the header reader; and destroys them.
import type { KeyObject } from 'node:crypto';
import fs from 'node:fs';
import type { ByteSource } from '#shared/dicom/model.ts';
import {
  CHUNK_BYTES,
  HEADER_BYTES,
  chunkSpan,
  lastChunkOf,
  openChunk,
  openHeader,
  plainSize,
  sealedChunkBytes,
  type ChunkSpan,
} from './sealed-format.ts';

/** Buffers for encrypted bytes on their way, used again: without them the collector spends more time on frames than the
 * cipher does. */
const scratch = {
  kept: [] as Buffer[],
  take(length: number): Buffer {
    const index = this.kept.findIndex((buffer) => buffer.length >= length);
    const [found] = index >= 0 ? this.kept.splice(index, 1) : [];
    return found ?? Buffer.allocUnsafeSlow(Math.max(length, 1024 * 1024));
  },
  give(buffer: Buffer): void {
    if (this.kept.length < 8 && buffer.length <= 4 * 1024 * 1024) this.kept.push(buffer);
  },
};

/** How much `pieces` reads at a time: eight chunks. */
const PIECES_BYTES = 8 * CHUNK_BYTES;

/** A sealed file that is cut, altered, or made under another key. */
export class DamagedFile extends Error {
  override name = 'DamagedFile';
}

/** Where bytes that are read are to lie: a buffer of just that length. */
export type Place = (length: number) => Buffer;

/** An opened sealed file. Ranges are decrypted on demand; each chunk is checked against its tag. */
export class SealedReader {
  readonly size: number;
  readonly #fd: number;
  readonly #key: KeyObject;

  /** Throws DamagedFile when header or length cannot be those of a file of this archive; fs errors as they are. */
  constructor(path: string, kek: KeyObject) {
    this.#fd = fs.openSync(path, 'r');
    try {
      const size = plainSize(fs.fstatSync(this.#fd).size);
      const header = Buffer.alloc(HEADER_BYTES);
      fs.readSync(this.#fd, header, 0, HEADER_BYTES, 0);
      const key = openHeader(kek, header);
      if (size === undefined || !key) throw new DamagedFile('the header is not readable with the archive key');
      this.size = size;
      this.#key = key;
      // An empty file has no byte whose reading would show that it was cut: its one chunk is checked here.
      if (size === 0) openRange(key, 0, chunkSpan(0, 0, 1), this.#readSealed(chunkSpan(0, 0, 1)), 0, Buffer.alloc(0));
    } catch (error) {
      fs.closeSync(this.#fd);
      throw error;
    }
  }

  /** Plain bytes [offset, offset + length), cut at the end of the file, in a buffer of their own. */
  read(offset: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    if (wanted === 0) return Buffer.alloc(0);
    const span = chunkSpan(this.size, offset, wanted);
    return openRange(this.#key, this.size, span, this.#readSealed(span), offset, Buffer.allocUnsafe(wanted));
  }

  /** As `read`, without blocking the thread for the disk; into the buffer that `place` gives for that many bytes. */
  async readAsync(offset: number, length: number, place: Place = Buffer.allocUnsafe): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    if (wanted === 0) return Buffer.alloc(0);
    const span = chunkSpan(this.size, offset, wanted);
    const sealed = scratch.take(span.fileLength);
    try {
      await this.#readInto(sealed, span);
      return openRange(this.#key, this.size, span, sealed.subarray(0, span.fileLength), offset, place(wanted));
    } finally {
      scratch.give(sealed);
    }
  }

  /** Plain bytes from `offset` to the end, a chunk at a time, without blocking the thread for the disk. */
  async *pieces(offset: number): AsyncGenerator<Buffer, void> {
    const last = lastChunkOf(this.size);
    for (let at = offset; at < this.size;) {
      const span = chunkSpan(this.size, at, Math.min(PIECES_BYTES, this.size - at));
      const sealed = scratch.take(span.fileLength);
      try {
        await this.#readInto(sealed, span);
        for (let chunk = span.firstChunk; chunk <= span.lastChunk; chunk++) {
          const from = (chunk - span.firstChunk) * sealedChunkBytes;
          const body = sealed.subarray(from, Math.min(from + sealedChunkBytes, span.fileLength));
          const plain = openChunk(this.#key, chunk, chunk === last, body);
          if (!plain) throw new DamagedFile(`chunk ${chunk} does not match its checksum`);
          const piece = plain.subarray(at - chunk * CHUNK_BYTES);
          at += piece.length;
          yield piece;
        }
      } finally {
        scratch.give(sealed);
      }
    }
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  async #readInto(sealed: Buffer, span: ChunkSpan): Promise<void> {
    const got = await new Promise<number>((resolve, reject) => {
      fs.read(this.#fd, sealed, 0, span.fileLength, span.fileOffset, (error, bytes) =>
        error ? reject(error) : resolve(bytes),
      );
    });
    if (got !== span.fileLength) throw new DamagedFile('the file is shorter than its chunks');
  }

  #readSealed(span: ChunkSpan): Buffer {
    const sealed = Buffer.allocUnsafe(span.fileLength);
    const got = fs.readSync(this.#fd, sealed, 0, span.fileLength, span.fileOffset);
    if (got !== span.fileLength) throw new DamagedFile('the file is shorter than its chunks');
    return sealed;
  }
}

function openRange(
  key: KeyObject,
  size: number,
  span: { firstChunk: number; lastChunk: number },
  sealed: Buffer,
  offset: number,
  out: Buffer,
): Buffer {
  const last = lastChunkOf(size);
  for (let chunk = span.firstChunk; chunk <= span.lastChunk; chunk++) {
    const from = (chunk - span.firstChunk) * sealedChunkBytes;
    const plain = openChunk(key, chunk, chunk === last, sealed.subarray(from, from + sealedChunkBytes));
    if (!plain) throw new DamagedFile(`chunk ${chunk} does not match its checksum`);
    const start = chunk * CHUNK_BYTES - offset;
    plain.copy(out, Math.max(0, start), Math.max(0, -start), Math.min(plain.length, out.length - start));
  }
  return out;
}

/** Sealed bytes as a ByteSource for the header reader: keeps the last chunks it decrypted. */
export function sealedSource(reader: Pick<SealedReader, 'size' | 'read'>): ByteSource {
  let windowStart = 0;
  let window: Buffer = Buffer.alloc(0);
  return {
    size: reader.size,
    read(offset, length) {
      if (offset >= windowStart && offset + length <= windowStart + window.length) {
        return window.subarray(offset - windowStart, offset - windowStart + length);
      }
      windowStart = offset - (offset % CHUNK_BYTES);
      window = reader.read(windowStart, Math.max(CHUNK_BYTES, offset - windowStart + length));
      return window.subarray(offset - windowStart, offset - windowStart + length);
    },
  };
}

/** Makes a sealed file unreadable for ever: its key is overwritten on the medium before the name goes (PS3.15 has no
 * word for it; NIST SP 800-88 calls it cryptographic erase). A file already gone counts as destroyed. Throws what the file system says, and
 * of a link or a folder, which are left alone. */
export async function destroySealed(path: string): Promise<void> {
  const found = await fs.promises.lstat(path).catch(unlessGone);
  if (!found) return;
  if (!found.isFile()) throw new Error('it is a link or a folder, which Lectern did not make');
  const handle = await fs.promises.open(path, OPEN_ITSELF).catch(unlessGone);
  if (!handle) return;
  try {
    await handle.write(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await fs.promises.rm(path, { force: true });
}

/** Not what a link leads to that took its place meanwhile; Windows has no such flag. */
const OPEN_ITSELF = fs.constants.O_RDWR | (process.platform === 'win32' ? 0 : fs.constants.O_NOFOLLOW);

function unlessGone(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
