// Work that must not run beside other work of the same name: one after the other, in the order of asking.

export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` once all that asked before under this name has ended, however. */
  async take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name);
    const mine = before ? before.then(work, work) : work();
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}
