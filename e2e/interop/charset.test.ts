// Random text of each character set, encoded by pydicom and read here.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { charsetOf } from '../../shared/dicom/charset.ts';

const PYTHON = '/usr/bin/python3';
const canCompare = spawnSync(PYTHON, ['-c', 'import pydicom']).status === 0;

const SCRIPT = `
import sys, json, warnings
warnings.simplefilter('error')
from pydicom.charset import convert_encodings, encode_string
from pydicom.valuerep import PersonName
for terms, text in json.load(sys.stdin):
    try:
        print(PersonName(text).encode(convert_encodings(terms)).hex() if '^' in text else encode_string(text, convert_encodings(terms)).hex())
    except Exception as e:
        print('-')
`;

const LATIN = 'ABCxyz ';
/** Terms, and characters that they can write. Not IR 58: Debian's pydicom writes it without its escape sequence; nor
 * half-width katakana beside kanji: it writes a delimiter while kanji are still in G0. */
const CASES: [terms: string[], characters: string][] = [
  [['ISO_IR 100'], 'äöüßéñç'],
  [['ISO_IR 101'], 'łťąžő'],
  [['ISO_IR 109'], 'ħĉĝŭ'],
  [['ISO_IR 110'], 'āųŋķ'],
  [['ISO_IR 144'], 'ЛюксембургЂ'],
  [['ISO_IR 127'], 'قبانيلن'],
  [['ISO_IR 126'], 'Διονυσιος'],
  [['ISO_IR 138'], 'קבנטתרפא'],
  [['ISO_IR 148'], 'ğışİ'],
  [['ISO_IR 166'], 'สมชายกขค'],
  [['ISO_IR 13'], 'ﾔﾏﾀﾞﾛｳ'],
  [['ISO_IR 192'], 'äЖ山한𠀀'],
  [['GB18030'], '王小東张乗Ж'],
  [['GBK'], '王小東张乗'],
  [['', 'ISO 2022 IR 87'], '山田太郎やまだたろうカ'],
  [['ISO 2022 IR 13', 'ISO 2022 IR 87'], '山田太郎'],
  [['', 'ISO 2022 IR 149'], '洪吉洞홍길동'],
  [['ISO 2022 IR 100', 'ISO 2022 IR 144'], 'äöЛю'],
  [['', 'ISO 2022 IR 126', 'ISO 2022 IR 144'], 'ΔιЛю'],
];

describe.skipIf(!canCompare)('pydicom writes, the reader reads', () => {
  const drawn = CASES.map(([terms, characters]) => {
    const word = fc.string({ unit: fc.constantFrom(...characters, ...LATIN), minLength: 1, maxLength: 8 });
    const name = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('^'));
    return fc.sample(name, { numRuns: 60, seed: 20240229 }).map((text) => [terms, text] as const);
  });
  const asked = drawn.flat();
  const answers = canCompare
    ? spawnSync(PYTHON, ['-c', SCRIPT], { input: JSON.stringify(asked) })
        .stdout.toString()
        .trim()
        .split('\n')
    : [];

  test.each(CASES.map(([terms], index) => [terms.join('\\'), index] as const))('%s', (_name, index) => {
    const before = drawn.slice(0, index).flat().length;
    let compared = 0;
    for (const [offset, [terms, text]] of (drawn[index] ?? []).entries()) {
      const hex = answers[before + offset];
      if (hex === undefined || hex === '-') continue;
      compared++;
      expect(charsetOf(terms).decode(Buffer.from(hex, 'hex')), hex).toBe(text);
    }
    expect(compared).toBeGreaterThan(10);
  });
});
