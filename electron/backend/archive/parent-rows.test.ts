// What a study and a series show when their instances do not all say the same.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { Archive } from './archive.ts';
import type { IngestOutcome } from './ingest-outcome.ts';
import { runQuery, type QueryLevel } from './query.ts';

let folder = '';
let archive: Archive;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-parents-'));
  const key = (): Buffer => randomBytes(32);
  const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
  archive = new Archive(path.join(folder, 'data'), keys);
});
afterEach(async () => {
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

let nextSop = 1;
async function store(said: Dataset): Promise<IngestOutcome> {
  const stream = archive.ingest.stream({ path: 'a file' });
  await stream.write(
    writeFile({
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
      '00080018': text('UI', `1.2.3.4.${nextSop++}`),
      '0020000D': text('UI', '1.2.3'),
      '0020000E': text('UI', '1.2.3.4'),
      ...said,
    }),
  );
  return stream.finish();
}
const row = (level: QueryLevel): DicomJson =>
  runQuery(archive.index, { level, keys: [], include: 'all', isFuzzy: false, limit: 9, offset: 0 }).results[0] ?? {};
const patient = (name: string, id = '', issuer = ''): Dataset => ({
  '00100010': text('PN', name),
  '00100020': text('LO', id),
  '00100021': text('LO', issuer),
});

test('what the first instance leaves out is taken from those after it, what it says stays', async () => {
  await store({ ...patient('Doe^Jane', 'P1'), '00080020': text('DA', ''), '00200010': text('SH', 'first') });
  await store({
    ...patient('Doe^Jane', 'P1', 'Hospital'),
    '00080020': text('DA', '20240102'),
    '00081030': text('LO', 'Thorax'),
    '0008103E': text('LO', 'axial'),
    '00200011': text('IS', '7'),
    '00200010': text('SH', 'second'),
  });
  expect(row('study')).toMatchObject({
    '00080020': { Value: ['20240102'] },
    '00081030': { Value: ['Thorax'] },
    '00100021': { Value: ['Hospital'] },
    '00200010': { Value: ['first'] },
  });
  expect(row('series')).toMatchObject({ '0008103E': { Value: ['axial'] }, '00200011': { Value: [7] } });
  const [study] = archive.index.db.prepare('SELECT date, description, patient_key FROM study').all();
  expect(study).toEqual({ date: '20240102', description: 'Thorax', patient_key: 'P1|Hospital' });
});

describe('an instance that names another patient than its study', () => {
  test.each([
    ['another ID', patient('Doe^Jane', 'P1'), patient('Doe^Jane', 'P2')],
    ['the same ID of another issuer', patient('Doe^Jane', 'P1', 'A'), patient('Doe^Jane', 'P1', 'B')],
    ['another name, without an ID', patient('Doe^Jane', 'P1'), patient('Roe^Richard')],
  ])('%s: it is stored, and said', async (_name, first, second) => {
    expect((await store(first)).outcome).toBe('stored');
    expect(await store(second)).toMatchObject({ outcome: 'repaired', code: 'other-patient' });
    const [series] = archive.index.db.prepare('SELECT repaired, repairs FROM series').all();
    expect(series).toEqual({
      repaired: 1,
      repairs: '["The instance names another patient than the study that it belongs to by its Study Instance UID."]',
    });
    expect(row('study')['00100010']?.Value).toEqual([{ Alphabetic: 'Doe^Jane' }]);
  });

  test.each([
    ['the same', patient('Doe^Jane', 'P1'), patient('Doe^Jane', 'P1')],
    ['a name written otherwise', patient('Doe^Jane', 'P1'), patient('DOE^JANE^^', 'P1')],
    ['an issuer that one leaves out', patient('Doe^Jane', 'P1', 'A'), patient('Doe^Jane', 'P1')],
    ['an ID that one leaves out', patient('Doe^Jane', 'P1'), patient('Doe^Jane=山田')],
    ['no patient', patient('Doe^Jane', 'P1'), {}],
    ['no patient first', {}, patient('Doe^Jane', 'P1')],
  ])('%s: nothing is said', async (_name, first, second) => {
    await store(first);
    expect((await store(second)).outcome).toBe('stored');
  });
});
