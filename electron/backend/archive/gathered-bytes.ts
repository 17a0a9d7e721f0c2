// Gathers small pieces of a stream into buffers worth a message to a worker; large ones that are wholly the caller's pass as they
// are.

const GATHER_BYTES = 512 * 1024;
const PASS_BYTES = 128 * 1024;

export class GatheredBytes {
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;

  /** Buffers that are ready to be handed over, in order; each is the only view of its memory. */
  *add(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    if (bytes.length >= PASS_BYTES && isWhole(bytes)) {
      const before = this.rest();
      if (before) yield before;
      yield bytes;
      return;
    }
    for (let at = 0; at < bytes.length;) {
      this.#buffer ??= new Uint8Array(GATHER_BYTES);
      const taken = Math.min(bytes.length - at, GATHER_BYTES - this.#used);
      this.#buffer.set(bytes.subarray(at, at + taken), this.#used);
      at += taken;
      this.#used += taken;
      if (this.#used < GATHER_BYTES) continue;
      yield this.#buffer;
      this.#buffer = undefined;
      this.#used = 0;
    }
  }

  /** What is left at the end, or undefined. */
  rest(): Uint8Array<ArrayBuffer> | undefined {
    const rest = this.#used > 0 ? this.#buffer?.slice(0, this.#used) : undefined;
    this.#buffer = undefined;
    this.#used = 0;
    return rest;
  }
}

/** A Buffer may share its memory with others (Node's pool): only a whole buffer may be given away. */
const isWhole = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
