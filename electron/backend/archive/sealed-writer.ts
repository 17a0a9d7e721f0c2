// Seals bytes as they come (sealed-format.ts), on their way to a file.
import type { KeyObject } from 'node:crypto';
import fs from 'node:fs';
import { BufferPool } from '#backend/base/buffer-pool.ts';
import { DirectBuffers, removeOwn } from './direct-file.ts';
import { DamagedFile } from './sealed-file.ts';
import { CHUNK_BYTES, HEADER_BYTES, makeHeader, openChunk, sealChunk, sealedChunkBytes } from './sealed-format.ts';
import { asWriteFailure } from './write-failure.ts';

/** Sealed chunks that are written together, or held. */
const MOST_CHUNKS = 16;
/** Most plain bytes that can be held. */
export const MOST_HELD_BYTES = MOST_CHUNKS * CHUNK_BYTES;

/** For the beginnings of chunks, and first chunks. */
const pendings = new BufferPool(CHUNK_BYTES, 64);
/** For as many streams of small files at a time as a worker usually has. */
const outs = new DirectBuffers(HEADER_BYTES + MOST_CHUNKS * sealedChunkBytes, 16);

/** `write` any number of times, then `finish`. Up to `heldBytes` are held in memory until it is said where they go; with more it becomes
 * a file at `path`. The descriptor stays open so that the caller can flush it in its own time. */
export class SealedWriter {
  readonly #path: string;
  readonly #key: KeyObject;
  readonly #mostHeld: number;
  #fd: number | undefined;
  /** What is not in the file yet: header and sealed chunks. */
  #out: Buffer | undefined = outs.take();
  #outBytes = HEADER_BYTES;
  #pending = pendings.take();
  /** Plain bytes of the first chunk once it is sealed, for whoever reads the header while it is held. */
  #first: Buffer | undefined;
  #pendingBytes = 0;
  #chunk = 0;
  #size = 0;
  #isFinished = false;

  /** `heldBytes`: of whole chunks, at most MOST_HELD_BYTES. */
  constructor(path: string, kek: KeyObject, heldBytes: number) {
    const { key, header } = makeHeader(kek);
    this.#path = path;
    this.#key = key;
    this.#mostHeld = HEADER_BYTES + Math.floor(heldBytes / CHUNK_BYTES) * sealedChunkBytes;
    this.#out?.set(header);
  }

  /** Of memory that may be shared: `copy` is fast there, `set` is not. */
  write(bytes: Buffer): void {
    let at = 0;
    this.#size += bytes.length;
    if (this.#pendingBytes > 0) {
      at = Math.min(CHUNK_BYTES - this.#pendingBytes, bytes.length);
      bytes.copy(this.#pending, this.#pendingBytes, 0, at);
      this.#pendingBytes += at;
      if (this.#pendingBytes === CHUNK_BYTES && at < bytes.length) this.#sealPending(false);
    }
    // A full chunk is sealed only once a further byte is known: the last chunk carries its mark.
    while (bytes.length - at > CHUNK_BYTES) {
      if (this.#chunk === 0) {
        bytes.copy(this.#pending, 0, at, at + CHUNK_BYTES);
        this.#pendingBytes = CHUNK_BYTES;
        this.#sealPending(false);
      } else this.#seal(false, bytes.subarray(at, at + CHUNK_BYTES));
      at += CHUNK_BYTES;
    }
    if (at < bytes.length) {
      bytes.copy(this.#pending, 0, at);
      this.#pendingBytes = bytes.length - at;
    }
  }

  /** Gives the plain size. */
  finish(): number {
    this.#sealPending(true);
    this.#isFinished = true;
    pendings.give(this.#pending);
    if (this.#fd !== undefined) this.toFile();
    return this.#size;
  }

  get isHeld(): boolean {
    return this.#fd === undefined;
  }
  get path(): string {
    return this.#path;
  }

  /** Plain bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** While it is held: plain bytes [offset, offset + length) of what is sealed already, which after `finish` is all. Good until it is
   * let go. */
  read(offset: number, length: number): Buffer {
    const end = Math.min(offset + length, this.#size);
    if (this.#first && end <= this.#first.length) return this.#first.subarray(offset, end);
    const pieces: Buffer[] = [];
    for (let chunk = Math.floor(offset / CHUNK_BYTES); chunk < this.#chunk && chunk * CHUNK_BYTES < end; chunk++) {
      const sealed = this.#sealed(chunk);
      const plain = sealed && openChunk(this.#key, chunk, this.#isFinished && chunk === this.#chunk - 1, sealed);
      if (!plain) throw new DamagedFile(`chunk ${chunk} does not match its checksum`);
      const start = chunk * CHUNK_BYTES;
      pieces.push(plain.subarray(Math.max(0, offset - start), Math.max(0, end - start)));
    }
    const [only] = pieces;
    return pieces.length === 1 && only ? only : Buffer.concat(pieces);
  }

  #sealed(chunk: number): Buffer | undefined {
    const start = HEADER_BYTES + chunk * sealedChunkBytes;
    return this.#out?.subarray(start, Math.min(start + sealedChunkBytes, this.#outBytes));
  }

  /** Writes what is held, and goes on being held, to a new file; resolves with its descriptor, which is the caller's and good for
   * flushing. Leaves none where that fails; rejects with EEXIST where there is one, always with WriteFailure. */
  async copyTo(path: string): Promise<number> {
    if (!this.#out) throw new Error('nothing is held');
    try {
      return await outs.writeNew(path, this.#out, this.#outBytes);
    } catch (error) {
      throw asWriteFailure(error);
    }
  }

  /** Writes what is held; gives the descriptor. Throws WriteFailure. */
  toFile(): number {
    try {
      this.#fd ??= fs.openSync(this.#path, 'wx', 0o600);
      if (this.#out) writeAll(this.#fd, this.#out.subarray(0, this.#outBytes));
    } catch (error) {
      throw asWriteFailure(error);
    }
    this.#outBytes = 0;
    if (this.#isFinished) this.release();
    else this.#releaseFirst();
    return this.#fd;
  }

  /** Lets go of what is held. */
  release(): void {
    if (this.#out) outs.give(this.#out);
    this.#out = undefined;
    this.#releaseFirst();
  }

  #releaseFirst(): void {
    if (this.#first) pendings.give(this.#first);
    this.#first = undefined;
  }

  /** Closes and removes the file, if there is one. */
  discard(): void {
    this.release();
    if (this.#fd === undefined) return;
    removeOwn(this.#fd, this.#path);
    fs.closeSync(this.#fd);
  }

  #sealPending(isLast: boolean): void {
    const plain = this.#pending.subarray(0, this.#pendingBytes);
    this.#pendingBytes = 0;
    if (this.#chunk === 0) {
      this.#first = plain;
      this.#pending = pendings.take();
    }
    this.#seal(isLast, plain);
  }

  #seal(isLast: boolean, plain: Uint8Array): void {
    const parts = sealChunk(this.#key, this.#chunk++, isLast, plain);
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const most = this.#fd === undefined ? this.#mostHeld : MOST_CHUNKS * sealedChunkBytes;
    if (this.#outBytes + length > most) this.toFile();
    for (const part of parts) {
      this.#out?.set(part, this.#outBytes);
      this.#outBytes += part.length;
    }
  }
}

/** Until all is written: a short write (disk nearly full) must not pass for a whole one. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let rest = bytes; rest.length;) rest = rest.subarray(fs.writeSync(fd, rest));
}
