// Values that are read in time and kept, whatever form they came in: sequences sent as UN, padding inside of long texts.
import { deflateRawSync, deflateSync, inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { binary, sequence, text, writeFile, type Dataset } from '../testing/dicom-builder.ts';
import { readInstance } from './read-instance.ts';
import type { ParsedInstance } from './model.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const UIDS: Dataset = {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
  '00080018': text('UI', '1.2.3.4.5'),
  '0020000D': text('UI', '1.2.3'),
  '0020000E': text('UI', '1.2.3.4'),
};

const delimiter = (isLittle: boolean): number[] =>
  isLittle ? [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0] : [0xff, 0xfe, 0xe0, 0xdd, 0, 0, 0, 0];

const read = (bytes: Uint8Array): ReturnType<typeof readInstance> =>
  readInstance(
    { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) },
    { inflate: (deflated) => inflateRawSync(deflated) },
  );
function parsed(bytes: Uint8Array): ParsedInstance {
  const result = read(bytes);
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}
const codes = (bytes: Uint8Array): string[] => parsed(bytes).repairs.map(({ code }) => code);

const coded = (isExplicit: boolean): Uint8Array => {
  const [with_, without] = [{ '00080100': text('SH', 'CODE') }, {}].map((item) =>
    writeFile(
      { '0040A043': sequence(item) },
      { transferSyntaxUid: isExplicit ? EXPLICIT : IMPLICIT, hasPreamble: false, hasMeta: false },
    ),
  ) as [Uint8Array, Uint8Array];
  return with_.subarray(without.length - 8);
};
test.each([
  ['implicit VR', coded(false), [], [{ '00080100': { vr: 'SH', Value: ['CODE'] } }]],
  ['explicit VR', coded(true), ['invalid-vr'], [{ '00080100': { vr: 'SH', Value: ['CODE'] } }]],
] as const)('a sequence sent as UN is read in %s', (_name, value, wanted, items) => {
  const file = writeFile({ ...UIDS, '0040A043': binary('UN', value), '0040A491': text('CS', 'COMPLETE') });
  expect(codes(file)).toEqual(wanted);
  expect(parsed(file).dataset['0040A043']).toEqual({ vr: 'SQ', Value: items });
  expect(parsed(file).dataset['0040A491']).toEqual({ vr: 'CS', Value: ['COMPLETE'] });
});
test.each([
  ['little endian, as it should be', true],
  ['in the byte order of the file', false],
])('a sequence of undefined length sent as UN in a big endian file is read %s', (_name, isLittle) => {
  const value = coded(false).slice();
  const view = new DataView(value.buffer);
  if (!isLittle) {
    // Item tag and length, element tag and length.
    for (const at of [0, 2, 8, 10]) view.setUint16(at, view.getUint16(at, true));
    for (const at of [4, 12]) view.setUint32(at, view.getUint32(at, true));
  }
  const file = writeFile(
    {
      ...UIDS,
      '0040A043': binary('UN', Uint8Array.from([...value, ...delimiter(isLittle)])),
      '0040A491': text('CS', 'OK'),
    },
    { transferSyntaxUid: BIG },
  );
  const at = Buffer.from(file).indexOf(Buffer.from([0x00, 0x40, 0xa0, 0x43, 0x55, 0x4e]));
  file.set([0xff, 0xff, 0xff, 0xff], at + 8);
  expect(codes(file)).toEqual([]);
  expect(parsed(file).dataset['0040A043']).toEqual({
    vr: 'SQ',
    Value: [{ '00080100': { vr: 'SH', Value: ['CODE'] } }],
  });
  expect(parsed(file).dataset['0040A491']).toEqual({ vr: 'CS', Value: ['OK'] });
});
test('what is UN and no sequence, though its tag is one, is kept as it is', () => {
  const file = writeFile({ ...UIDS, '0040A043': binary('UN', Uint8Array.of(1, 2, 3, 4)) });
  expect(codes(file)).toEqual(['invalid-value']);
  expect(parsed(file).dataset['0040A043']).toEqual({ vr: 'UN', InlineBinary: 'AQIDBA==' });
});
test('sequences sent as UN in one another cost bounded time where none can be read', () => {
  let value = Uint8Array.of(1);
  for (let depth = 0; depth < 40; depth++) {
    const header = new DataView(new ArrayBuffer(20));
    [0xfffe, 0xe000].forEach((word, at) => header.setUint16(at * 2, word, true));
    header.setUint32(4, 12 + value.length, true);
    [0x0040, 0xa730].forEach((word, at) => header.setUint16(8 + at * 2, word, true));
    header.setUint32(12, 4 + value.length, true);
    value = Uint8Array.from([...new Uint8Array(header.buffer), ...value]);
  }
  // Twice the work for each level would be 2^40: it would not end.
  expect(read(writeFile({ ...UIDS, '0040A730': binary('UN', value) })).ok).toBe(true);
});

