// Room on the disk for removals: taking a study out of the index writes to its log first, for which a disk that others have filled has
// none, and then nothing could be removed to free space. So a file of the data folder holds some, which a removal gets that finds the
// disk full. There is nothing in it, and it may be missing: it is made again when there is space.
import { randomFillSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';

const NAME = 'removal-room';
/** A removal may write each page of the index that it touches, some of them twice. */
const SHARE_OF_INDEX = 1.25;
/** For a study of some thousand instances: a larger one waits until smaller ones are gone. */
const MOST_BYTES = 16 * 1024 ** 2;
const PIECE_BYTES = 1024 ** 2;

export class RemovalRoom {
  readonly #file: string;
  readonly #indexFile: string;

  constructor(dataDir: string, indexFile: string) {
    this.#file = path.join(dataDir, NAME);
    this.#indexFile = indexFile;
  }

  /** Sees to it that the file is as large as the index asks for by now, where that leaves as much free again. */
  keep(): void {
    this.#fill({ isSpared: true });
  }

  /** `isSpared`: as much is left free. */
  #fill({ isSpared }: { isSpared: boolean }): void {
    try {
      const wanted = Math.min(MOST_BYTES, Math.ceil(SHARE_OF_INDEX * this.#indexBytes()));
      const more = wanted - sizeOf(this.#file);
      const { bavail, bsize } = fs.statfsSync(path.dirname(this.#file));
      if (more > 0 && bavail * bsize >= more + (isSpared ? wanted : 0)) append(this.#file, more);
    } catch {
      // A disk that takes no more, or may not be written: what was there before holds its room.
    }
  }

  /** Runs what removes rows; on a full disk again, with the room. Whoever frees space by it calls `keep` after that. */
  lend<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LecternError && error.code === 'disk-full') || sizeOf(this.#file) === 0) throw error;
      fs.rmSync(this.#file);
      try {
        return work();
      } catch (failure) {
        this.#fill({ isSpared: false });
        throw failure;
      }
    }
  }

  #indexBytes(): number {
    return sizeOf(this.#indexFile) + sizeOf(`${this.#indexFile}-wal`);
  }
}

const sizeOf = (file: string): number => fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Of bytes that no file system makes smaller. */
function append(file: string, bytes: number): void {
  const piece = randomFillSync(Buffer.allocUnsafe(Math.min(bytes, PIECE_BYTES)));
  const fd = fs.openSync(file, 'a', 0o600);
  try {
    for (let left = bytes; left > 0; left -= piece.length) fs.writeSync(fd, piece, 0, Math.min(left, piece.length));
  } finally {
    fs.closeSync(fd);
  }
}
