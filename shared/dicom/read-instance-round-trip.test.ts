// What the builder writes is what the reader reads: every VR, every encoding, nested and private sequences.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binary, numbers, sequence, text, writeFile, type Dataset, type Element } from '../testing/dicom-builder.ts';
import { readInstance } from './read-instance.ts';
import type { ByteSource, DicomJson, DicomJsonElement, JsonValue, ParsedInstance, Refusal, TagKey } from './model.ts';
import type { Result } from '../base/result.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});
const read = (bytes: Uint8Array): Result<ParsedInstance, Refusal> =>
  readInstance(sourceOf(bytes), {
    inflate: (deflated, most) => inflateRawSync(deflated, { maxOutputLength: most }),
  });
function parsed(bytes: Uint8Array): ParsedInstance {
  const result = read(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
  return result.value;
}
const UIDS: Dataset = {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
  '00080018': text('UI', '1.2.3.4.5'),
  '00080060': text('CS', 'OT'),
  '00100020': text('LO', 'P1'),
  '0020000D': text('UI', '1.2.3'),
  '0020000E': text('UI', '1.2.3.4'),
};
/** A builder's file in the deflated syntax: what stands behind the file meta, deflated. */
function deflatedFile(dataset: Dataset): Uint8Array {
  const plain = writeFile(dataset, { transferSyntaxUid: DEFLATED });
  const start = parsedOffset(plain);
  return Buffer.concat([plain.subarray(0, start), deflateRawSync(plain.subarray(start))]);
}
function parsedOffset(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset);
  return 144 + view.getUint32(140, true);
}

// Private tags of one block, so that an arbitrary VR does not meet the dictionary's in the implicit encoding.
const privateTag = (index: number): TagKey => `000910${index.toString(16).toUpperCase().padStart(2, '0')}`;

interface Sample {
  element: Element;
  json: DicomJsonElement;
}
const word = fc
  .string({ unit: fc.constantFrom(...'ABC xyz09_-äß王'), minLength: 1, maxLength: 12 })
  .map((s) => `v${s.trim()}`);
const asciiWord = fc.string({ unit: fc.constantFrom(...'ABCXYZ09_'), minLength: 1, maxLength: 12 });
const texts = (vr: string, value: fc.Arbitrary<string>, most = 3): fc.Arbitrary<Sample> =>
  fc.array(value, { minLength: 1, maxLength: most }).map((values) => ({
    element: text(vr, ...values),
    json: { vr, Value: values.map((each): JsonValue => (vr === 'PN' ? { Alphabetic: each } : each)) },
  }));
const counts = (vr: string, value: fc.Arbitrary<number>): fc.Arbitrary<Sample> =>
  fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => ({
    element: numbers(vr, ...values),
    json: { vr, Value: values },
  }));
const numerals = (vr: string, value: fc.Arbitrary<number>): fc.Arbitrary<Sample> =>
  fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => ({
    element: text(vr, ...values.map(String)),
    json: { vr, Value: values },
  }));
const blobs = (vr: string): fc.Arbitrary<Sample> =>
  fc.uint8Array({ minLength: 1, maxLength: 8 }).map((some) => {
    const bytes = Uint8Array.from({ length: some.length * 8 }, (_, i) => (some[i % some.length] ?? 0) + i);
    return { element: binary(vr, bytes), json: { vr, InlineBinary: Buffer.from(bytes).toString('base64') } };
  });
const big = (vr: 'SV' | 'UV', value: fc.Arbitrary<bigint>): fc.Arbitrary<Sample> =>
  value.map((each) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, each), true);
    const isSafe = each >= BigInt(Number.MIN_SAFE_INTEGER) && each <= BigInt(Number.MAX_SAFE_INTEGER);
    return { element: binary(vr, bytes), json: { vr, Value: [isSafe ? Number(each) : String(each)] } };
  });

