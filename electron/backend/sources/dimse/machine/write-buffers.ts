// The few buffers through which everything goes to one socket: no more than these are ever waiting to be sent.
import type { Socket } from 'node:net';
import type { WriteBuffers } from '../pdu/data-framer.ts';

const MAX_BUFFERS = 3;

export class SocketBuffers implements WriteBuffers {
  readonly #socket: Socket;
  readonly #sizeBytes: number;
  readonly #onSent: () => void;
  readonly #free: Buffer[] = [];
  #made = 0;
  #waiting: { resolve(buffer: Buffer): void; reject(error: unknown): void }[] = [];
  #failure: { error: unknown } | undefined;

  constructor(socket: Socket, sizeBytes: number, onSent: () => void) {
    this.#socket = socket;
    this.#sizeBytes = sizeBytes;
    this.#onSent = onSent;
  }

  /** Whether bytes wait for the peer to take them. */
  get isWaiting(): boolean {
    return this.#free.length < this.#made;
  }

  take(): Buffer | Promise<Buffer> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made < MAX_BUFFERS) {
      this.#made++;
      return Buffer.allocUnsafeSlow(this.#sizeBytes);
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  send(buffer: Buffer, length: number): void {
    this.#socket.write(buffer.subarray(0, length), (error) => {
      // After a failure the socket's own events end everything.
      if (error) return;
      this.#onSent();
      const next = this.#waiting.shift();
      if (next) next.resolve(buffer);
      else this.#free.push(buffer);
    });
  }

  /** Nothing more is sent: whoever waits, and who asks later, gets this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
