// The header reader against files that the builder writes: every cut, every damage, every wrong statement.
// Round trips are in read-instance-round-trip.test.ts.
// What it says of real files stands beside pydicom in e2e/interop.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binary,
  numbers,
  sequence,
  text,
  writeFile,
  type Dataset,
  type WriteOptions,
} from '../testing/dicom-builder.ts';
import { readInstance } from './read-instance.ts';
import type { ByteSource, ParsedInstance, Refusal } from './model.ts';
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
const codes = (bytes: Uint8Array): string[] => parsed(bytes).repairs.map(({ code }) => code);
const refusal = (bytes: Uint8Array): Refusal | undefined => {
  const result = read(bytes);
  return result.ok ? undefined : result.error;
};

const UIDS: Dataset = {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
  '00080018': text('UI', '1.2.3.4.5'),
  '00080060': text('CS', 'OT'),
  '00100020': text('LO', 'P1'),
  '0020000D': text('UI', '1.2.3'),
  '0020000E': text('UI', '1.2.3.4'),
};
const IMAGE: Dataset = {
  ...UIDS,
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
  '00280002': numbers('US', 1),
  '00280010': numbers('US', 3),
  '00280011': numbers('US', 5),
  '00280100': numbers('US', 16),
  '00280101': numbers('US', 12),
  '00280102': numbers('US', 11),
  '00280103': numbers('US', 0),
  '7FE00010': binary(
    'OW',
    Uint8Array.from({ length: 30 }, (_, i) => i),
  ),
};

/** A builder's file in the deflated syntax: what stands behind the file meta, deflated. */
function deflatedFile(dataset: Dataset, transferSyntaxUid = DEFLATED): Uint8Array {
  const plain = writeFile(dataset, { transferSyntaxUid });
  const start = parsedOffset(plain);
  return Buffer.concat([plain.subarray(0, start), deflateRawSync(plain.subarray(start))]);
}
function parsedOffset(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset);
  return 144 + view.getUint32(140, true);
}

/** Cuts a file at every length. A cut file is refused, or read with a record of what is missing. */
function everyCut(file: Uint8Array): string[] {
  const plain: string[] = [];
  for (let length = 0; length < file.length; length++) {
    const result = read(file.subarray(0, length));
    if (result.ok ? result.value.repairs.length === 0 : result.error.detail === '') plain.push(`${length}`);
    else if (!result.ok) expect(result.error.detail, `cut at ${length}`).not.toContain('could not be read');
  }
  return plain;
}

describe('every cut of a file is refused or said', () => {
  const nested: Dataset = {
    ...IMAGE,
    '00081140': sequence({ '00081150': text('UI', '1.2'), '00081155': text('UI', '1.2.9') }),
    '00091010': binary('UN', Uint8Array.from([1, 2, 3, 4])),
  };
  const cases: [string, Uint8Array][] = [
    ['explicit', writeFile(nested)],
    ['explicit, undefined lengths', writeFile(nested, { hasUndefinedLengths: true })],
    ['implicit', writeFile(nested, { transferSyntaxUid: IMPLICIT })],
    ['big endian', writeFile(nested, { transferSyntaxUid: BIG_ENDIAN })],
    ['deflated', deflatedFile(nested)],
    ['without preamble', writeFile(nested, { hasPreamble: false })],
  ];
  test.each(cases)('%s', (_name, file) => {
    expect(everyCut(file)).toEqual([]);
  });

  test('encapsulated pixel data', () => {
    const { '7FE00010': _pixels, ...header } = IMAGE;
    const file = writeFile(
      { ...header, '00280008': text('IS', '2') },
      {
        transferSyntaxUid: '1.2.840.10008.1.2.4.90',
        frames: [[Uint8Array.from([0xff, 0x4f, 1, 2])], [Uint8Array.from([0xff, 0x4f, 3, 4])]],
      },
    );
    expect(everyCut(file)).toEqual([]);
  });

  test.each(['66.4', '66.7', '30', '2'])('an object of class ...%s that ends before its rows may be cut', (end) => {
    const header = { ...UIDS, '00080016': text('UI', `1.2.840.10008.5.1.4.1.1.${end}`) };
    expect(codes(writeFile(header))).toEqual(['truncated-pixels']);
  });

  test('a cut inside an element names its tag and place', () => {
    const file = writeFile({ ...UIDS, '00321033': text('LO', 'a longer text') });
    expect(refusal(file.subarray(0, file.length - 4))).toMatchObject({
      code: 'truncated',
      tag: '00321033',
      offset: file.length - 22,
    });
  });
});

