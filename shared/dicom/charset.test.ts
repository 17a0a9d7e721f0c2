// Text in every defined term of Specific Character Set, as bytes (PS3.3 C.12.1.1.2, PS3.5 6.1.2 and Annexes H to K).
import { describe, expect, test } from 'vitest';
import { charsetOf, labelOf } from './charset.ts';
import { parsePersonName } from './person-name.ts';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.split(/\s+/).filter(Boolean), (pair) => Number.parseInt(pair, 16));
/** Latin-1 text with escapes written as in a source file. */
const raw = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('single-byte sets, without and with code extensions', () => {
  test.each([
    ['100', 'e4 f6 fc df', 'äöüß', '-A'],
    ['101', 'b3 bb b1', 'łťą', '-B'],
    ['109', 'b1 e6 f8', 'ħĉĝ', '-C'],
    ['110', 'e0 f9 bf', 'āųŋ', '-D'],
    ['144', 'bb ee da', 'Люк', '-L'],
    ['127', 'e2 c8 c7', 'قبا', '-G'],
    ['126', 'c4 e9 ef', 'Διο', '-F'],
    ['138', 'f7 e1 f0', 'קבנ', '-H'],
    ['148', 'f0 fd fe', 'ğış', '-M'],
    ['203', 'a4 bd', '€œ', '-b'],
    ['166', 'ca c1 aa', 'สมช', '-T'],
  ])('IR %s', (number, hex, text, escape) => {
    expect(charsetOf([`ISO_IR ${number}`]).decode(bytes(hex))).toBe(text);
    expect(charsetOf([`ISO 2022 IR ${number}`]).decode(bytes(hex))).toBe(text);
    const announced = Uint8Array.from([0x1b, ...raw(escape), ...bytes(hex), 0x5e, 0x41]);
    expect(charsetOf(['', `ISO 2022 IR ${number}`]).decode(announced)).toBe(`${text}^A`);
  });

  test('IR 13: half-width katakana', () => {
    expect(charsetOf(['ISO_IR 13']).decode(bytes('d4 cf c0 de 5e c0 db b3'))).toBe('ﾔﾏﾀﾞ^ﾀﾛｳ');
    expect(charsetOf(['', 'ISO 2022 IR 13']).decode(bytes('1b 29 49 d4 cf c0 de'))).toBe('ﾔﾏﾀﾞ');
  });

  test('G1 is read while G0 holds kanji', () => {
    const { decode } = charsetOf(['ISO 2022 IR 13', 'ISO 2022 IR 87']);
    expect(decode(bytes('1b 24 42 4f 3a 1b 29 49 d4 b3 1b 24 42 42 40 1b 28 4a'))).toBe('郎ﾔｳ太');
  });

  test('a delimiter puts the first set back', () => {
    const { decode } = charsetOf(['ISO_IR 100', 'ISO 2022 IR 144']);
    for (const delimiter of ['5e', '5c', '3d', '0d 0a', '0c', '09'])
      expect(decode(bytes(`1b 2d 4c bb ${delimiter} e4`)).replace(/^Л[\s^\\=]+/, ''), delimiter).toBe('ä');
  });
});

describe('what puts the first set back depends on the VR (PS3.5 6.1.2.5.3)', () => {
  const { decode } = charsetOf(['', 'ISO 2022 IR 126']);
  const greek = '\x1b-F\xe1';
  test.each([
    ['PN', '^', 'α^á'],
    ['PN', '=', 'α=á'],
    ['LO', '\\', 'α\\á'],
    ['LO', '^', 'α^α'],
    ['LO', ' = ', 'α = α'],
    ['SH', '^', 'α^α'],
    ['UC', '=', 'α=α'],
    ['LT', '\\', 'α\\α'],
    ['ST', '^', 'α^α'],
    ['UT', '=', 'α=α'],
    ['UT', '\r\n', 'α\r\ná'],
  ])('%s: %j', (vr, delimiter, wanted) => {
    expect(decode(raw(`${greek}${delimiter}\xe1`), vr)).toBe(wanted);
  });

  test('Korean text goes on behind an equals sign', () => {
    const text = charsetOf(['', 'ISO 2022 IR 149']).decode(raw('\x1b$)C\xc8\xab = \xc8\xab'), 'LT');
    expect(text).toBe('홍 = 홍');
  });
});

