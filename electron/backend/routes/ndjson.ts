// Streams lines of JSON as they come; a caller that goes away ends the work behind them.
import { LecternError } from '#shared/contract/errors.ts';

/** `produce` sends lines until it resolves; a failure of it becomes a last line by `onError`. */
export function ndjson<Line>(
  produce: (send: (line: Line) => void, signal: AbortSignal) => Promise<void>,
  onError: (error: unknown) => Line,
): Response {
  const abort = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    start: (stream) => {
      const send = (line: Line): void => {
        if (!abort.signal.aborted) stream.enqueue(Buffer.from(`${JSON.stringify(line)}\n`));
      };
      void produce(send, abort.signal)
        .catch((error: unknown) => send(onError(error)))
        .finally(() => {
          if (!abort.signal.aborted) stream.close();
        });
    },
    cancel: () => abort.abort(new LecternError('conflict', 'Stopped.')),
  });
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } });
}