/** One arbitrary value of each VR of PS3.5 6.2 (SQ is made of them). */
const VALUES: Record<string, fc.Arbitrary<Sample>> = {
  AE: texts('AE', asciiWord),
  AS: texts('AS', fc.constantFrom('012Y', '003M')),
  CS: texts('CS', asciiWord),
  DA: texts('DA', fc.constantFrom('20240229', '19991231')),
  DT: texts('DT', fc.constantFrom('20240229101500.123456+0100')),
  TM: texts('TM', fc.constantFrom('101500.25', '10')),
  UI: texts('UI', fc.constantFrom('1.2.840', '2.25.1')),
  LO: texts('LO', word),
  SH: texts('SH', word),
  UC: texts('UC', word),
  PN: texts(
    'PN',
    word.map((each) => each.trimEnd()),
  ),
  LT: texts('LT', word, 1),
  ST: texts('ST', word, 1),
  UT: texts('UT', word, 1),
  UR: texts('UR', asciiWord, 1),
  DS: numerals(
    'DS',
    fc.integer({ min: -9999, max: 9999 }).map((each) => each / 8),
  ),
  IS: numerals('IS', fc.integer()),
  US: counts('US', fc.integer({ min: 0, max: 65535 })),
  SS: counts('SS', fc.integer({ min: -32768, max: 32767 })),
  UL: counts('UL', fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  SL: counts('SL', fc.integer()),
  FL: counts(
    'FL',
    fc.float({ noNaN: true, noDefaultInfinity: true }).filter((each) => !Object.is(each, -0)),
  ),
  FD: counts(
    'FD',
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((each) => !Object.is(each, -0)),
  ),
  AT: fc
    .array(fc.constantFrom('00100010', '7FE00010', 'FFFEE000'), { minLength: 1, maxLength: 3 })
    .map((tags) => ({ element: { vr: 'AT', values: tags }, json: { vr: 'AT', Value: tags } })),
  SV: big('SV', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  UV: big('UV', fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  OB: blobs('OB'),
  OW: blobs('OW'),
  OL: blobs('OL'),
  OF: blobs('OF'),
  OD: blobs('OD'),
  OV: blobs('OV'),
  UN: blobs('UN'),
};

interface Drawn {
  dataset: Dataset;
  json: DicomJson;
}
const { tree } = fc.letrec<{ tree: Drawn; leaves: Drawn }>((tie) => ({
  leaves: fc.array(fc.oneof(...Object.values(VALUES)), { maxLength: 6 }).map((samples) => ({
    dataset: Object.fromEntries(samples.map(({ element }, i) => [privateTag(i), element])),
    json: Object.fromEntries(samples.map(({ json }, i) => [privateTag(i), json])),
  })),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaves'),
    fc.tuple(tie('leaves'), fc.array(tie('tree'), { maxLength: 3 })).map(([leaves, items]) => ({
      dataset: { ...leaves.dataset, '000910F0': sequence(...items.map(({ dataset }) => dataset)) },
      json: {
        ...leaves.json,
        '000910F0': items.length ? { vr: 'SQ', Value: items.map(({ json }) => json) } : { vr: 'SQ' },
      },
    })),
  ),
}));

const UTF8: Dataset = { ...UIDS, '00080005': text('CS', 'ISO_IR 192') };
const readBack = (file: Uint8Array): DicomJson => {
  const { dataset, repairs } = parsed(file);
  expect(repairs).toEqual([]);
  return Object.fromEntries(Object.entries(dataset).filter(([tag]) => tag.startsWith('0009')));
};

describe('round trips', () => {
  test.each(Object.keys(VALUES))('VR %s, explicit', (vr) => {
    const values = VALUES[vr];
    if (!values) throw new Error(vr);
    fc.assert(
      fc.property(values, ({ element, json }) => {
        expect(readBack(writeFile({ ...UTF8, [privateTag(0)]: element }))).toEqual({ [privateTag(0)]: json });
      }),
      { numRuns: 40 },
    );
  });

  test.each([false, true])('nested private sequences, explicit, undefined lengths: %s', (hasUndefinedLengths) => {
    fc.assert(
      fc.property(tree, ({ dataset, json }) => {
        expect(readBack(writeFile({ ...UTF8, ...dataset }, { hasUndefinedLengths }))).toEqual(json);
      }),
      { numRuns: 150 },
    );
  });

  test('nested private sequences, deflated', () => {
    fc.assert(
      fc.property(tree, ({ dataset, json }) => {
        expect(readBack(deflatedFile({ ...UTF8, ...dataset }))).toEqual(json);
      }),
      { numRuns: 50 },
    );
  });

  test.each([IMPLICIT, EXPLICIT, BIG_ENDIAN])('elements of the dictionary, %s, both kinds of length', (uid) => {
    const rest: Dataset = {
      '00081140': sequence({ '00081150': text('UI', '1.2'), '00081155': text('UI', '1.2.9') }, {}),
      '00180050': text('DS', '2.5'),
      '00189087': numbers('FD', 0.1, -1e300),
      '00200032': text('DS', '-1.5', '2', '3e-2'),
      '00209165': { vr: 'AT', values: ['00200032', '7FE00010'] },
      '00280106': numbers('US', 40000),
      '00321033': text('LO', 'Müller'),
      '0040A730': sequence({ '0040A730': sequence({ '0040A160': text('UT', 'a\\b') }) }),
    };
    for (const hasUndefinedLengths of [false, true]) {
      const { dataset, repairs, transferSyntaxUid } = parsed(
        writeFile({ ...UTF8, ...rest }, { transferSyntaxUid: uid, hasUndefinedLengths }),
      );
      expect(repairs).toEqual([]);
      expect(transferSyntaxUid).toBe(uid);
      expect(dataset).toMatchObject({
        '00081140': { Value: [{ '00081150': { vr: 'UI', Value: ['1.2'] } }, {}] },
        '00180050': { vr: 'DS', Value: [2.5] },
        '00189087': { vr: 'FD', Value: [0.1, -1e300] },
        '00200032': { vr: 'DS', Value: [-1.5, 2, 0.03] },
        '00209165': { vr: 'AT', Value: ['00200032', '7FE00010'] },
        '00280106': { vr: 'US', Value: [40000] },
        '00321033': { vr: 'LO', Value: ['Müller'] },
        '0040A730': { Value: [{ '0040A730': { Value: [{ '0040A160': { vr: 'UT', Value: ['a\\b'] } }] } }] },
      });
    }
  });

  test('words of binary values are little endian in the answer, whatever the file is', () => {
    const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    for (const [vr, size] of Object.entries({ OB: 1, OW: 2, OL: 4, OF: 4, OD: 8, OV: 8 })) {
      const { dataset } = parsed(
        writeFile({ ...UIDS, [privateTag(0)]: binary(vr, bytes) }, { transferSyntaxUid: BIG_ENDIAN }),
      );
      const swapped = Buffer.from(bytes);
      for (let at = 0; at < 8; at += size) swapped.subarray(at, at + size).reverse();
      expect(dataset[privateTag(0)], vr).toEqual({ vr, InlineBinary: swapped.toString('base64') });
    }
  });

  test('a known element sent as UN is read by the dictionary, a sequence sent as UN in implicit VR', () => {
    const item = writeFile(
      { '00081150': text('UI', '1.2') },
      { transferSyntaxUid: IMPLICIT, hasPreamble: false, hasMeta: false },
    );
    const bytes = Buffer.concat([Buffer.from([0xfe, 0xff, 0, 0xe0, item.length, 0, 0, 0]), item]);
    const { dataset } = parsed(
      writeFile({ ...UIDS, '00081140': binary('UN', bytes), '00180050': binary('UN', Buffer.from('2.50')) }),
    );
    expect(dataset['00180050']).toEqual({ vr: 'DS', Value: [2.5] });
    expect(dataset['00081140']).toEqual({ vr: 'SQ', Value: [{ '00081150': { vr: 'UI', Value: ['1.2'] } }] });
  });
});
