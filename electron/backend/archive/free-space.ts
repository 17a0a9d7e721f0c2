// Refuses to fill the disk: some space is always left, so that index, journal and system go on working.
import fs from 'node:fs';
import { LecternError } from '#shared/contract/errors.ts';

const RESERVE_SHARE = 0.05;
/** The index's journal alone may grow by some of this between two claims. */
const LEAST_RESERVE_BYTES = 16 * 1024 ** 2;
const MOST_RESERVE_BYTES = 1024 ** 3;
/** The volume is asked again after this many bytes were written, and at each claim once space is short. */
const RECHECK_BYTES = 64 * 1024 ** 2;

/** Bytes that somebody is about to write. */
export interface Claim {
  /** Adds to it. Throws LecternError 'disk-full'. */
  grow(bytes: number): void;
  /** They are on the disk now, or will not come. */
  release(): void;
}

export class FreeSpace {
  readonly #folder: string;
  #free = 0;
  #reserve = 0;
  /** Claimed and perhaps not on the disk yet: not seen by a look at the volume. */
  #outstanding = 0;
  /** Written since the last look at the volume. */
  #written = Number.POSITIVE_INFINITY;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bytes that may still be written. */
  available(): number {
    const { bavail, blocks, bsize } = fs.statfsSync(this.#folder);
    const share = Math.max(LEAST_RESERVE_BYTES, blocks * bsize * RESERVE_SHARE);
    this.#reserve = Math.min(MOST_RESERVE_BYTES, share);
    this.#free = bavail * bsize;
    this.#written = 0;
    return Math.max(0, this.#free - this.#outstanding - this.#reserve);
  }

  /** Counts `bytes` as about to be written. Throws LecternError 'disk-full' when they would eat into the reserve. */
  claim(bytes: number): Claim {
    this.#take(bytes);
    let held = bytes;
    return {
      grow: (more) => {
        this.#take(more);
        held += more;
      },
      release: () => {
        this.#outstanding -= held;
        this.#written += held;
        held = 0;
      },
    };
  }

  #take(bytes: number): void {
    const left = (): number => this.#free - this.#outstanding - this.#written - bytes - this.#reserve;
    if (this.#written > RECHECK_BYTES || left() < this.#reserve) this.available();
    if (left() < 0) {
      throw new LecternError(
        'disk-full',
        `The disk of the archive has less free space than this needs: ${Math.ceil(bytes / 1e6)} MB and a reserve of ${Math.ceil(this.#reserve / 1e6)} MB. Free some space, then try again.`,
      );
    }
    this.#outstanding += bytes;
  }
}
