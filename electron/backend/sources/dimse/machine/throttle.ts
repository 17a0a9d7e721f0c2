// Holds a stream to a number of bytes per second: says after each piece how long to pause.

/** Quiet time in ms after which counting starts anew, so that a pause is no credit for a burst. */
const FORGET_MS = 1000;
/** Shorter pauses are put off. */
const MIN_PAUSE_MS = 10;

export class Throttle {
  readonly #bytesPerSecond: number | undefined;
  #startMs = 0;
  #lastMs = 0;
  #bytes = 0;

  constructor(bytesPerSecond: number | undefined) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  pauseMs(bytes: number): number {
    if (this.#bytesPerSecond === undefined) return 0;
    const now = performance.now();
    if (now - this.#lastMs > FORGET_MS) {
      this.#startMs = now;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    const aheadMs = (this.#bytes / this.#bytesPerSecond) * 1000 - (now - this.#startMs);
    this.#lastMs = now + Math.max(0, aheadMs);
    return aheadMs < MIN_PAUSE_MS ? 0 : Math.ceil(aheadMs);
  }
}
