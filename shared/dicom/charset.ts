// Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1): single and multi-byte sets, ISO 2022 code extensions, UTF-8, GB18030.
import { decodeText } from './text-decoder.ts';

/** Set in G1 after which escape sequence; the label decodes ASCII in G0 too. */
const G1_LABEL: Record<string, string> = {
  '-A': 'iso-8859-1',
  '-B': 'iso-8859-2',
  '-C': 'iso-8859-3',
  '-D': 'iso-8859-4',
  '-L': 'iso-8859-5',
  '-G': 'iso-8859-6',
  '-F': 'iso-8859-7',
  '-H': 'iso-8859-8',
  '-M': 'iso-8859-9',
  '-b': 'iso-8859-15',
  '-T': 'windows-874',
  ')I': 'shift_jis',
  '$)C': 'euc-kr',
  '$)A': 'gbk',
};
const G0_LABEL: Record<string, G0> = { '(B': 'ascii', '(J': 'ascii', $B: 'jis0208', '$@': 'jis0208', '$(D': 'jis0212' };
type G0 = 'ascii' | 'jis0208' | 'jis0212';

const LABEL: Record<string, string> = {
  '': 'iso-8859-1',
  'ISO_IR 6': 'iso-8859-1',
  'ISO_IR 100': 'iso-8859-1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'iso-8859-9',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
  'ISO 2022 IR 6': 'iso-8859-1',
  'ISO 2022 IR 87': 'iso-8859-1',
  'ISO 2022 IR 159': 'iso-8859-1',
  'ISO 2022 IR 149': 'euc-kr',
  'ISO 2022 IR 58': 'gbk',
};

export interface Charset {
  /** Text of a whole value, all its components and values. Which characters are delimiters depends on the VR. */
  decode(bytes: Uint8Array, vr?: string): string;
  /** Terms that are not defined terms; text was then read as UTF-8 where it is that, else Latin-1. */
  unknownTerms: readonly string[];
  /** Whether these bytes are none of the stated set and were read all the same: beyond ASCII where only that is stated, unless they are
   * UTF-8, or with escape sequences where no set is stated that has any. */
  isGuess?(bytes: Uint8Array): boolean;
}

const ESC = 0x1b;
const LINE_ENDS = [0x0a, 0x0c, 0x0d, 0x09];
/** What puts the initial sets back (PS3.5 6.1.2.5.3): a line's end always, a backslash where it parts values, carets and equals
 * signs in person names only. */
const NAME_DELIMITERS = new Set([...LINE_ENDS, 0x5c, 0x5e, 0x3d]);
const VALUE_DELIMITERS = new Set([...LINE_ENDS, 0x5c]);
const TEXT_DELIMITERS = new Set(LINE_ENDS);

function delimitersOf(vr: string): ReadonlySet<number> {
  if (vr === 'PN') return NAME_DELIMITERS;
  return vr === 'LT' || vr === 'ST' || vr === 'UT' ? TEXT_DELIMITERS : VALUE_DELIMITERS;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80 || byte === ESC) return false;
  }
  return true;
}

/** More arguments than this may be more than a call takes. */
const MOST_AT_ONCE = 8192;

/** A character for each byte. */
export function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += MOST_AT_ONCE)
    // Twice as fast as spreading, and most of what a header holds comes through here.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + MOST_AT_ONCE) as unknown as number[]);
  return text;
}

/** WHATWG name of a defined term's set; undefined when the term is not known. */
export function labelOf(term: string): string | undefined {
  const plain = term.trim().toUpperCase();
  // Written wrong so often that every reader takes it: ISO-IR 100, ISO IR 100, ISO 2022 without IR.
  const mended = plain.replace(/^ISO[-_ ]IR[-_ ]?/, 'ISO_IR ').replace(/^ISO[-_ ]2022[-_ ]IR[-_ ]?/, 'ISO 2022 IR ');
  return LABEL[mended] ?? LABEL[mended.replace('ISO 2022 IR', 'ISO_IR')];
}

