// Which job goes first, and which jobs do not wait for one another.
import type { Urgency } from '#shared/contract/network.ts';

/** Jobs of one lane run at most `atOnce` at a time. */
export interface Lane {
  name: string;
  atOnce: number;
  /** Most of them that are about one node, and one more for what is looked at: a node that does not answer holds each for long. */
  atOneNode?: number;
}
export const LOCAL: Lane = { name: 'local', atOnce: 1 };
/** What keeps the archive in order takes hours, and nobody waits for it. */
export const UPKEEP: Lane = { name: 'upkeep', atOnce: 1 };

/** What a person looks at goes before what may be wanted next: higher is more urgent. */
export const URGENCY: Readonly<Record<Urgency, number>> = { visible: 40, study: 30, priors: 20, next: 10, bulk: 0 };

const isLookedAt = ({ urgency }: Waiter): boolean => urgency() >= URGENCY.visible;

/** A lane of several places keeps one of them for what is looked at, and another one for what a person waits for. */
function placesFor(waiter: Waiter): number {
  if (isLookedAt(waiter)) return waiter.lane.atOnce;
  return Math.max(1, waiter.lane.atOnce - (waiter.urgency() >= URGENCY.study ? 1 : 2));
}
const placesAtNode = (waiter: Waiter): number =>
  (waiter.lane.atOneNode ?? waiter.lane.atOnce) + (isLookedAt(waiter) ? 1 : 0);

/** Waits for a place in its lane. */
export interface Waiter {
  lane: Lane;
  node?: string;
  urgency(): number;
  /** The place is its own, until it is left. */
  go(): void;
}

/** Places in lanes: the most urgent waiter gets the next one, of several the one that came first. */
export class Places {
  readonly #taken = new Set<Waiter>();
  readonly #waiting: Waiter[] = [];
  #isClosed = false;

  /** Those that come in one go are compared with one another before any of them gets a place. */
  wait(waiter: Waiter): void {
    this.#waiting.push(waiter);
    this.lookAgain();
  }

  /** Somebody's urgency is another one now. */
  lookAgain(): void {
    queueMicrotask(() => this.#giveOut());
  }

  /** Waits no longer; false where it has its place, or never waited. */
  giveUp(waiter: Waiter): boolean {
    const at = this.#waiting.indexOf(waiter);
    if (at >= 0) this.#waiting.splice(at, 1);
    return at >= 0;
  }

  leave(waiter: Waiter): void {
    this.#taken.delete(waiter);
    this.#giveOut();
  }

  /** Nobody gets a place any more. */
  close(): void {
    this.#isClosed = true;
  }

  #giveOut(): void {
    for (let next; !this.#isClosed && (next = this.#next());) {
      this.giveUp(next);
      this.#taken.add(next);
      next.go();
    }
  }

  #next(): Waiter | undefined {
    let best: Waiter | undefined;
    for (const waiter of this.#waiting)
      if (this.#hasRoom(waiter) && (!best || waiter.urgency() > best.urgency())) best = waiter;
    return best;
  }

  #hasRoom(waiter: Waiter): boolean {
    const inLane = [...this.#taken].filter(({ lane }) => lane.name === waiter.lane.name);
    if (inLane.length >= placesFor(waiter)) return false;
    return waiter.node === undefined || inLane.filter(({ node }) => node === waiter.node).length < placesAtNode(waiter);
  }
}
