// A data set whose reading begins before anybody asks for it, so that the disk works while the line does.

export interface ReadAhead {
  pieces: AsyncIterable<Uint8Array>;
  /** Lets go of what is read from, however far it was read. */
  close(): void;
}

/** Starts to read before anybody asks. */
export function readAhead(source: AsyncIterable<Uint8Array>): ReadAhead {
  const iterator = source[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<Uint8Array>> | undefined = iterator.next();
  // Seen by whoever reads it.
  first.catch(() => undefined);
  const pieces: AsyncIterator<Uint8Array> = {
    next: () => {
      const ready = first ?? iterator.next();
      first = undefined;
      return ready;
    },
  };
  return {
    pieces: { [Symbol.asyncIterator]: () => pieces },
    close: () => void iterator.return?.().then(undefined, () => undefined),
  };
}