describe('mutations', () => {
  test('any damage gives an answer, never a throw, and never takes long', () => {
    const file = writeFile(
      { ...IMAGE, '00081140': sequence({ '00081150': text('UI', '1.2') }) },
      { hasUndefinedLengths: true },
    );
    const refused = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const damaged = file.slice();
          for (const [at, value] of changes) damaged[at] = value;
          const result = read(damaged);
          if (!result.ok) {
            refused.add(result.error.code);
            expect(result.error.detail).not.toContain('could not be read');
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(refused.has('malformed') || refused.has('truncated')).toBe(true);
  });

  test('arbitrary bytes are never an internal failure', () => {
    const broken: string[] = [];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
        const result = read(bytes);
        if (!result.ok && result.error.detail.includes('could not be read')) broken.push(result.error.detail);
      }),
      { numRuns: 1000 },
    );
    expect(broken).toEqual([]);
  });

  test('nesting is bounded', () => {
    const nest = (depth: number): Dataset => (depth === 0 ? {} : { '0040A730': sequence(nest(depth - 1)) });
    expect(read(writeFile({ ...UIDS, ...nest(60) })).ok).toBe(true);
    for (const hasUndefinedLengths of [false, true])
      expect(refusal(writeFile({ ...UIDS, ...nest(400) }, { hasUndefinedLengths }))).toMatchObject({
        code: 'too-deep',
      });
  });

  test('a length beyond the file is refused without reading it', () => {
    const file = writeFile({ ...UIDS, '00420011': binary('OB', new Uint8Array(8)) });
    new DataView(file.buffer).setUint32(file.length - 12, 0xfffffff0, true);
    expect(refusal(file)).toMatchObject({ code: 'truncated', tag: '00420011' });
  });

  test.each(['94', '95', '204', '205'])('pixels by reference (JPIP .4.%s) are read, deflated or not', (last) => {
    const { '7FE00010': _pixels, ...header } = IMAGE;
    const uid = `1.2.840.10008.1.2.4.${last}`;
    const dataset = { ...header, '00287FE0': text('UR', 'https://pacs.test/jpip') };
    const file = last.endsWith('5') ? deflatedFile(dataset, uid) : writeFile(dataset, { transferSyntaxUid: uid });
    expect(read(file)).toMatchObject({
      ok: true,
      value: { transferSyntaxUid: uid, frames: { kind: 'none' }, dataset: { '00287FE0': { vr: 'UR' } }, repairs: [] },
    });
  });

  test('a deflated bomb is refused', () => {
    const file = writeFile(UIDS, { transferSyntaxUid: DEFLATED });
    const bomb = Buffer.concat([file.subarray(0, parsedOffset(file)), deflateRawSync(Buffer.alloc(5_000_000))]);
    const result = readInstance(sourceOf(bomb), {
      inflate: (bytes) => inflateRawSync(bytes, { maxOutputLength: 1_000_000 }),
    });
    expect(result.ok).toBe(false);
    if (!result.ok)
      expect(result.error).toMatchObject({
        code: 'too-large',
        detail: 'The deflated data set unpacks to more than is taken in.',
      });
    expect(readInstance(sourceOf(bomb)).ok).toBe(false);
  });
});

