// Text to bytes in a Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1.2.5): the way back of charset.ts, made from the same
// decoders, so that what is written reads back.
import { err, ok, type Result } from '../base/result.ts';
import { labelOf } from './charset.ts';
import { decodeText } from './text-decoder.ts';

/** One set that text can be written in: bytes of a character, and the escape that puts it in force. */
interface Repertoire {
  /** Bytes after ESC; none for the initial set without code extensions. */
  escape: string;
  /** In G0 its bytes are below 0x80: ASCII must be put back behind it. */
  isG0: boolean;
  bytesOf(character: string): readonly number[] | undefined;
}

const ESCAPES: Record<string, string> = {
  'iso-8859-1': '-A',
  'iso-8859-2': '-B',
  'iso-8859-3': '-C',
  'iso-8859-4': '-D',
  'iso-8859-5': '-L',
  'iso-8859-6': '-G',
  'iso-8859-7': '-F',
  'iso-8859-8': '-H',
  'iso-8859-9': '-M',
  'iso-8859-15': '-b',
  'windows-874': '-T',
  shift_jis: ')I',
  'euc-kr': '$)C',
  gbk: '$)A',
};

type Table = Map<string, readonly number[]>;
const tables = new Map<string, Table>();

/** Characters of one or two bytes in a WHATWG encoding, by trying them all once. */
function tableOf(label: string): Table {
  const made = tables.get(label);
  if (made) return made;
  const table: Table = new Map();
  const add = (...bytes: number[]): void => {
    const text = decodeText(Uint8Array.from(bytes), label);
    if ([...text].length === 1 && text !== '\uFFFD' && !table.has(text)) table.set(text, bytes);
  };
  for (let high = 0x80; high <= 0xff; high++) add(high);
  const isDouble = label === 'euc-kr' || label === 'gbk' || label === 'gb18030' || label === 'euc-jp';
  if (isDouble)
    for (let high = 0x81; high <= 0xfe; high++)
      for (let low = label.startsWith('euc') ? 0xa1 : 0x40; low <= 0xfe; low++) add(high, low);
  tables.set(label, table);
  return table;
}

function repertoireOf(term: string): Repertoire | undefined {
  const label = labelOf(term);
  if (label === undefined) return undefined;
  if (/2022[ _-]*IR[ _-]*87$/i.test(term.trim())) {
    const table = tableOf('euc-jp');
    const seven = (character: string): readonly number[] | undefined => {
      const bytes = table.get(character);
      return bytes?.length === 2 && (bytes[0] ?? 0) >= 0xa1 ? bytes.map((byte) => byte & 0x7f) : undefined;
    };
    return { escape: '$B', isG0: true, bytesOf: seven };
  }
  const table = tableOf(label);
  return { escape: ESCAPES[label] ?? '', isG0: false, bytesOf: (character) => table.get(character) };
}

const isAscii = (character: string): boolean => (character.codePointAt(0) ?? 0x80) < 0x80;
const DELIMITERS = new Set(['\\', '^', '=', '\r', '\n', '\t', '\f']);
const codes = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

/** `terms`: values of (0008,0005), none or '' for the default repertoire. Fails with the first character that has no place. */
export function encodeText(text: string, terms: readonly string[]): Result<Uint8Array, { character: string }> {
  const label = labelOf(terms[0] ?? '');
  if (label === 'utf-8') return ok(utf8(text));
  if (label === 'gb18030')
    return encodePlain(text, (character) => tableOf('gb18030').get(character) ?? gb18030(character));
  // The default repertoire is ASCII and no more.
  const isDefault = terms.every((term) => /^(ISO_IR 6|ISO 2022 IR 6)?$/.test(term.trim()));
  if (isDefault) return encodePlain(text, () => undefined);
  const [initial, ...extensions] = terms.map((term) =>
    /^(ISO 2022 IR 6|ISO_IR 6)?$/.test(term.trim()) ? undefined : repertoireOf(term),
  );
  if (extensions.length === 0 && initial && !initial.isG0 && !/2022/.test(terms[0] ?? ''))
    return encodePlain(text, initial.bytesOf);
  return encodeExtended(
    text,
    initial,
    [initial, ...extensions].filter((set) => set !== undefined),
  );
}

function encodePlain(
  text: string,
  bytesOf: (character: string) => readonly number[] | undefined,
): Result<Uint8Array, { character: string }> {
  const out: number[] = [];
  for (const character of text) {
    const bytes = isAscii(character) ? codes(character) : bytesOf(character);
    if (!bytes) return err({ character });
    out.push(...bytes);
  }
  return ok(Uint8Array.from(out));
}

/** With code extensions: each change of set is announced, and ASCII is in force at delimiters and at the end. */
function encodeExtended(
  text: string,
  initial: Repertoire | undefined,
  sets: readonly Repertoire[],
): Result<Uint8Array, { character: string }> {
  const out: number[] = [];
  let g0: Repertoire | undefined;
  const first = initial?.isG0 ? undefined : initial;
  let g1 = first;
  const toAscii = (): void => {
    if (g0) out.push(0x1b, ...codes('(B'));
    g0 = undefined;
  };
  for (const character of text) {
    if (isAscii(character)) {
      toAscii();
      out.push(...codes(character));
      // Whether it puts the initial set back depends on the VR: announced anew, the next character is right either way.
      if (DELIMITERS.has(character) && g1 !== first) g1 = undefined;
      continue;
    }
    const current = [g0, g1].find((set) => set?.bytesOf(character));
    const set = current ?? sets.find((candidate) => candidate.bytesOf(character));
    const bytes = set?.bytesOf(character);
    if (!set || !bytes) return err({ character });
    if (set !== current) {
      if (!set.isG0) toAscii();
      out.push(0x1b, ...codes(set.escape));
    } else if (!set.isG0) toAscii();
    if (set.isG0) g0 = set;
    else g1 = set;
    out.push(...bytes);
  }
  toAscii();
  return ok(Uint8Array.from(out));
}

function utf8(text: string): Uint8Array {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (character) => character.charCodeAt(0));
}

let fourBytes: Table | undefined;

/** Four bytes of GB18030: found by trying in the BMP, reckoned beyond it (GB 18030 maps those in order). */
function gb18030(character: string): readonly number[] | undefined {
  const code = character.codePointAt(0) ?? 0;
  const bytesOf = (linear: number): number[] => [
    Math.floor(linear / 12600) + 0x81,
    (Math.floor(linear / 1260) % 10) + 0x30,
    (Math.floor(linear / 10) % 126) + 0x81,
    (linear % 10) + 0x30,
  ];
  if (code >= 0x10000) return bytesOf(code - 0x10000 + 189000);
  if (!fourBytes) {
    fourBytes = new Map();
    for (let linear = 0; linear < 39420; linear++) {
      const bytes = bytesOf(linear);
      const text = decodeText(Uint8Array.from(bytes), 'gb18030');
      if (text.length === 1 && text !== '\uFFFD') fourBytes.set(text, bytes);
    }
  }
  return fourBytes.get(character);
}