test('a name of delimiters alone is no value', () => {
  const names = (...values: string[]): unknown =>
    parsed(writeFile({ ...UIDS, '00102297': text('PN', ...values) })).dataset['00102297'];
  expect(names('^^^^')).toEqual({ vr: 'PN' });
  expect(names('=^=')).toEqual({ vr: 'PN' });
  expect(names('A^^', '^')).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'A' }, null] });
});

/** So many that a step for each two of them would not end in the time of a test. */
const many = 2_000_000;
test.each([
  ['0040A160', text('UT', `${' '.repeat(many)}x`)],
  ['00189919', text('UC', `x${' '.repeat(many)}x `)],
  ['00104000', text('LT', `${'\0'.repeat(many)}x`)],
  ['00102297', text('PN', `${'^'.repeat(many)}x`)],
  ['00101030', text('DS', `${'1'.repeat(many)}x`)],
])('a long value of %s with padding inside is read in time', (tag, element) => {
  const file = writeFile({ ...UIDS, [tag]: element }, { transferSyntaxUid: IMPLICIT });
  expect(parsed(file).dataset[tag]?.Value?.[0]).toBeDefined();
});

test.each([
  ['deflated', (bytes: Uint8Array) => deflateRawSync(bytes), [], DEFLATED],
  ['deflated with a zlib header', (bytes: Uint8Array) => deflateSync(bytes), ['invalid-value'], DEFLATED],
  ['not deflated, though it says so', (bytes: Uint8Array) => bytes, ['wrong-transfer-syntax'], EXPLICIT],
] as const)('a data set that is %s is read', (_name, pack, wanted, syntax) => {
  const said = writeFile(UIDS, { transferSyntaxUid: DEFLATED });
  const start = Buffer.from(said).indexOf(Buffer.from([8, 0, 0x16, 0]));
  const file = Uint8Array.from([...said.subarray(0, start), ...pack(said.subarray(start))]);
  expect(codes(file)).toEqual(wanted);
  expect(parsed(file)).toMatchObject({ transferSyntaxUid: syntax, dataset: { '00080018': { Value: ['1.2.3.4.5'] } } });
});

const latin1 = (value: string): Uint8Array => Buffer.from(value, 'latin1');
const named = (charset: string, name: Uint8Array): Uint8Array =>
  writeFile({
    ...UIDS,
    '00080005': text('CS', charset),
    '00100010': binary('PN', name),
    '00104000': binary('LT', name),
  });
test.each([
  ['ISO_IR 192', latin1('M\xFCller')],
  ['GB18030', latin1('M\xFFll')],
  ['ISO_IR 192', Buffer.from('M\uFFFD\xFC', 'latin1')],
  // Read as Latin-1, for want of anything better.
  ['', latin1('M\xFCller')],
  ['ISO_IR 6', latin1('M\xFCller')],
  ['\\ISO 2022 IR 87', latin1('M\xFCller')],
  ['', latin1('Yamada=\x1b$B;3ED\x1b(B')],
  ['ISO_IR 100', latin1('Yamada=\x1b$B;3ED\x1b(B')],
  ['ISO 2022 IR 6\\ISO 2022 IR 159', latin1('A=\x1b$(D0!0\x1b(B')],
])('text that does not fit %s, which the file declares, is told once', (charset, name) => {
  const { repairs } = parsed(named(charset, name));
  expect(repairs).toEqual([
    {
      code: 'unfit-text',
      detail:
        'The text of (0010,0010) does not fit the character set that the file declares, which is ASCII where it declares none; text may read wrong.',
      tag: '00100010',
      offset: expect.any(Number) as number,
    },
  ]);
});
test.each([
  ['ISO_IR 192', Buffer.from('Müller')],
  ['ISO_IR 192', Buffer.from('M\uFFFDller')],
  ['ISO_IR 100', latin1('M\xFCller')],
  ['', Buffer.from('Müller')],
  ['\\ISO 2022 IR 87', latin1('Yamada=\x1b$B;3ED\x1b(B')],
  ['ISO 2022 IR 100', latin1('M\xFCller')],
  ['ISO 2022 IR 6\\ISO 2022 IR 159', latin1('A=\x1b$(D0!\x1b(B')],
])('text that fits %s is fine, the sign for an unknown letter too', (charset, name) => {
  expect(parsed(named(charset, name)).repairs).toEqual([]);
});
