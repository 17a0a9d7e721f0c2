import { expect, test } from 'vitest';
import { EXPLICIT, sequence, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { memorySource, readForIndex } from './read-for-index.ts';

const values = text('UC', '1\\'.repeat(499_000));
const file = (items: number): Uint8Array =>
  writeFile(
    {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
      '00080018': text('UI', '1.2.3.4'),
      '0020000D': text('UI', '1.2.3'),
      '0020000E': text('UI', '1.2.3.1'),
      '0041A730': sequence(...Array.from({ length: items }, () => ({ '00189919': values }))),
    },
    { transferSyntaxUid: EXPLICIT },
  );

test('a very large object has its record, as one of usual size has', () => {
  for (const items of [1, 5]) {
    const read = readForIndex(memorySource(file(items)));
    if (!read.ok) throw new Error(read.error.detail);
    expect(read.value.record()).toMatchObject({ sopUid: '1.2.3.4', repairs: [] });
  }
});

test('one that is larger than any is refused', () => {
  expect(readForIndex(memorySource(file(33)))).toMatchObject({ ok: false, error: { code: 'too-large' } });
});
