// A data set whose reading begins before anybody asks for it, so that disk and cipher work while the line or the peer does.

export interface ReadAhead {
  pieces: AsyncIterable<Uint8Array>;
  /** Lets go of what is read from, however far it was read. */
  close(): void;
}

/** Pieces that are read before they are asked for; of an archive they are 128 KB each. */
const PIECES_AHEAD = 8;

/** `source` must take calls for its next piece while earlier ones are pending, as generators do. */
export function readAhead(source: AsyncIterable<Uint8Array>): ReadAhead {
  const iterator = source[Symbol.asyncIterator]();
  const ahead: Promise<IteratorResult<Uint8Array>>[] = [];
  const readOn = (): void => {
    const piece = iterator.next();
    // A failure is seen by whoever asks for the piece.
    piece.catch(() => undefined);
    ahead.push(piece);
  };
  for (let count = 0; count < PIECES_AHEAD; count++) readOn();
  const pieces: AsyncIterator<Uint8Array> = {
    next: () => {
      readOn();
      return ahead.shift() ?? iterator.next();
    },
  };
  return {
    pieces: { [Symbol.asyncIterator]: () => pieces },
    close: () => void iterator.return?.().then(undefined, () => undefined),
  };
}
