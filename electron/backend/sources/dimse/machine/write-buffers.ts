// The few buffers through which everything goes to one socket: no more than these are ever waiting to be sent. An association that
// sends nothing has none: of many that receive, each needs one only for the moment of an answer.
import type { Socket } from 'node:net';
import { BufferPool } from '#backend/base/buffer-pool.ts';
import { WRITE_BYTES, type WriteBuffers } from '../pdu/data-framer.ts';

const MAX_BUFFERS = 3;

/** Of all sockets, for the next one that sends. */
const spare = new BufferPool(WRITE_BYTES, 2 * MAX_BUFFERS);

export class SocketBuffers implements WriteBuffers {
  readonly #socket: Socket;
  readonly #onSent: () => void;
  /** Buffers that are being filled or sent. */
  #taken = 0;
  #waiting: { resolve(buffer: Buffer): void; reject(error: unknown): void }[] = [];
  #failure: { error: unknown } | undefined;

  constructor(socket: Socket, onSent: () => void) {
    this.#socket = socket;
    this.#onSent = onSent;
  }

  /** Whether bytes wait for the peer to take them. */
  get isWaiting(): boolean {
    return this.#taken > 0;
  }

  take(): Buffer | Promise<Buffer> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#taken < MAX_BUFFERS) {
      this.#taken++;
      return spare.take();
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  send(buffer: Buffer, length: number): void {
    this.#socket.write(buffer.subarray(0, length), (error) => {
      // After a failure the socket's own events end everything.
      if (error) return;
      this.#onSent();
      const next = this.#waiting.shift();
      if (next) {
        next.resolve(buffer);
        return;
      }
      this.#taken--;
      spare.give(buffer);
    });
  }

  /** Nothing more is sent: whoever waits, and who asks later, gets this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
