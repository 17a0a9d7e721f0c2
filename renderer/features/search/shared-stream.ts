// One answer of the backend for several nodes, told apart by node. A browser holds six connections to one address: nodes that do not
// answer, each with a connection of its own, would keep the page from its backend.

/** Each node's events up to and with its last one, whoever reads first; what names none of the nodes is said to all. All end where the
 * stream ends, and fail where it fails. */
export function shareByNode<T extends { node: string }>(
  nodes: readonly string[],
  stream: AsyncIterable<T>,
  isLast: (event: T) => boolean,
): Map<string, AsyncIterable<T>> {
  const queues = new Map(nodes.map((node) => [node, new Queue<T>()]));
  const run = async (): Promise<void> => {
    for await (const event of stream) {
      const queue = queues.get(event.node);
      for (const each of queue ? [queue] : queues.values()) {
        each.put(event);
        if (isLast(event)) each.end();
      }
    }
  };
  run().then(
    () => queues.forEach((queue) => queue.end()),
    (error: unknown) => queues.forEach((queue) => queue.end(error)),
  );
  return queues;
}

class Queue<T> implements AsyncIterable<T> {
  readonly #events: T[] = [];
  #isOver = false;
  #failure: unknown;
  #wake: () => void = () => undefined;

  put(event: T): void {
    if (this.#isOver) return;
    this.#events.push(event);
    this.#wake();
  }
  end(failure?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = failure;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      if (this.#events.length > 0) {
        yield* this.#events.splice(0);
        continue;
      }
      if (this.#failure !== undefined) throw this.#failure as Error;
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
