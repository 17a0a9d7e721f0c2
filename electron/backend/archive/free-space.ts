// Refuses to fill the disk: some space is always left, so that index, journal and system go on working.
import fs from 'node:fs';
import { LecternError } from '#shared/contract/errors.ts';

const RESERVE_SHARE = 0.05;
const MAX_RESERVE_BYTES = 1024 ** 3;
/** The volume is asked again after this many bytes were promised. */
const RECHECK_BYTES = 64 * 1024 * 1024;

export class FreeSpace {
  readonly #folder: string;
  #free = 0;
  #reserve = 0;
  #promised = Number.POSITIVE_INFINITY;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bytes that may still be written. */
  available(): number {
    const { bavail, blocks, bsize } = fs.statfsSync(this.#folder);
    this.#reserve = Math.min(MAX_RESERVE_BYTES, blocks * bsize * RESERVE_SHARE);
    this.#free = bavail * bsize;
    this.#promised = 0;
    return Math.max(0, this.#free - this.#reserve);
  }

  /** Counts `bytes` as about to be written. Throws LecternError 'disk-full' when they would eat into the reserve. */
  claim(bytes: number): void {
    if (this.#promised + bytes > RECHECK_BYTES || this.#free - this.#promised - bytes < 2 * this.#reserve)
      this.available();
    if (this.#free - this.#promised - bytes < this.#reserve) {
      throw new LecternError(
        'disk-full',
        `The disk of the archive has less free space than this needs: ${Math.ceil(bytes / 1e6)} MB and a reserve of ${Math.ceil(this.#reserve / 1e6)} MB. Free some space, then resume.`,
      );
    }
    this.#promised += bytes;
  }
}
