// Undo and redo of what a view looked like.

const MOST = 100;

export class ViewHistory<Snapshot> {
  #before: Snapshot[] = [];
  #after: Snapshot[] = [];

  /** Keeps what was there before a change; what had been undone can no longer be redone. */
  keep(before: Snapshot): void {
    this.#before.push(before);
    if (this.#before.length > MOST) this.#before.shift();
    this.#after = [];
  }
  /** What to show instead of `now`; undefined when there is nothing to undo. */
  undo(now: Snapshot): Snapshot | undefined {
    const snapshot = this.#before.pop();
    if (snapshot !== undefined) this.#after.push(now);
    return snapshot;
  }
  redo(now: Snapshot): Snapshot | undefined {
    const snapshot = this.#after.pop();
    if (snapshot !== undefined) this.#before.push(now);
    return snapshot;
  }
}
