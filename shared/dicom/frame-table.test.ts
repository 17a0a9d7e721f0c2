// Where frames lie: native and encapsulated, with and without offset tables, and with tables and counts that are wrong.
import { describe, expect, test } from 'vitest';
import { binary, numbers, text, writeFile, type Dataset, type WriteOptions } from '../testing/dicom-builder.ts';
import { readInstance } from './read-instance.ts';
import type { FrameTable } from './model.ts';

const J2K = '1.2.840.10008.1.2.4.90';
const RLE = '1.2.840.10008.1.2.5';
const image = (frames: string | undefined, changed: Dataset = {}): Dataset => ({
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
  '00080018': text('UI', '1.2.3.4.5'),
  '0020000D': text('UI', '1.2.3'),
  '0020000E': text('UI', '1.2.3.4'),
  '00280002': numbers('US', 1),
  ...(frames !== undefined && { '00280008': text('IS', frames) }),
  '00280010': numbers('US', 3),
  '00280011': numbers('US', 5),
  '00280100': numbers('US', 8),
  '00280101': numbers('US', 8),
  '00280102': numbers('US', 7),
  '00280103': numbers('US', 0),
  ...changed,
});

/** A fragment that begins as a JPEG 2000 codestream, or goes on with one. */
const start = (value: number, length = 8): Uint8Array =>
  Uint8Array.from([0xff, 0x4f, ...new Uint8Array(length - 2).fill(value)]);
const rest = (value: number): Uint8Array => new Uint8Array(6).fill(value);

interface Found {
  frames: FrameTable;
  codes: string[];
  details: string[];
  stated: unknown;
  /** Bytes of each frame of encapsulated pixel data. */
  bytes: number[][];
}
function read(file: Uint8Array): Found {
  const parsed = readInstance({ size: file.length, read: (at, length) => file.subarray(at, at + length) });
  if (!parsed.ok) throw new Error(parsed.error.detail);
  const { frames, repairs } = parsed.value;
  const bytes =
    frames.kind === 'encapsulated'
      ? frames.frames.map((parts) => parts.flatMap(({ offset, length }) => [...file.subarray(offset, offset + length)]))
      : [];
  const stated = parsed.value.dataset['00280008']?.Value?.[0];
  return {
    frames,
    codes: repairs.map(({ code }) => code),
    details: repairs.map(({ detail }) => detail),
    stated,
    bytes,
  };
}
const encapsulated = (
  frames: readonly (readonly Uint8Array[])[],
  count: string | undefined,
  options: WriteOptions = {},
  changed: Dataset = {},
): Uint8Array => writeFile(image(count, changed), { transferSyntaxUid: J2K, frames, ...options });
const wanted = (frames: readonly (readonly Uint8Array[])[]): number[][] =>
  frames.map((parts) => parts.flatMap((part) => [...part]));
const offsets = (...values: number[]): Uint8Array => new Uint8Array(BigUint64Array.from(values.map(BigInt)).buffer);

describe('native frames', () => {
  const native = (count: string | undefined, length: number, changed: Dataset = {}): Found =>
    read(writeFile({ ...image(count, changed), '7FE00010': binary('OB', new Uint8Array(length)) }));

  test.each([
    [undefined, 16, 1, []],
    ['2', 30, 2, []],
    ['3', 46, 3, []],
    ['3', 30, 3, ['truncated-pixels']],
    ['1', 30, 1, ['pixel-length-mismatch']],
    ['0', 30, 2, ['frame-count-guessed']],
    ['many', 30, 2, ['invalid-value', 'frame-count-guessed']],
  ])('%s frames in %i bytes', (count, length, frames, codes) => {
    const found = native(count, length);
    expect(found.frames).toMatchObject({ kind: 'native', count: frames, frameBits: 120, length });
    expect(found.codes).toEqual(codes);
  });

  test.each([
    ['YBR_FULL_422', 60, 240, []],
    ['YBR_PARTIAL_422', 60, 240, []],
    ['YBR_FULL_422', 90, 360, ['pixel-length-mismatch']],
    ['RGB', 90, 360, []],
  ])('%s in %i bytes: frames of %i bits', (photometric, length, frameBits, codes) => {
    const pixels = {
      '00280002': numbers('US', 3),
      '00280004': text('CS', photometric),
      '7FE00010': binary('OB', new Uint8Array(length)),
    };
    expect(read(writeFile(image('2', pixels)))).toMatchObject({ frames: { count: 2, frameBits }, codes });
  });

  test('a number of frames that was found by counting stands in the data set from then on', () => {
    expect(native('many', 30).stated).toBe(2);
    expect(native('0', 30).stated).toBe(2);
    expect(native('3', 46).stated).toBe(3);
    expect(native(undefined, 16).stated).toBeUndefined();
  });

  test('single bits run on from frame to frame', () => {
    const found = native('3', 6, { '00280100': numbers('US', 1), '00280101': numbers('US', 1) });
    expect(found).toMatchObject({ frames: { frameBits: 15, count: 3 }, codes: [] });
  });

  test('without a size there are no frames, and that is said', () => {
    expect(native('1', 30, { '00280010': numbers('US', 0) })).toMatchObject({
      frames: { kind: 'none' },
      codes: ['pixel-length-mismatch'],
    });
  });
});