describe('what is not as it says', () => {
  const write = (options: WriteOptions): Uint8Array => writeFile(IMAGE, options);
  test.each([IMPLICIT, EXPLICIT, BIG_ENDIAN])('no preamble, no file meta, %s: the encoding is seen', (uid) => {
    const file = write({ transferSyntaxUid: uid, hasPreamble: false, hasMeta: false });
    expect(codes(file)).toEqual(['missing-meta']);
    expect(parsed(file).transferSyntaxUid).toBe(uid);
  });
  test('no preamble', () => expect(codes(write({ hasPreamble: false }))).toEqual(['missing-preamble']));
  test('no file meta behind a preamble', () => expect(codes(write({ hasMeta: false }))).toEqual(['missing-meta']));
  test('DICM at the very start', () => expect(codes(write({}).subarray(128))).toEqual(['missing-preamble']));
  test('another word than DICM', () => {
    const file = write({});
    file.set(Buffer.from('XXXX'), 128);
    expect(codes(file)).toEqual(['missing-preamble']);
  });
  test('a wrong length of the file meta group', () => {
    const file = write({});
    new DataView(file.buffer).setUint32(140, 7, true);
    expect(codes(file)).toEqual(['meta-group-length']);
  });

  test.each(
    [IMPLICIT, EXPLICIT, BIG_ENDIAN].flatMap((real) =>
      [IMPLICIT, EXPLICIT, BIG_ENDIAN].filter((said) => said !== real).map((said) => [said, real] as const),
    ),
  )('said to be %s, really %s', (said, real) => {
    const head = writeFile(IMAGE, { transferSyntaxUid: said });
    const body = writeFile(IMAGE, { transferSyntaxUid: real, hasPreamble: false, hasMeta: false });
    const file = Buffer.concat([head.subarray(0, parsedOffset(head)), body]);
    expect(codes(file)).toEqual(['wrong-transfer-syntax']);
    const { transferSyntaxUid, dataset, frames } = parsed(file);
    expect(transferSyntaxUid).toBe(real);
    expect(dataset['00280011']).toEqual({ vr: 'US', Value: [5] });
    expect(frames).toMatchObject({ kind: 'native', count: 1, bigEndianWordBytes: real === BIG_ENDIAN ? 2 : 1 });
  });

  test.each([IMPLICIT, EXPLICIT])('%s: what is US or SS follows Pixel Representation, an icon has its own', (uid) => {
    const icon = { '00280103': numbers('US', 0), '00280106': numbers('US', 65000) };
    const { dataset } = parsed(
      writeFile(
        {
          ...IMAGE,
          '00280103': numbers('US', 1),
          '00280106': numbers('SS', -980),
          '00280120': numbers('SS', -2000),
          '00283000': sequence({ '00283002': numbers('SS', 4, -2, 16) }),
          '00880200': sequence(icon),
        },
        { transferSyntaxUid: uid },
      ),
    );
    expect(dataset['00280106']).toEqual({ vr: 'SS', Value: [-980] });
    expect(dataset['00280120']).toEqual({ vr: 'SS', Value: [-2000] });
    expect(dataset['00283000']?.Value?.[0]).toMatchObject({ '00283002': { vr: 'SS', Value: [4, -2, 16] } });
    expect(dataset['00880200']?.Value?.[0]).toMatchObject({ '00280106': { vr: 'US', Value: [65000] } });
  });

  test('an odd length is read and said', () => {
    const file = writeFile({ ...UIDS, '00321033': text('LO', 'abcdef') });
    const odd = file.slice(0, file.length - 1);
    new DataView(odd.buffer).setUint16(odd.length - 7, 5, true);
    expect(codes(odd)).toEqual(['odd-length']);
    expect(parsed(odd).dataset['00321033']).toEqual({ vr: 'LO', Value: ['abcde'] });
  });

  test.each([IMPLICIT, EXPLICIT, BIG_ENDIAN])('%s: zeros that fill up the last block are said', (uid) => {
    const file = writeFile(UIDS, { transferSyntaxUid: uid });
    const filled = new Uint8Array(file.length + 40_000);
    filled.set(file);
    expect(codes(filled)).toEqual(['trailing-bytes']);
    expect(parsed(filled).dataset).toEqual(parsed(file).dataset);
  });

  test('of several UIDs in the place of one the first counts, and that is said', () => {
    const file = writeFile({ ...UIDS, '00080018': text('UI', '1.2.3.4.5', '1.2.3.4.6') });
    expect(parsed(file).repairs).toEqual([
      { code: 'invalid-value', detail: 'There are several SOP Instance UIDs; the first counts.', tag: '00080018' },
    ]);
  });

  test('letters that are no VR', () => {
    const file = writeFile({ ...UIDS, '00281050': text('DS', '2.50'), '00281051': text('DS', '80') });
    file.set(Buffer.from('zz'), file.length - 18);
    expect(codes(file)).toEqual(['invalid-vr']);
    expect(parsed(file).dataset['00281050']).toEqual({ vr: 'DS', Value: [2.5] });
  });

  test('an element that comes twice: the first is kept', () => {
    const plain = writeFile(UIDS);
    const again = writeFile({ '0020000E': text('UI', '9.9') }, { hasPreamble: false, hasMeta: false });
    const file = Buffer.concat([plain, again]);
    expect(codes(file)).toEqual(['invalid-value']);
    expect(parsed(file).dataset['0020000E']?.Value).toEqual(['1.2.3.4']);
  });

  test('bytes behind the pixel data', () => {
    expect(codes(Buffer.concat([writeFile(IMAGE), Buffer.alloc(40)]))).toEqual(['trailing-bytes']);
  });

  test('numbers that are none', () => {
    const file = writeFile({ ...UIDS, '00180050': text('DS', 'thick') });
    expect(codes(file)).toEqual(['invalid-value']);
    expect(parsed(file).dataset['00180050']).toEqual({ vr: 'DS', Value: ['thick'] });
  });

  test.each([
    ['0020000D', 'missing-attribute'],
    ['0020000E', 'missing-attribute'],
    ['00080018', 'missing-attribute'],
  ])('%s is absent: made or taken from the file meta, and said', (tag, code) => {
    const whole = writeFile(IMAGE);
    const { [tag]: _gone, ...rest } = IMAGE;
    const body = writeFile(rest, { hasPreamble: false, hasMeta: false });
    const file = Buffer.concat([whole.subarray(0, parsedOffset(whole)), body]);
    expect(codes(file)).toEqual([code]);
    expect(parsed(file).dataset[tag]?.Value).toHaveLength(1);
  });

  test.each(['../../etc', '1.2/3', '<b>', '1'.repeat(65)])('%s as SOP Instance UID', (uid) => {
    expect(refusal(writeFile({ ...UIDS, '00080018': text('UI', uid) }))).toMatchObject({
      code: 'invalid-uid',
      tag: '00080018',
    });
  });

  test('fewer functional groups than frames', () => {
    const groupsFor = (count: number): Uint8Array =>
      writeFile({
        ...IMAGE,
        '00280008': text('IS', '3'),
        '52009230': sequence(...Array.from({ length: count }, () => ({}))),
        '7FE00010': binary('OW', new Uint8Array(3 * 30)),
      });
    expect(codes(groupsFor(3))).toEqual([]);
    expect(parsed(groupsFor(2)).repairs).toMatchObject([
      { code: 'invalid-value', tag: '52009230', detail: expect.stringContaining('2 items for 3 frames') },
    ]);
  });

  test('an image without its pixels says so', () => {
    const { '7FE00010': _pixels, ...header } = IMAGE;
    expect(codes(writeFile(header))).toEqual(['truncated-pixels']);
  });
  test('an empty file, a text, a PNG', () => {
    expect(refusal(new Uint8Array(0))).toMatchObject({ code: 'empty' });
    expect(refusal(Buffer.from('just a text file, longer than a preamble. '.repeat(10)))).toMatchObject({
      code: 'not-dicom',
    });
    expect(refusal(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(300, 7)]))).toMatchObject({
      code: 'not-dicom',
    });
  });
});
