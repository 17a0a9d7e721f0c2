// One timer that is set anew all the time: what counts is how long ago the last sign of life was.

export class Deadline {
  readonly #onExpired: () => void;
  #timer: NodeJS.Timeout | undefined;
  #ms: number | undefined;

  constructor(onExpired: () => void) {
    this.#onExpired = onExpired;
  }

  /** Starts with this patience in ms, or stops with undefined. */
  set(ms: number | undefined): void {
    if (ms === this.#ms) return this.touch();
    clearTimeout(this.#timer);
    this.#ms = ms;
    this.#timer = ms === undefined ? undefined : setTimeout(() => this.#onExpired(), ms);
  }

  /** A sign of life. */
  touch(): void {
    this.#timer?.refresh();
  }
}
