import { expect, test } from 'vitest';
import { readInstance } from '#shared/dicom/read-instance.ts';
import { text, writeFile } from '#shared/testing/dicom-builder.ts';
import { recordOf } from './instance-record.ts';

test('dates and times in the form before DICOM 3.0 stand in the columns as all others do', () => {
  const bytes = writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
    '00080018': text('UI', '2.25.1'),
    '00080020': text('DA', '1994.01.30'),
    '00080030': text('TM', '11:24:58'),
    '00100030': text('DA', '1950.12.01'),
    '0020000D': text('UI', '2.25.2'),
    '0020000E': text('UI', '2.25.3'),
  });
  const parsed = readInstance({ size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) });
  if (!parsed.ok) throw new Error(parsed.error.detail);
  const { study } = recordOf(parsed.value);
  expect(study).toMatchObject({ studyDate: '19940130', studyTime: '112458', birthDate: '19501201' });
});
