// Answers to C-STOREs that we asked for ourselves (C-GET, C-MOVE) need not wait for the disk: the peer deletes nothing on their
// account, and we know what we miss. They are given once the data set is here, while so many at most are on their way to the disk;
// the retrieval ends when all of them are settled.

const MOST_UNSETTLED = 32;

export class EarlyAnswers {
  readonly #unsettled = new Set<Promise<void>>();

  /** Resolves when one more may be answered before it is settled. */
  async room(): Promise<void> {
    while (this.#unsettled.size >= MOST_UNSETTLED) await Promise.race(this.#unsettled);
  }

  /** `work` settles one that was answered; it must not reject. */
  track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#unsettled.delete(tracked));
    this.#unsettled.add(tracked);
  }

  async settled(): Promise<void> {
    while (this.#unsettled.size) await Promise.all(this.#unsettled);
  }
}
