import { expect, test } from 'vitest';
import { readInstance } from '#shared/dicom/read-instance.ts';
import type { ParsedInstance } from '#shared/dicom/model.ts';
import { binary, sequence, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import { recordOf, unpack } from './instance-record.ts';

const UIDS: Dataset = {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
  '00080018': text('UI', '2.25.1'),
  '0020000D': text('UI', '2.25.2'),
  '0020000E': text('UI', '2.25.3'),
};
function parsed(dataset: Dataset): ParsedInstance {
  const bytes = writeFile({ ...UIDS, ...dataset });
  const read = readInstance({ size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) });
  if (!read.ok) throw new Error(read.error.detail);
  return read.value;
}
/** What is kept of it, and said of it by the data set itself. */
function kept(dataset: Dataset): unknown {
  const file = parsed(dataset);
  const record = recordOf(file);
  const metadata: unknown = JSON.parse(unpack(record.metadata));
  const { '00083002': syntax, ...rest } = metadata as Record<string, unknown>;
  expect(syntax).toEqual({ vr: 'UI', Value: [file.transferSyntaxUid] });
  expect({ ...rest, '00080005': file.dataset['00080005'] }).toEqual({
    '00080005': undefined,
    ...JSON.parse(JSON.stringify(file.dataset)),
  });
  return { name: record.study.patientName, description: record.study.description, studyJson: record.studyJson };
}

test('dates and times in the form before DICOM 3.0 stand in the columns as all others do', () => {
  const { study } = recordOf(
    parsed({
      '00080020': text('DA', '1994.01.30'),
      '00080030': text('TM', '11:24:58'),
      '00100030': text('DA', '1950.12.01'),
    }),
  );
  expect(study).toMatchObject({ studyDate: '19940130', studyTime: '112458', birthDate: '19501201' });
});

test('what was read of the file before is taken for nothing but the same value', () => {
  const bytes = Uint8Array.of(0xc3, 0xa9);
  const files: Dataset[] = [
    { '00081030': text('LO', 'Thorax'), '00180050': text('DS', '1.50') },
    { '00081030': text('LO', 'Thorax'), '00180050': text('DS', '1.5') },
    { '00081030': text('LO', 'Thorax '), '00180050': text('DS', '1.50') },
    { '00081030': text('LT', 'Thorax'), '00180050': text('DS', '1.5x') },
    { '00081030': text('LO', 'A\\B'), '00180050': text('DS', '1.5\\2') },
    // One value here, two in another VR.
    { '00081030': text('LT', 'A\\B'), '00180050': text('LT', '1.5\\2') },
    { '00080005': text('CS', 'ISO_IR 100'), '00081030': binary('LO', bytes) },
    { '00080005': text('CS', 'ISO_IR 192'), '00081030': binary('LO', bytes) },
    { '00100010': text('PN', 'Wang^Xiao=\u738b^\u5c0f') },
    { '00081110': sequence({ '00081030': text('LO', 'Nested') }), '00081030': text('LO', 'Thorax') },
  ];
  const alone = [...files].map((file) => kept(file));
  const inTurn = [...files, ...files, ...files.toReversed()].map((file) => kept(file));
  expect(inTurn).toEqual([...alone, ...alone, ...alone.toReversed()]);
  expect(alone.slice(6, 8)).toMatchObject([{ description: '\u00c3\u00a9' }, { description: '\u00e9' }]);
});

test('an element that several data sets have cannot be changed for all of them', () => {
  const [first, second] = [1, 2].map(() => parsed({ '00100010': text('PN', 'Wang^Xiao') }).dataset['00100010']);
  expect(second).toBe(first);
  expect(() => first?.Value?.push('other')).toThrow(TypeError);
  expect(() => Object.assign(first?.Value?.[0] ?? {}, { Alphabetic: 'Other' })).toThrow(TypeError);
});
