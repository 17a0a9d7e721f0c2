// What a turn of the wheel means: a mouse's notch is a step, a trackpad's many small moves are steps by the way they go.

/** CSS pixels of a trackpad that make one step; a mouse's notch is longer. */
const STEP_PX = 40;
/** Milliseconds without a move after which another gesture begins. */
const REST_MS = 200;

export type Turn = Pick<WheelEvent, 'deltaY' | 'deltaMode' | 'timeStamp'>;

/** Part of a step, signed, downwards positive: a notch or more is one. Lines and pages (`deltaMode`) count as notches. */
export function turnOf({ deltaY, deltaMode }: Turn): number {
  const part = deltaMode === 0 ? Math.min(Math.abs(deltaY), STEP_PX) / STEP_PX : 1;
  return Math.sign(deltaY) * part;
}

/** Adds up turns to whole steps. */
export class WheelSteps {
  #turned = 0;
  #direction = 0;
  #lastMs = -Infinity;

  /** Whether a gesture begins with this turn. */
  begins({ timeStamp }: Turn): boolean {
    return timeStamp - this.#lastMs > REST_MS;
  }

  /** Whole steps, signed, that are due with this turn; the first of a gesture is one at once. */
  take(turn: Turn): number {
    const part = turnOf(turn);
    if (part === 0) return 0;
    const isNew = this.begins(turn) || Math.sign(part) !== this.#direction;
    this.#lastMs = turn.timeStamp;
    this.#direction = Math.sign(part);
    this.#turned = isNew ? this.#direction : this.#turned + part;
    // Parts of 1 do not add up without a remainder.
    const steps = Math.trunc(this.#turned + this.#direction * 1e-9) || 0;
    this.#turned -= steps;
    return steps;
  }
}
