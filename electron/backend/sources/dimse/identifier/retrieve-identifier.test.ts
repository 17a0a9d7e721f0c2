// What C-GET and C-MOVE ask with: the unique keys of their level and above, per root (PS3.4 C.4.2.2.1, C.6.1.1, C.6.2.1).
import { describe, expect, test } from 'vitest';
import { EXPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import type { Selection } from '../../source.ts';
import { readIdentifier } from './read-identifier.ts';
import { retrieveIdentifiers } from './retrieve-identifier.ts';

function keysOf(selection: Selection, root: 'study' | 'patient', charset?: string): Record<string, unknown>[] {
  const model = { root, transferSyntaxUid: EXPLICIT_LITTLE, ...(charset !== undefined && { charset }) };
  return retrieveIdentifiers(selection, model).map((bytes) => {
    const read = readIdentifier(bytes, EXPLICIT_LITTLE);
    if (!read.ok) throw new Error(read.error.detail);
    return Object.fromEntries(Object.entries(read.value.dataset).map(([tag, { Value }]) => [tag, Value?.join('\\')]));
  });
}

describe('retrieveIdentifiers', () => {
  test.each([
    [{ studyUid: '1.2' }, [{ '00080052': 'STUDY', '0020000D': '1.2' }]],
    [{ studyUid: '1.2', seriesUid: '1.3' }, [{ '00080052': 'SERIES', '0020000D': '1.2', '0020000E': '1.3' }]],
    [
      { studyUid: '1.2', seriesUids: ['1.3', '1.4'] },
      [
        { '00080052': 'SERIES', '0020000D': '1.2', '0020000E': '1.3' },
        { '00080052': 'SERIES', '0020000D': '1.2', '0020000E': '1.4' },
      ],
    ],
    [
      { studyUid: '1.2', seriesUid: '1.3', sopInstanceUids: ['1.4', '1.5'] },
      [{ '00080052': 'IMAGE', '0020000D': '1.2', '0020000E': '1.3', '00080018': '1.4\\1.5' }],
    ],
  ])('%o: nothing but the unique keys; the patient root adds the patient', (selection, expected) => {
    expect(keysOf({ ...selection, patientId: 'P-1' }, 'study')).toEqual(expected);
    expect(keysOf({ ...selection, patientId: 'P-1' }, 'patient')).toEqual(
      expected.map((keys) => ({ ...keys, '00100020': 'P-1' })),
    );
  });

  test('long lists become several operations', () => {
    const sopInstanceUids = Array.from({ length: 2000 }, (_, index) => `1.2.${index}`);
    const lists = keysOf({ studyUid: '1.2', seriesUid: '1.3', sopInstanceUids }, 'study');
    expect(lists.map((keys) => String(keys['00080018']).split('\\').length)).toEqual([900, 900, 200]);
  });

  test('a Patient ID beyond ASCII goes out in the character set of the node', () => {
    expect(keysOf({ studyUid: '1.2', patientId: 'Ä-1' }, 'patient', 'ISO_IR 100')[0]).toMatchObject({
      '00080005': 'ISO_IR 100',
      '00100020': 'Ä-1',
    });
  });

  test('no study, and no patient in the patient root: refused here', () => {
    expect(() => keysOf({ studyUid: '' }, 'study')).toThrow('without a Study Instance UID');
    expect(() => keysOf({ studyUid: '1.2' }, 'patient')).toThrow('without a Patient ID');
  });
});
