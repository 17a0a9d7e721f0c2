// Writes multipart/related answers (RFC 2387, PS3.18 8.6.1.2) as a stream: a part is produced when the client can take it.
import { randomUUID } from 'node:crypto';

export interface Part {
  contentType: string;
  location?: string;
  /** Pieces of the part's body, in order. */
  body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A streamed multipart answer. A part that fails in the middle breaks the connection: a client must not take a cut
 * answer for a whole one. */
export function multipartResponse(type: string, parts: AsyncIterable<Part> | Iterable<Part>): Response {
  const boundary = `lectern-${randomUUID()}`;
  const iterator = pieces(boundary, parts);
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const next = await iterator.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: async () => {
        await iterator.return(undefined);
      },
    },
    { highWaterMark: 2 },
  );
  return new Response(body, { headers: { 'content-type': `multipart/related; type="${type}"; boundary=${boundary}` } });
}

/** A multipart answer of one part that is in memory already: sent as one body, which costs a third of a stream. */
export function onePartResponse(type: string, contentType: string, bytes: Uint8Array): Response {
  const boundary = `lectern-${randomUUID()}`;
  const body = Buffer.concat([
    Buffer.from(`--${boundary}\r\nContent-Type: ${contentType}\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return new Response(body, {
    headers: {
      'content-type': `multipart/related; type="${type}"; boundary=${boundary}`,
      'content-length': String(body.length),
    },
  });
}

async function* pieces(
  boundary: string,
  parts: AsyncIterable<Part> | Iterable<Part>,
): AsyncGenerator<Uint8Array, void> {
  let isFirst = true;
  for await (const part of parts) {
    const lines = [`${isFirst ? '' : '\r\n'}--${boundary}`, `Content-Type: ${part.contentType}`];
    if (part.location) lines.push(`Content-Location: ${part.location}`);
    yield Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
    yield* part.body();
    isFirst = false;
  }
  yield Buffer.from(isFirst ? `--${boundary}--\r\n` : `\r\n--${boundary}--\r\n`);
}
