// Cuts what is sent into P-DATA-TF PDUs of the peer's size (PS3.8 9.3.5, E.2), many of them in one buffer, so that the
// socket gets few large writes. A data set's length need not be known before.

const PDU_HEADER_BYTES = 6;
const PDV_HEADER_BYTES = 6;
const HEADER_BYTES = PDU_HEADER_BYTES + PDV_HEADER_BYTES;
/** Bytes of one write to the socket: room for whole PDUs of any peer's size. */
export const WRITE_BYTES = 256 * 1024;
/** Longest PDU sent to a peer without a limit. */
const MAX_PDU_BYTES = 128 * 1024;
/** A peer's limit below this is no limit anybody can work with (PS3.8 D.1 gives no minimum). */
export const MIN_PDU_BYTES = 128;

/** Lends the buffers of WRITE_BYTES that are written to the socket; waiting for one is the back-pressure of sending. */
export interface WriteBuffers {
  take(): Buffer | Promise<Buffer>;
  /** Sends `length` bytes of a buffer that was taken. */
  send(buffer: Buffer, length: number): void;
}

const pduBytes = (peerMaxPduBytes: number): number =>
  PDU_HEADER_BYTES + (peerMaxPduBytes === 0 ? MAX_PDU_BYTES : Math.min(peerMaxPduBytes, MAX_PDU_BYTES));

/** Frames one command or data set after the other; `flush` sends what is left. */
export class DataFramer {
  readonly #buffers: WriteBuffers;
  readonly #payloadBytes: number;
  #buffer: Buffer | undefined;
  /** Where the open PDU begins, and how much payload it has. */
  #start = 0;
  #filled = 0;

  /** `peerMaxPduBytes`: as the peer announced it, 0 for no limit. */
  constructor(buffers: WriteBuffers, peerMaxPduBytes: number) {
    this.#buffers = buffers;
    // Fragments have an even number of bytes (PS3.8 9.3.5.1); DCMTK breaks off at an odd one.
    this.#payloadBytes = (pduBytes(peerMaxPduBytes) - HEADER_BYTES) & ~1;
  }

  /** Appends to the current command or data set; the open PDU is kept back until it is known whether it is the last. */
  async append(contextId: number, isCommand: boolean, bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#filled === this.#payloadBytes) this.#close(contextId, isCommand, false);
      const room = this.#makeRoom();
      const buffer = room instanceof Promise ? await room : room;
      const count = Math.min(bytes.length - at, this.#payloadBytes - this.#filled);
      buffer.set(bytes.subarray(at, at + count), this.#start + HEADER_BYTES + this.#filled);
      this.#filled += count;
      at += count;
    }
  }

  /** Ends the current command or data set. */
  async end(contextId: number, isCommand: boolean): Promise<void> {
    await this.#makeRoom();
    this.#close(contextId, isCommand, true);
  }

  /** Hands everything that is whole to the socket. */
  flush(): void {
    const buffer = this.#buffer;
    if (!buffer) return;
    this.#buffer = undefined;
    this.#buffers.send(buffer, this.#start);
    this.#start = 0;
  }

  #makeRoom(): Buffer | Promise<Buffer> {
    if (this.#buffer && this.#filled === 0 && this.#buffer.length - this.#start < HEADER_BYTES + this.#payloadBytes)
      this.flush();
    if (this.#buffer) return this.#buffer;
    const taken = this.#buffers.take();
    if (taken instanceof Promise) return taken.then((buffer) => (this.#buffer = buffer));
    this.#buffer = taken;
    return taken;
  }

  /** Writes the headers before the payload of the open PDU. */
  #close(contextId: number, isCommand: boolean, isLast: boolean): void {
    const buffer = this.#buffer;
    if (!buffer) return;
    const at = this.#start;
    buffer[at] = 4;
    buffer[at + 1] = 0;
    buffer.writeUInt32BE(this.#filled + PDV_HEADER_BYTES, at + 2);
    buffer.writeUInt32BE(this.#filled + 2, at + PDU_HEADER_BYTES);
    buffer[at + PDU_HEADER_BYTES + 4] = contextId;
    buffer[at + PDU_HEADER_BYTES + 5] = (isCommand ? 1 : 0) | (isLast ? 2 : 0);
    this.#start = at + HEADER_BYTES + this.#filled;
    this.#filled = 0;
  }
}
