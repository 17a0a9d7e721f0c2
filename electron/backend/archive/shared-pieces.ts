// The way of a byte stream to a worker: copied into pieces of shared memory that are used again and again. Handing over buffers of
// their own would keep the garbage collectors of both sides busier than all else.

import { tellShortLived } from '#backend/base/young-garbage.ts';

const PIECE_BYTES = 256 * 1024;
/** More are let go: they were for a moment when many came at once. Fewer would not do: shared memory is freed late. */
const KEPT_PIECES = 48;
/** Pieces with the receivers of all streams together; with more, each stream waits until its own is back. */
const MOST_SENT = 8;

export interface PieceStream {
  /** Takes a copy at once; a promise where too much is with the receiver, resolved when more may come. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Sends what is left, which may be nothing. Rejects with what went wrong before. */
  end<T>(send: (bytes: Uint8Array) => Promise<T>): Promise<T>;
}

export class SharedPieces {
  readonly #free: Buffer<SharedArrayBuffer>[] = [];
  #sent = 0;

  /** `send` resolves when the piece may be used again; it is called in order and not waited for. At most about `mostQueued` bytes
   * are with it before `write` waits. */
  stream(send: (bytes: Uint8Array) => Promise<void>, mostQueued: number): PieceStream {
    let piece: Buffer<SharedArrayBuffer> | undefined;
    let used = 0;
    let queued = 0;
    let failure: unknown;
    let waiting: { room: Promise<void>; wake: () => void } | undefined;
    const isTooMuch = (): boolean => queued > (this.#sent > MOST_SENT ? 0 : mostQueued);
    const hand = (full: Buffer<SharedArrayBuffer>): void => {
      piece = undefined;
      used = 0;
      queued += PIECE_BYTES;
      this.#sent++;
      send(full)
        .then(
          () => this.#give(full),
          (error: unknown) => (failure ??= error),
        )
        .finally(() => {
          queued -= PIECE_BYTES;
          this.#sent--;
          if (waiting && !isTooMuch()) waiting.wake();
        });
    };
    const wait = (): Promise<void> => {
      if (!waiting) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const wake = (): void => {
          waiting = undefined;
          resolve();
        };
        waiting = { room: promise, wake };
      }
      return waiting.room;
    };
    return {
      write: (bytes) => {
        tellShortLived(bytes.length);
        for (let at = 0; at < bytes.length && failure === undefined;) {
          piece ??= this.#free.pop() ?? Buffer.from(new SharedArrayBuffer(PIECE_BYTES));
          const count = Math.min(bytes.length - at, PIECE_BYTES - used);
          // Copies as memory is copied; `set` goes word by word where memory is shared, four times slower.
          piece.fill(bytes.subarray(at, at + count), used, used + count);
          at += count;
          used += count;
          if (used === PIECE_BYTES) hand(piece);
        }
        return isTooMuch() ? wait() : undefined;
      },
      end: async (sendLast) => {
        if (failure !== undefined) throw failure;
        const last = piece;
        const result = await sendLast(last ? last.subarray(0, used) : new Uint8Array(0));
        if (last) this.#give(last);
        return result;
      },
    };
  }

  #give(piece: Buffer<SharedArrayBuffer>): void {
    if (this.#free.length < KEPT_PIECES) this.#free.push(piece);
  }
}
