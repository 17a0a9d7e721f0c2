// Files without a Study Instance UID: which of them are one study.
import { expect, test } from 'vitest';
import { binary, EXPLICIT, numbers, text, writeFile, type Dataset } from '../testing/dicom-builder.ts';
import { textOf } from './json-values.ts';
import { readInstance } from './read-instance.ts';

const DAY = { '00080020': text('DA', '20240130') };
const TIME = { '00080030': text('TM', '101500') };

/** Study and series of an image without them. */
function placeOf(sop: string, said: Dataset): (string | undefined)[] {
  const file = writeFile(
    {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
      '00080018': text('UI', sop),
      '00080060': text('CS', 'OT'),
      '00100010': text('PN', 'Anonymous'),
      '00280010': numbers('US', 1),
      '00280011': numbers('US', 2),
      '00280100': numbers('US', 8),
      '7FE00010': binary('OB', new Uint8Array(2)),
      ...said,
    },
    { transferSyntaxUid: EXPLICIT },
  );
  const read = readInstance({ size: file.length, read: (at, length) => file.subarray(at, at + length) });
  if (!read.ok) throw new Error(read.error.detail);
  expect(read.value.repairs.map(({ tag }) => tag)).toEqual(expect.arrayContaining(['0020000D', '0020000E']));
  return ['0020000D', '0020000E'].map((tag) => textOf(read.value.dataset, tag));
}

const ID = { '00100020': text('LO', 'Anonymous') };
test.each<[string, Dataset, boolean]>([
  ['of one second of a day', { ...ID, ...DAY, ...TIME }, true],
  ['of one accession number', { ...ID, ...DAY, '00080050': text('SH', 'A1') }, true],
  ['of one day alone', { ...ID, ...DAY }, false],
  ['without a day', { ...ID, ...TIME }, false],
  ['without a patient ID', { ...DAY, ...TIME }, false],
  ['that say nothing', {}, false],
])('images %s', (_name, said, isOne) => {
  const [first, second] = [placeOf('1.2.1', said), placeOf('1.2.2', said)];
  expect(first[0] === second[0]).toBe(isOne);
  expect(first[1] === second[1]).toBe(isOne);
  // The same file meets itself again.
  expect(placeOf('1.2.1', said)).toEqual(first);
});