describe('encapsulated frames', () => {
  const single = [[start(1)], [start(2)], [start(3)]];
  const several = [[start(1), rest(1)], [start(2)], [start(3), rest(3), rest(3)]];

  test.each([
    ['a fragment each', single],
    ['several fragments each', several],
  ])('%s: with a Basic Offset Table and without one', (_name, frames) => {
    for (const hasOffsetTable of [true, false])
      expect(read(encapsulated(frames, '3', { hasOffsetTable }))).toMatchObject({ bytes: wanted(frames), codes: [] });
  });

  test('one frame takes all fragments', () => {
    const frames = [[start(1), start(2), rest(3)]];
    expect(read(encapsulated(frames, undefined))).toMatchObject({ bytes: wanted(frames), codes: [] });
  });

  test('a Basic Offset Table that points between fragments: found without it, and said', () => {
    const file = encapsulated(several, '3');
    const at = file.length - 8 - wanted(several).flat().length - 6 * 8 - 12;
    expect(new DataView(file.buffer).getUint32(at + 4, true)).toBe(30);
    new DataView(file.buffer).setUint32(at + 4, 28, true);
    expect(read(file)).toMatchObject({ bytes: wanted(several), codes: ['offset-table-wrong'] });
  });

  test('an Extended Offset Table', () => {
    const table = { '7FE00001': binary('OV', offsets(0, 16, 32)), '7FE00002': binary('OV', offsets(8, 8, 8)) };
    expect(read(encapsulated(single, '3', { hasOffsetTable: false }, table))).toMatchObject({
      bytes: wanted(single),
      codes: [],
    });
    const wrong = { '7FE00001': binary('OV', offsets(0, 17, 32)) };
    expect(read(encapsulated(single, '3', { hasOffsetTable: false }, wrong))).toMatchObject({
      bytes: wanted(single),
      codes: ['offset-table-wrong'],
    });
  });

  test('an Extended Offset Table too long to be kept in the metadata', () => {
    const frames = Array.from({ length: 200 }, (_, i) => [start(i), start(i)]);
    const table = { '7FE00001': binary('OV', offsets(...frames.map((_, i) => i * 32))) };
    const found = read(encapsulated(frames, '200', { hasOffsetTable: false }, table));
    expect(found.codes).toEqual([]);
    expect(found.bytes).toEqual(wanted(frames));
  });

  test.each([
    ['5', ['offset-table-wrong', 'truncated-pixels'], 3],
    ['2', ['offset-table-wrong', 'frame-count-guessed'], 2],
    ['-1', ['frame-count-guessed'], 3],
  ])('%s frames are stated where three are', (count, codes, frames) => {
    const found = read(encapsulated(single, count));
    expect(found.bytes).toEqual(wanted(single).slice(0, frames));
    expect(found.codes).toEqual(codes);
  });

  test.each(['100', '101', '102', '103', '104', '105', '106', '107', '108', '100.1', '102.1', '106.1'])(
    'video ...4.%s: one stream for all frames, in one fragment or several, and nothing is missing',
    (end) => {
      const transferSyntaxUid = `1.2.840.10008.1.2.4.${end}`;
      for (const parts of [[rest(1)], [rest(1), rest(2), rest(3)]])
        expect(read(encapsulated([parts], '100', { transferSyntaxUid }))).toMatchObject({
          codes: [],
          bytes: [parts.flatMap((part) => [...part])],
        });
    },
  );
  test('no fragment at all', () => {
    expect(read(encapsulated([], '1'))).toMatchObject({ bytes: [], codes: ['truncated-pixels'] });
  });

  const none = new Uint8Array(0);
  const [one, two] = [start(1), start(2)];
  test.each([
    ['before', [none, one, two], '2'],
    ['between', [one, none, two], '2'],
    ['behind', [one, two, none], '2'],
    ['more than the frames', [none, one, none, two, none], '2'],
  ])('fragments without a byte %s: each frame is shown in its place, and that is said', (_name, parts, count) => {
    for (const transferSyntaxUid of [J2K, RLE])
      expect(read(encapsulated([parts], count, { transferSyntaxUid, hasOffsetTable: false }))).toMatchObject({
        bytes: wanted([[one], [two]]),
        codes: ['pixel-length-mismatch'],
      });
  });

  test.each([
    [[none], '1', J2K, 'Frame 1 of 1 has no bytes and cannot be shown.'],
    [[none, none], '2', RLE, 'Frames 1, 2 of 2 have no bytes and cannot be shown.'],
    [[none, none], '5', RLE, '2 of 5 frames are there.'],
    [[one, none, two], '3', RLE, 'Frame 2 of 3 has no bytes and cannot be shown.'],
    [[none], '1', '1.2.840.10008.1.2.4.102', 'Frame 1 of 1 has no bytes and cannot be shown.'],
  ])('%# frames without a byte are told', (parts, count, transferSyntaxUid, said) => {
    const found = read(encapsulated([parts], count, { transferSyntaxUid, hasOffsetTable: false }));
    expect(found.details).toContain(said);
    expect(found.codes).toContain('truncated-pixels');
  });

  test('an empty fragment at the end of a frame that has others is nothing to tell', () => {
    expect(read(encapsulated([[one, none]], '1'))).toMatchObject({ bytes: [[...one]], codes: [] });
  });

  test('a syntax that does not fit the codestream', () => {
    const file = encapsulated([[start(1, 80)]], undefined, { transferSyntaxUid: '1.2.840.10008.1.2.4.50' });
    expect(read(file).codes).toEqual(['wrong-transfer-syntax']);
    const native = writeFile(
      { ...image(undefined), '7FE00010': binary('OB', new Uint8Array(16)) },
      { transferSyntaxUid: J2K },
    );
    expect(read(native)).toMatchObject({ frames: { kind: 'native' }, codes: ['wrong-transfer-syntax'] });
  });
});
