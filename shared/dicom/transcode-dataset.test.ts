// A data set means the same in every uncompressed transfer syntax, and damage is refused, never passed on.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binary, numbers, sequence, text, writeFile, type Dataset } from '../testing/dicom-builder.ts';
import { readInstance } from './read-instance.ts';
import { transcodeDataset } from './transcode-dataset.ts';
import { EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from './transfer-syntaxes.ts';

const UIDS: Dataset = {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.4'),
  '00080018': text('UI', '1.2.3'),
  '0020000D': text('UI', '1.2'),
  '0020000E': text('UI', '1.2.4'),
};

function parsed(file: Uint8Array) {
  const read = readInstance({ size: file.length, read: (offset, length) => file.subarray(offset, offset + length) });
  if (!read.ok) throw new Error(read.error.detail);
  return { ...read.value, bytes: file.subarray(read.value.datasetOffset) };
}
const encodingOf = (uid: string) => ({ isExplicit: uid !== IMPLICIT_LITTLE, isBigEndian: uid === EXPLICIT_BIG });
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}
/** The data set in the other syntax, read again as a file of that syntax. */
function through(dataset: Dataset, from: string, to: string, options: object = {}) {
  const source = parsed(writeFile({ ...UIDS, ...dataset }, { transferSyntaxUid: from, ...options }));
  const done = transcodeDataset(source.bytes, encodingOf(from), to !== IMPLICIT_LITTLE);
  if (!done.ok) throw new Error(done.error);
  const head = writeFile({}, { transferSyntaxUid: to });
  return { source, result: parsed(joined([head, ...done.value.pieces])) };
}

const words = (values: readonly number[], isBig: boolean): Uint8Array => {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint16(index * 2, value, !isBig));
  return bytes;
};
const oneDataset = fc.record({
  name: fc.stringMatching(/^[A-Za-z ^]{0,20}$/),
  us: fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 1, maxLength: 5 }),
  sl: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fd: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 4 }),
  depth: fc.integer({ min: 0, max: 4 }),
  pixels: fc.array(fc.integer({ min: 0, max: 65535 }), { minLength: 1, maxLength: 40 }),
  isSigned: fc.boolean(),
});

function datasetOf(made: ReturnType<typeof oneDataset.generate>['value'], isBig: boolean): Dataset {
  const { name, us, sl, fd, depth, pixels, isSigned } = made;
  let inner: Dataset = { '00280030': text('DS', '0.5', '0.75'), '0018106C': numbers('US', ...us) };
  for (let level = 0; level < depth; level++) inner = { '00081140': sequence(inner, {}), '00080050': text('SH', 'A') };
  return {
    '00100010': text('PN', name),
    '00185101': text('CS', 'AP'),
    '00186020': numbers('SL', sl),
    '00280103': numbers('US', isSigned ? 1 : 0),
    '00280106': numbers(isSigned ? 'SS' : 'US', isSigned ? -3 : 3),
    '0018605A': numbers('FL', 1.5),
    '00089215': sequence(inner, inner),
    '00189087': numbers('FD', ...fd),
    '00280009': numbers('AT', '00181063' as never),
    '7FE00010': binary('OW', words(pixels, isBig)),
  };
}

describe('transcodeDataset', () => {
  test.each([
    [EXPLICIT_LITTLE, IMPLICIT_LITTLE],
    [IMPLICIT_LITTLE, EXPLICIT_LITTLE],
    [EXPLICIT_BIG, EXPLICIT_LITTLE],
    [EXPLICIT_BIG, IMPLICIT_LITTLE],
    [EXPLICIT_LITTLE, EXPLICIT_LITTLE],
  ])('%s to %s: the same attributes and pixels, with lengths or delimiters', (from, to) => {
    fc.assert(
      fc.property(oneDataset, fc.boolean(), (made, hasUndefinedLengths) => {
        const { source, result } = through(datasetOf(made, from === EXPLICIT_BIG), from, to, { hasUndefinedLengths });
        const plain = ({ '7FE00010': _pixels, ...rest }: Record<string, unknown>): object => rest;
        // What an implicit data set cannot say, US or SS, follows from Pixel Representation; its reader does not know.
        const known = (dataset: Record<string, unknown>): object =>
          to === IMPLICIT_LITTLE || from === IMPLICIT_LITTLE
            ? { ...plain(dataset), '00280106': undefined }
            : plain(dataset);
        expect(known(result.dataset)).toEqual(known(source.dataset));
        if (to === EXPLICIT_LITTLE) expect(result.dataset['00280106']?.vr).toBe(made.isSigned ? 'SS' : 'US');
        if (result.frames.kind === 'none') return;
        expect(result.bytes.subarray(-made.pixels.length * 2)).toEqual(words(made.pixels, false));
      }),
      { numRuns: 60 },
    );
  });

  test.each([EXPLICIT_LITTLE, IMPLICIT_LITTLE, EXPLICIT_BIG])(
    'every truncation of %s is refused or shorter by whole elements',
    (from) => {
      const made = { name: 'A', us: [1], sl: -5, fd: [0.5], depth: 2, pixels: [1, 2, 3], isSigned: true };
      const { bytes } = parsed(
        writeFile({ ...UIDS, ...datasetOf(made, from === EXPLICIT_BIG) }, { transferSyntaxUid: from }),
      );
      let whole = 0;
      for (let length = 0; length < bytes.length; length++) {
        const done = transcodeDataset(bytes.subarray(0, length), encodingOf(from), true);
        if (done.ok) whole++;
      }
      // As many as there are elements at the outermost level.
      expect(whole).toBe(14);
    },
  );

  test('compressed pixels go only with their replacement; an icon that is compressed too is refused', () => {
    const file = parsed(
      writeFile(UIDS, { transferSyntaxUid: '1.2.840.10008.1.2.5', frames: [[Uint8Array.of(1, 2, 3, 4)]] }),
    );
    const encoding = encodingOf(EXPLICIT_LITTLE);
    expect(transcodeDataset(file.bytes, encoding, true)).toMatchObject({
      ok: false,
      error: 'its pixel data is compressed',
    });
    const native = { bytes: [Uint8Array.of(9, 8, 7)], bitsAllocated: 8, changed: new Map() };
    const done = transcodeDataset(file.bytes, encoding, true, native);
    expect(done.ok && Array.from(joined(done.value.pieces).subarray(-4))).toEqual([9, 8, 7, 0]);
  });

  test('a big endian value whose word size nobody knows is refused', () => {
    const file = parsed(
      writeFile({ ...UIDS, '00091010': binary('UN', Uint8Array.of(1, 2)) }, { transferSyntaxUid: EXPLICIT_BIG }),
    );
    const done = transcodeDataset(file.bytes, encodingOf(EXPLICIT_BIG), true);
    expect(done).toMatchObject({ ok: false, error: expect.stringContaining('00091010') });
  });
});
