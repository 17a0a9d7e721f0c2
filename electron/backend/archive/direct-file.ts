// New files that are written past the page cache where the system lets them be (O_DIRECT, Linux). What comes in is not what is looked
// at next: a large study on its way in would push the one that is read out of memory. It also costs less: 0.6 ms of waiting where
// copying half a megabyte into the cache took 0.2 ms of processor time, and 1.8 where a virtual machine is given the memory anew.
import fs from 'node:fs';
import { promisify } from 'node:util';

/** Place, length and memory of a direct write are multiples of this: of the blocks of every disk, and a page. */
const BLOCK_BYTES = 4096;
const blocks = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
/** Not on Windows and macOS. */
const HAS_DIRECT = fs.constants.O_DIRECT !== undefined;
const PAGE_OF_WASM_BYTES = 65536;
/** TypeScript types it with the DOM only. */
declare const WebAssembly: {
  Memory: new (pages: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
};

/** Waits for the disk; making, cutting and closing a file do not, and cost less than waking a thread for them. */
const write = promisify(fs.write);

/** Buffers of one size, used again, that lie as direct writes need it: of all memory that Node gives, only that of WebAssembly is sure
 * to begin at a page. */
export class DirectBuffers {
  readonly #bytes: number;
  readonly #most: number;
  #free: Buffer[] | undefined;
  readonly #aligned = new Set<Buffer>();
  /** Until a file system refuses it. */
  #isDirect = HAS_DIRECT;

  /** `bytes` of each, rounded up to blocks; of more than `most` at a time the rest are plain ones. */
  constructor(bytes: number, most: number) {
    this.#bytes = blocks(bytes);
    this.#most = most;
  }

  /** With whatever it held before. */
  take(): Buffer {
    this.#free ??= this.#make();
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  give(buffer: Buffer): void {
    if (this.#aligned.has(buffer)) this.#free?.push(buffer);
  }

  /** Makes a file of the first `length` bytes of a buffer of these, whose further bytes may be read; resolves with its descriptor, which
   * is good for flushing. Rejects with the file system's error, EEXIST where there is one already, and leaves none then. */
  async writeNew(path: string, buffer: Buffer, length: number): Promise<number> {
    const { O_WRONLY, O_CREAT, O_EXCL, O_DIRECT } = fs.constants;
    const flags = O_WRONLY | O_CREAT | O_EXCL;
    if (this.#isDirect && this.#aligned.has(buffer)) {
      try {
        return await filled(path, openDirect(path, flags | O_DIRECT), buffer, blocks(length), length);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#isDirect = false;
      }
    }
    return filled(path, fs.openSync(path, flags, 0o600), buffer, length, length);
  }

  #make(): Buffer[] {
    const pages = Math.ceil((this.#bytes * this.#most) / PAGE_OF_WASM_BYTES);
    try {
      // Takes no room before it is written to.
      const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
      for (let at = 0; at < this.#most; at++) this.#aligned.add(Buffer.from(buffer, at * this.#bytes, this.#bytes));
    } catch {
      // A limit on address space (ulimit -v), of which it reserves gigabytes: plain buffers do.
    }
    return [...this.#aligned];
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EINVAL' || error.code === 'ENOTSUP');

function openDirect(path: string, flags: number): number {
  try {
    return fs.openSync(path, flags, 0o600);
  } catch (error) {
    // Some file systems leave what they refuse to open; where it is another's, EEXIST comes first.
    if (isRefusal(error)) fs.rmSync(path, { force: true });
    throw error;
  }
}

async function filled(path: string, fd: number, buffer: Buffer, written: number, length: number): Promise<number> {
  try {
    // A short write (disk nearly full) must not pass for a whole one; a direct one ends with a block.
    for (let at = 0; at < written;) at += (await write(fd, buffer, at, written - at, at)).bytesWritten;
    if (written !== length) fs.ftruncateSync(fd, length);
    return fd;
  } catch (error) {
    removeOwn(fd, path);
    fs.closeSync(fd);
    throw error;
  }
}

/** Removes an open file unless another one has taken its name. Never throws: what went wrong before is what is to be told. */
export function removeOwn(fd: number, path: string): void {
  try {
    if (fs.statSync(path, { throwIfNoEntry: false })?.ino === fs.fstatSync(fd).ino) fs.unlinkSync(path);
  } catch {
    // A disk that takes nothing: the next start sees to it.
  }
}
