// What is written in a character set reads back, byte for byte as the standard's own examples where it has some (PS3.5 H, I, J).
import { describe, expect, test } from 'vitest';
import { charsetOf } from './charset.ts';
import { encodeText } from './encode-text.ts';

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

describe('encodeText', () => {
  test.each([
    ['Müller^Jörg', ['ISO_IR 100']],
    ['Buc^Jérôme', ['ISO_IR 100']],
    ['Διονυσιος', ['ISO_IR 126']],
    ['Люкceмбypг', ['ISO_IR 144']],
    ['קבנט^תרפא', ['ISO_IR 138']],
    ['Łukasz Żółw', ['ISO_IR 101']],
    ['สมชาย', ['ISO_IR 166']],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', ['', 'ISO 2022 IR 87']],
    ['ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう', ['ISO 2022 IR 13', 'ISO 2022 IR 87']],
    ['Hong^Gildong=洪^吉洞=홍^길동', ['', 'ISO 2022 IR 149']],
    ['Zhang^XiaoDong=张^小东', ['', 'ISO 2022 IR 58']],
    ['Wang^XiaoDong=王^小東', ['GB18030']],
    ['𠀀 and €', ['GB18030']],
    ['Wang^XiaoDong=王^小東=Ελένη 𠀀', ['ISO_IR 192']],
    ['DOE^JANE', ['']],
  ])('%s in %j reads back', (text, terms) => {
    const encoded = encodeText(text, terms);
    expect(encoded.ok).toBe(true);
    if (encoded.ok) expect(charsetOf(terms).decode(encoded.value)).toBe(text);
  });

  test('the Japanese example of PS3.5 H.3.1 byte for byte', () => {
    const encoded = encodeText('Yamada^Tarou=山田^太郎', ['', 'ISO 2022 IR 87']);
    expect(encoded.ok && hex(encoded.value)).toBe(
      '59 61 6d 61 64 61 5e 54 61 72 6f 75 3d 1b 24 42 3b 33 45 44 1b 28 42 5e 1b 24 42 42 40 4f 3a 1b 28 42',
    );
  });

  test('the Korean example of PS3.5 I.2 byte for byte: the set is announced anew behind each delimiter', () => {
    const encoded = encodeText('Hong^Gildong=洪^吉洞', ['', 'ISO 2022 IR 149']);
    expect(encoded.ok && hex(encoded.value)).toBe(
      '48 6f 6e 67 5e 47 69 6c 64 6f 6e 67 3d 1b 24 29 43 fb f3 5e 1b 24 29 43 d1 ce d4 d7',
    );
  });

  test('reads back whether or not a delimiter puts the first set back, which depends on the VR', () => {
    const terms = ['ISO 2022 IR 100', 'ISO 2022 IR 126'];
    for (const text of ['αβ=ä', 'ä=αβ^αβ', 'αβ\\äα']) {
      const encoded = encodeText(text, terms);
      for (const vr of ['PN', 'LO', 'LT'])
        expect(encoded.ok && charsetOf(terms).decode(encoded.value, vr), `${text} ${vr}`).toBe(text);
    }
  });

  test.each([
    ['Müller', [''], 'ü'],
    ['Łuk', ['ISO_IR 100'], 'Ł'],
    ['王', ['ISO_IR 100'], '王'],
    ['홍', ['', 'ISO 2022 IR 87'], '홍'],
  ])('%s has no place in %j', (text, terms, character) => {
    expect(encodeText(text, terms)).toEqual({ ok: false, error: { character } });
  });
});
