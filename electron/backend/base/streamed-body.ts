// Streams that are made while their receiver takes them.
import { LecternError } from '#shared/contract/errors.ts';
import { stderrLine } from './stderr-line.ts';

interface Pieces {
  next(): Promise<IteratorResult<Uint8Array, unknown>>;
}

/** Where `pieces` fails the connection breaks: a client must not take a cut answer for a whole one. The server then prints what the
 * body failed with as it is given here: what is put into words (a study was removed meanwhile) without a stack. */
export const streamedBody = (
  pieces: Pieces,
  cancel: () => Promise<unknown>,
  highWaterMark = 1,
): ReadableStream<Uint8Array> =>
  streamOf(pieces, cancel, {
    highWaterMark,
    failureOf: (error) => (error instanceof LecternError ? stderrLine(error).trimEnd() : error),
  });

/** Pieces as they are asked for; where they fail, the stream does: with what they fail with, or what is made of it. */
export function streamOf(
  pieces: Pieces,
  cancel: () => Promise<unknown>,
  { highWaterMark = 1, failureOf = (error: unknown) => error } = {},
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const next = await pieces.next();
          if (next.done === true) controller.close();
          else controller.enqueue(next.value);
        } catch (error) {
          controller.error(failureOf(error));
        }
      },
      cancel: async () => void (await cancel()),
    },
    { highWaterMark },
  );
}
