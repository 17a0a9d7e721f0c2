// Writes multipart/related answers (RFC 2387, PS3.18 8.6.1.2) as a stream: a part is produced when the client can take it.
import { randomUUID } from 'node:crypto';
import { streamedBody } from '#backend/base/streamed-body.ts';
import { tellShortLived } from '#backend/base/young-garbage.ts';

export interface Part {
  contentType: string;
  location?: string;
  /** Pieces of the part's body, in order. */
  body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A streamed multipart answer. A part that fails in the middle breaks the connection. */
export function multipartResponse(type: string, parts: AsyncIterable<Part> | Iterable<Part>): Response {
  const boundary = `lectern-${randomUUID()}`;
  const iterator = pieces(boundary, parts);
  const body = streamedBody(iterator, () => iterator.return(undefined), 2);
  return new Response(body, { headers: { 'content-type': `multipart/related; type="${type}"; boundary=${boundary}` } });
}

/** A multipart answer of one part that is in memory: sent as one body, which costs a third of a stream. */
export class OnePart {
  readonly #type: string;
  readonly #boundary = `lectern-${randomUUID()}`;
  readonly #head: Buffer;
  readonly #tail = Buffer.from(`\r\n--${this.#boundary}--\r\n`);
  #body: Buffer | undefined;

  constructor(type: string, contentType: string) {
    this.#type = type;
    this.#head = Buffer.from(`--${this.#boundary}\r\nContent-Type: ${contentType}\r\n\r\n`);
  }

  /** A buffer for the part's bytes that lies in the answer already: what is read into it is not copied again. */
  place(length: number): Buffer {
    this.#body = Buffer.allocUnsafeSlow(this.#head.length + length + this.#tail.length);
    tellShortLived(this.#body.length);
    this.#head.copy(this.#body);
    this.#tail.copy(this.#body, this.#head.length + length);
    return this.#body.subarray(this.#head.length, this.#head.length + length);
  }

  /** The answer with these bytes, wherever they lie. */
  response(bytes: Uint8Array): Response {
    const isInPlace =
      bytes.buffer === this.#body?.buffer &&
      bytes.byteOffset === this.#head.length &&
      bytes.length === this.#body.length - this.#head.length - this.#tail.length;
    const body = isInPlace && this.#body ? this.#body : Buffer.concat([this.#head, bytes, this.#tail]);
    return new Response(bodyOf(body), {
      headers: {
        'content-type': `multipart/related; type="${this.#type}"; boundary=${this.#boundary}`,
        'content-length': String(body.length),
      },
    });
  }
}

/** Bytes with a plain ArrayBuffer behind them, as web-standard bodies ask for. */
export function bodyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
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
