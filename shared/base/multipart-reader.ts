// Reads multipart/related bodies (RFC 2046 5.1) piece by piece, holding back only what may be the start of a boundary.

export type MultipartEvent =
  { kind: 'part'; headers: Map<string, string> } | { kind: 'data'; bytes: Uint8Array } | { kind: 'end-of-part' };

const MAX_HEADER_BYTES = 64 * 1024;
const CR = 13;
const LF = 10;

/** A body that is not the multipart it says to be, or ends in the middle. */
export class MultipartDefect extends Error {
  override name = 'MultipartDefect';
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A parameter of a header (RFC 2045 5.1), quoted or not. Blanks around the equals sign are in no standard, but some write them. */
const PARAMETER = /;\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/g;

/** Boundary of a Content-Type header; undefined when there is none. */
export function boundaryOf(contentType: string): string | undefined {
  for (const [, name = '', quoted, token] of contentType.matchAll(PARAMETER))
    if (name.toLowerCase() === 'boundary') return quoted?.replace(/\\(.)/g, '$1') || token;
  return undefined;
}

/** Finds the whole of `needle` from `from` on, -1 where it is not: by its last byte, going on as far as that allows (Horspool). A
 * body is mostly pixels, where each line break's first byte would be a reason to look closer. */
function finder(needle: Uint8Array): (bytes: Uint8Array, from: number) => number {
  const last = needle.length - 1;
  const steps = new Uint8Array(256).fill(Math.min(needle.length, 255));
  for (const [i, byte] of needle.subarray(0, last).entries()) steps[byte] = Math.min(last - i, 255);
  return (bytes, from) => {
    for (let end = from + last; end < bytes.length; end += steps[bytes[end] ?? 0] ?? 1) {
      let i = last;
      while (i >= 0 && bytes[end - last + i] === needle[i]) i--;
      if (i < 0) return end - last;
    }
    return -1;
  };
}

const findLineEnd = finder(bytesOf('\r\n'));
const findHeadersEnd = finder(bytesOf('\r\n\r\n'));

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Parts of `body`. Throws MultipartDefect on a body that breaks the format or is cut short. */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<MultipartEvent> {
  // The first boundary need not follow a line break; one is put in front so that all look alike.
  const delimiter = bytesOf(`\r\n--${boundary}`);
  const findDelimiter = finder(delimiter);
  // Before it is nothing that could be cut in two, and a preamble may end its lines as it likes.
  const findFirst = finder(delimiter.subarray(1));
  let state: 'preamble' | 'boundary' | 'headers' | 'start-of-data' | 'data' | 'done' = 'preamble';
  let held: Uint8Array = bytesOf('\r\n');
  for await (const piece of body) {
    held = joined(held, piece);
    for (let progressed = true; progressed && state !== 'done';) {
      progressed = false;
      if (state === 'preamble') {
        const at = findFirst(held, 0);
        held = held.subarray(at >= 0 ? at + delimiter.length - 1 : safeLength(held, delimiter.length - 1, LF));
        if (at < 0) continue;
        state = 'boundary';
        progressed = true;
      } else if (state === 'data') {
        const at = findDelimiter(held, 0);
        const safe = at >= 0 ? at : safeLength(held, delimiter.length, CR);
        if (safe > 0) yield { kind: 'data', bytes: held.subarray(0, safe) };
        held = held.subarray(safe);
        if (at < 0) continue;
        held = held.subarray(delimiter.length);
        yield { kind: 'end-of-part' };
        state = 'boundary';
        progressed = true;
      } else if (state === 'boundary') {
        if (held.length < 2) continue;
        if (held[0] === 45 && held[1] === 45) {
          state = 'done';
          continue;
        }
        const lineEnd = findLineEnd(held, 0);
        if (lineEnd < 0) {
          if (held.length > MAX_HEADER_BYTES) throw new MultipartDefect('a boundary line does not end');
          continue;
        }
        // Else the part, and maybe the boundary after it, would pass for the rest of the line.
        if (held.subarray(0, lineEnd).includes(LF)) throw endsInBareLf('boundary line');
        held = held.subarray(lineEnd);
        state = 'headers';
        progressed = true;
      } else if (state === 'headers') {
        const end = findHeadersEnd(held, 0);
        if (end < 0) {
          if (held.length > MAX_HEADER_BYTES) throw new MultipartDefect('the headers of a part are too long');
          continue;
        }
        const text = textOf(held.subarray(0, end));
        if (/(?<!\r)\n/.test(text)) throw endsInBareLf('header of a part');
        yield { kind: 'part', headers: headersOf(text) };
        held = held.subarray(end + 2);
        state = 'start-of-data';
        progressed = true;
      } else {
        // The line break that ends the headers may also begin the boundary of an empty part.
        const mayBeEmpty = startsAlike(held, delimiter);
        if (mayBeEmpty && held.length < delimiter.length) continue;
        if (!mayBeEmpty) held = held.subarray(2);
        state = 'data';
        progressed = true;
      }
    }
  }
  if (state !== 'done') throw new MultipartDefect('the body ends before its last boundary');
}

const endsInBareLf = (what: string): MultipartDefect =>
  new MultipartDefect(`a ${what} ends in a bare LF instead of CR LF`);

/** As far as both go. */
const startsAlike = (bytes: Uint8Array, delimiter: Uint8Array): boolean =>
  bytes.subarray(0, delimiter.length).every((byte, index) => byte === delimiter[index]);

/** How many leading bytes cannot belong to a delimiter that is not whole yet. */
function safeLength(bytes: Uint8Array, delimiterLength: number, firstByte: number): number {
  const from = Math.max(0, bytes.length - delimiterLength + 1);
  const at = bytes.indexOf(firstByte, from);
  return at < 0 ? bytes.length : at;
}

function headersOf(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}
