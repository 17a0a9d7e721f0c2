// What peers write as DICOM JSON, and is none by the rules.
import { expect, test } from 'vitest';
import { peerDataset } from './peer-json.ts';

test('values lose their padding, and what is no value is null', () => {
  const read = peerDataset({
    '0020000d': { vr: 'UI', Value: ['1.2.3\0', '1.2.4 '] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane', Phonetic: 7, more: {} }] },
    '00080061': { Value: 'CT ' },
    '00201208': { vr: 'IS', Value: [{ a: 1 }, 5, true, null] },
    '00080018': null,
    '00080020': [],
  });
  expect(read).toEqual({
    '0020000D': { vr: 'UI', Value: ['1.2.3', '1.2.4'] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane' }] },
    '00080061': { vr: 'CS', Value: ['CT'] },
    '00201208': { vr: 'IS', Value: [null, 5, null, null] },
    '00080020': { vr: 'DA' },
  });
});

test('what is binary is text or left out', () => {
  const read = peerDataset({
    '7FE00010': { vr: 'OW', InlineBinary: {}, BulkDataURI: 'http://pacs/1' },
    '00420011': { vr: 'OB', InlineBinary: 'AAAA', BulkDataURI: [[]], Value: { deep: [] } },
  });
  expect(read).toEqual({
    '7FE00010': { vr: 'OW', BulkDataURI: 'http://pacs/1' },
    '00420011': { vr: 'OB', InlineBinary: 'AAAA', Value: [null] },
  });
});

const nested = (levels: number): object =>
  Array.from({ length: levels }).reduce<object>((inner) => ({ '00081199': { Value: [inner] } }), {});

test('sequences in sequences are read to a bounded depth', () => {
  expect(JSON.stringify(peerDataset(nested(64)))).toContain('SQ');
  expect(() => peerDataset(nested(65))).toThrow('sequences are nested deeper than 64 levels');
  expect(() => peerDataset(nested(100_000))).toThrow('sequences are nested deeper than 64 levels');
});
