// Buffers of one size that are used again: those that live longer than a moment would wait for the collector's full runs.

export class BufferPool {
  readonly #kept: ArrayBufferLike[] = [];
  readonly #bytes: number;
  readonly #most: number;

  /** `bytes` of each, at most `most` kept. */
  constructor(bytes: number, most: number) {
    this.#bytes = bytes;
    this.#most = most;
  }

  /** With whatever it held before. */
  take(): Buffer {
    const kept = this.#kept.pop();
    return kept ? Buffer.from(kept) : Buffer.allocUnsafeSlow(this.#bytes);
  }
  /** Takes back a buffer, or a view of its beginning. */
  give({ buffer }: Buffer): void {
    if (this.#kept.length < this.#most) this.#kept.push(buffer);
  }
}