/** The decoder for the values of (0008,0005); none means the default repertoire. */
export function charsetOf(terms: readonly string[]): Charset {
  const unknownTerms = terms.filter((term) => labelOf(term) === undefined);
  const initial = labelOf(terms[0] ?? '') ?? 'iso-8859-1';
  const isDefault = terms.every((term) => term.trim() === '' || term.trim() === 'ISO_IR 6');
  const hasExtensions = terms.length > 1 || /2022/.test(terms[0] ?? '');
  const isAsciiFirst = unknownTerms.length === 0 && initial === 'iso-8859-1' && !/100/.test(terms[0] ?? '');
  return {
    unknownTerms,
    isGuess: (bytes) => {
      if (isAscii(bytes)) return false;
      if (bytes.includes(ESC)) return !hasExtensions;
      return isAsciiFirst && !(isDefault && isUtf8(bytes));
    },
    decode: (bytes, vr = 'PN') => {
      if (bytes.length < 4096 && isAscii(bytes)) return asciiText(bytes);
      if (hasExtensions && bytes.includes(ESC)) return decodeExtended(bytes, initial, delimitersOf(vr));
      // Without a stated set only ASCII is allowed; what is beyond is UTF-8 far more often than anything else.
      if (isDefault || unknownTerms.length) return decodeGuess(bytes, initial);
      return decodeText(bytes, initial);
    },
  };
}

/** For text that comes without a stated set, from somebody who is known to write in this one: UTF-8 where it is that, since whoever
 * forgets to state a set writes that more often than anything else. */
export function undeclaredCharset(terms: readonly string[]): Charset {
  const { decode } = charsetOf(terms);
  return {
    unknownTerms: [],
    decode: (bytes) => {
      const text = bytes.includes(ESC) ? '\uFFFD' : decodeText(bytes, 'utf-8');
      return text.includes('\uFFFD') ? decode(bytes) : text;
    },
  };
}

/** How text beyond ASCII was read that came without a stated set. */
export type CharsetGuess = 'UTF-8' | 'Latin-1' | 'ASCII with escape sequences';

/** For text that comes without a stated set, from somebody of whom none is known: as `charsetOf` reads it, and told. */
export function guessedCharset(onGuess: (guess: CharsetGuess) => void): Charset {
  const { decode } = charsetOf([]);
  return {
    unknownTerms: [],
    decode: (bytes, vr) => {
      if (bytes.includes(ESC)) onGuess('ASCII with escape sequences');
      else if (!isAscii(bytes)) onGuess(isUtf8(bytes) ? 'UTF-8' : 'Latin-1');
      return decode(bytes, vr);
    },
  };
}

const isUtf8 = (bytes: Uint8Array): boolean => !decodeText(bytes, 'utf-8').includes('\uFFFD');

const decodeGuess = (bytes: Uint8Array, initial: string): string =>
  decodeText(bytes, isUtf8(bytes) ? 'utf-8' : initial);

/** Walks the escape sequences (PS3.5 6.1.2.5); delimiters put the initial sets back. */
function decodeExtended(bytes: Uint8Array, initial: string, delimiters: ReadonlySet<number>): string {
  let text = '';
  let g0: G0 = 'ascii';
  let g1 = initial;
  let start = 0;
  const flush = (end: number): void => {
    if (end > start) text += decodeRun(bytes.subarray(start, end), g0, g1);
    start = end;
  };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === ESC) {
      flush(at);
      const length = (bytes[at + 1] ?? 0) === 0x24 && [0x28, 0x29].includes(bytes[at + 2] ?? 0) ? 3 : 2;
      const sequence = asciiText(bytes.subarray(at + 1, at + 1 + length));
      g0 = G0_LABEL[sequence] ?? g0;
      g1 = G1_LABEL[sequence] ?? g1;
      at += length;
      start = at + 1;
    } else if (g0 === 'ascii' && delimiters.has(byte)) {
      flush(at);
      g1 = initial;
    }
  }
  flush(bytes.length);
  return text;
}

/** Bytes with their high bit are G1's also while G0 holds a set of two bytes each (ISO 2022). */
function decodeRun(bytes: Uint8Array, g0: G0, g1: string): string {
  if (g0 === 'ascii') return decodeText(bytes, g1);
  let text = '';
  for (let start = 0; start < bytes.length;) {
    const isHigh = (bytes[start] ?? 0) >= 0x80;
    let end = start + 1;
    while (end < bytes.length && (bytes[end] ?? 0) >= 0x80 === isHigh) end++;
    const part = bytes.subarray(start, end);
    text += isHigh ? decodeText(part, g1) : decodeKanji(part, g0);
    start = end;
  }
  return text;
}

function decodeKanji(bytes: Uint8Array, g0: Exclude<G0, 'ascii'>): string {
  if (g0 === 'jis0208') return decodeText(Uint8Array.from([ESC, 0x24, 0x42, ...bytes, ESC, 0x28, 0x42]), 'iso-2022-jp');
  const packed: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2)
    packed.push(0x8f, (bytes[at] ?? 0) | 0x80, (bytes[at + 1] ?? 0) | 0x80);
  // Half a character is none.
  return `${decodeText(Uint8Array.from(packed), 'euc-jp')}${bytes.length % 2 === 1 ? '\uFFFD' : ''}`;
}