describe('the examples of the standard', () => {
  const yamada = 'Yamada^Tarou=山田^太郎=やまだ^たろう';
  test('H.3.1: IR 6 and IR 87', () => {
    const name = 'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B';
    expect(charsetOf(['', 'ISO 2022 IR 87']).decode(raw(name))).toBe(yamada);
    expect(parsePersonName(yamada)).toEqual({
      Alphabetic: 'Yamada^Tarou',
      Ideographic: '山田^太郎',
      Phonetic: 'やまだ^たろう',
    });
  });
  test('H.3.2: IR 13 and IR 87', () => {
    const name =
      '\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J';
    expect(charsetOf(['ISO 2022 IR 13', 'ISO 2022 IR 87']).decode(raw(name))).toBe('ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう');
  });
  test('IR 159: JIS X 0212', () => {
    expect(charsetOf(['', 'ISO 2022 IR 159']).decode(bytes('1b 24 28 44 30 21 1b 28 42 41'))).toBe('丂A');
  });
  test('I.2: Korean', () => {
    const name = 'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf';
    expect(charsetOf(['', 'ISO 2022 IR 149']).decode(raw(name))).toBe('Hong^Gildong=洪^吉洞=홍^길동');
  });
  test('J.1: UTF-8, J.2: GB18030', () => {
    const wang = 'Wang^XiaoDong=王^小東=';
    expect(charsetOf(['ISO_IR 192']).decode(raw('Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1='))).toBe(wang);
    expect(charsetOf(['GB18030']).decode(raw('Wang^XiaoDong=\xcd\xf5^\xd0\xa1\x96|='))).toBe(wang);
    expect(charsetOf(['GBK']).decode(raw('Wang^XiaoDong=\xcd\xf5^\xd0\xa1\x96|='))).toBe(wang);
  });
  test('K.2: Chinese with code extensions', () => {
    const name = 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=';
    expect(charsetOf(['', 'ISO 2022 IR 58']).decode(raw(name))).toBe('Zhang^XiaoDong=张^小东=');
  });
  test('a backslash as second byte of GB18030 belongs to its character', () => {
    expect(charsetOf(['GB18030']).decode(bytes('81 5c'))).toBe('乗');
  });
});

describe('terms that are not as they should be', () => {
  test.each(['ISO-IR 100', 'ISO IR 100', 'ISO_IR_100', 'iso_ir 100', 'ISO_IR100', 'ISO 2022-IR 100'])('%s', (term) => {
    expect(charsetOf([term])).toMatchObject({ unknownTerms: [] });
    expect(charsetOf([term]).decode(bytes('e4'))).toBe('ä');
  });
  test('an unknown term is named; text is read as UTF-8 where it is that, else Latin-1', () => {
    const charset = charsetOf(['KLINGON']);
    expect(charset.unknownTerms).toEqual(['KLINGON']);
    expect(charset.decode(bytes('c3 a4'))).toBe('ä');
    expect(charset.decode(bytes('e4'))).toBe('ä');
    expect(labelOf('KLINGON')).toBeUndefined();
  });
  test('beside an unknown term the others are still in force', () => {
    expect(charsetOf(['', 'ISO 2022 IR 87', 'KLINGON']).decode(raw('\x1b$B;3ED\x1b(B'))).toBe('山田');
  });
  test('an escape sequence that is cut or unknown costs no throw', () => {
    const { decode } = charsetOf(['', 'ISO 2022 IR 87']);
    for (const hex of ['1b', '1b 24', '1b 24 42', '1b 24 42 3b', '41 1b 2d', '1b 7a 7a 41']) decode(bytes(hex));
    expect(decode(bytes('41 1b'))).toBe('A');
  });
});

test.each([
  ['DOE^JANE^^DR^MD', { Alphabetic: 'DOE^JANE^^DR^MD' }],
  ['DOE^JANE^^^', { Alphabetic: 'DOE^JANE' }],
  ['=山田^太郎', { Ideographic: '山田^太郎' }],
  ['==やまだ', { Phonetic: 'やまだ' }],
  ['^^^', {}],
  ['', {}],
])('name %j', (text, wanted) => {
  expect(parsePersonName(text)).toEqual(wanted);
});
