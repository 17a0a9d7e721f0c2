// Lengths as a measurement report: what the stored file holds, what it is refused for, and when it is not the latest any more.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Archive } from '#backend/archive/archive.ts';
import type { StoredLength } from '#shared/contract/measurements.ts';
import { itemsOf, numberOf, personNameOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { readInstance } from '#shared/dicom/read-instance.ts';
import { readReport } from '#shared/measurement/measurement-report.ts';
import { binary, EXPLICIT, numbers, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import { encodeElements } from '#backend/base/encode-elements.ts';
import { elementsOf } from '#backend/base/encode-json.ts';
import { part10Head } from '#backend/sources/part10-head.ts';
import { ForeignReports } from './foreign-reports.ts';
import { LengthJournal } from './length-journal.ts';
import { saveReport } from './save-report.ts';

const key = (): Buffer => randomBytes(32);
const PERSON = { id: 'local', name: 'CLINIC\\reader=one' };
const [A, B] = ['6f9619ff-8b86-4d11-b42d-00c04fc964ff', '00000000-0000-4000-8000-000000000007'];
let folder = '';
let archive: Archive;
let lengths: LengthJournal;

/** Oblique, not square, in a Japanese name. */
const image = (sop: string, changed: Dataset = {}): Uint8Array =>
  writeFile(
    {
      '00080005': text('CS', 'ISO_IR 192'),
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.2'),
      '00080018': text('UI', sop),
      '00080020': text('DA', '20260301'),
      '00080060': text('CS', 'CT'),
      '00100010': text('PN', 'Yamada^Tarou=山田^太郎=やまだ^たろう'),
      '00100020': text('LO', 'P 7'),
      '0020000D': text('UI', '1.2.3'),
      '0020000E': text('UI', '1.2.3.1'),
      '00200013': text('IS', '12'),
      '00200032': text('DS', '7', '-30', '120'),
      '00200037': text('DS', '0.8', '0.6', '0', '-0.3', '0.4', '0.866025'),
      '00280002': numbers('US', 1),
      '00280004': text('CS', 'MONOCHROME2'),
      '00280010': numbers('US', 24),
      '00280011': numbers('US', 32),
      '00280030': text('DS', '0.5', '0.25'),
      '00280100': numbers('US', 8),
      '00280101': numbers('US', 8),
      '00280102': numbers('US', 7),
      '00280103': numbers('US', 0),
      '7FE00010': binary(
        'OB',
        new Uint8Array(24 * 32 * Number((changed['00280008'] as { values?: string[] })?.values?.[0] ?? 1)),
      ),
      ...changed,
    },
    { transferSyntaxUid: EXPLICIT },
  );
const length = (uid: string, changed: Partial<StoredLength> = {}): StoredLength => ({
  uid,
  studyUid: '1.2.3',
  seriesUid: '1.2.3.1',
  sopInstanceUid: '1.2.3.1.1',
  frameIndex: 0,
  // 3-4-5 with pixels of 0.5 by 0.25 mm.
  ends: [[10.25, 3.5], [22.25, 11.5]], // prettier-ignore
  label: '',
  text: '5 mm',
  drawnAt: uid === A ? 1 : 2,
  ...changed,
});
async function take(bytes: Uint8Array): Promise<void> {
  const stream = archive.ingest.stream({ path: 'test' });
  await stream.write(bytes);
  expect((await stream.finish()).outcome).toBe('stored');
}
const save = () => saveReport({ archive, lengths, version: '0.1' }, '1.2.3', PERSON);
function storedDataset(sopUid: string): DicomJson {
  const location = archive.index.locate(sopUid);
  if (!location) throw new Error('not stored');
  const reader = archive.open(location);
  const read = readInstance(reader);
  reader.close();
  if (!read.ok) throw new Error(read.error.detail);
  expect(read.value.repairs).toEqual([]);
  return read.value.dataset;
}

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-report-'));
  archive = new Archive(path.join(folder, 'data'), {
    index: key(),
    files: key(),
    names: key(),
    audit: key(),
    settings: key(),
    measurements: key(),
  });
  lengths = new LengthJournal(path.join(folder, 'data', 'measurements.db'), key());
});
afterEach(async () => {
  lengths.close();
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

test('the report is in the study, with its patient, its images and its lengths', async () => {
  await take(image('1.2.3.1.1'));
  await take(image('1.2.3.1.2', { '00280008': text('IS', '3') }));
  lengths.keep(length(A, { label: 'Läsion 肝 ' }), 'local');
  lengths.keep(length(B, { sopInstanceUid: '1.2.3.1.2', frameIndex: 2 }), 'local');
  const report = await save();
  expect(report).toMatchObject({ lengthCount: 2, isCurrent: true });
  const dataset = storedDataset(report.sopInstanceUid);
  expect(personNameOf(dataset, '00100010')).toBe('Yamada^Tarou=山田^太郎=やまだ^たろう');
  expect([textOf(dataset, '00100020'), textOf(dataset, '0020000D'), textOf(dataset, '00080020')]).toEqual([
    'P 7',
    '1.2.3',
    '20260301',
  ]);
  const common = {
    unit: 'mm',
    value: 5,
    comment: undefined,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
    ends: [[10.25, 3.5], [22.25, 11.5]], // prettier-ignore
  };
  expect(readReport(dataset)).toEqual({
    observer: 'CLINIC reader one',
    isByDevice: false,
    lengths: [
      {
        ...common,
        trackingUid: '2.25.148323679367508194839561032380141102335',
        label: 'Läsion 肝',
        sopInstanceUid: '1.2.3.1.1',
        frameNumber: undefined,
      },
      {
        ...common,
        trackingUid: '2.25.302240678275694148452359',
        label: 'Length 2',
        sopInstanceUid: '1.2.3.1.2',
        frameNumber: 3,
      },
    ],
    otherCount: 0,
  });
  // Graphic Data count from the pixel's corner (PS3.3 C.18.6.1.2): half a pixel more than from its centre.
  expect(JSON.stringify(dataset)).toContain('[10.75,4,22.75,12]');
  expect(JSON.stringify(dataset)).toContain('CLINIC reader one');
  const [evidence] = itemsOf(dataset, '0040A375');
  const [series] = itemsOf(evidence, '00081115');
  expect(itemsOf(series, '00081199').map((item) => textOf(item, '00081155'))).toEqual(['1.2.3.1.1', '1.2.3.1.2']);
});

test('at the detector is said, and without spacing a length is pixels', async () => {
  await take(image('1.2.3.1.1', { '00181164': text('DS', '0.5', '0.25') }));
  await take(image('1.2.3.1.2', { '00280030': text('DS', '') }));
  lengths.keep(length(A), 'local');
  lengths.keep(length(B, { sopInstanceUid: '1.2.3.1.2' }), 'local');
  const read = readReport(storedDataset((await save()).sopInstanceUid));
  expect(read?.lengths.map(({ unit, comment }) => [unit, comment])).toEqual([
    ['mm', 'At the detector, not corrected for magnification'],
    ['px', undefined],
  ]);
  expect(read?.lengths[1]?.value).toBeCloseTo(Math.hypot(12, 8), 4);
});

test('a later report follows the earlier one in its series; a change makes it one of before', async () => {
  await take(image('1.2.3.1.1'));
  lengths.keep(length(A), 'local');
  const first = await save();
  lengths.keep(length(A, { label: 'Lesion' }), 'local');
  expect(lengths.report('1.2.3')?.isCurrent).toBe(false);
  const second = await save();
  expect(lengths.report('1.2.3')).toEqual(second);
  expect([second.isCurrent, second.seriesUid]).toEqual([true, first.seriesUid]);
  const dataset = storedDataset(second.sopInstanceUid);
  expect(numberOf(dataset, '00200013')).toBe(2);
  expect(JSON.stringify(dataset['0040A360'])).toContain(first.sopInstanceUid);
  expect(storedDataset(first.sopInstanceUid)['0040A360']).toBeUndefined();
  lengths.removeStudy('1.2.3');
  expect(lengths.report('1.2.3')).toBeNull();
});

test('a report of another station is told with what can be drawn of it; taken over and saved again it is replaced', async () => {
  await take(image('1.2.3.1.1'));
  await take(image('1.2.3.1.2', { '00280008': text('IS', '3') }));
  lengths.keep(length(A, { label: 'Lesion' }), 'local');
  lengths.keep(length(B, { sopInstanceUid: '1.2.3.1.2', frameIndex: 2 }), 'local');
  const { sopInstanceUid, seriesUid } = await save();
  expect(new ForeignReports(archive, lengths).of('1.2.3')).toEqual([]);
  const elsewhere = new LengthJournal(path.join(folder, 'other.db'), key());
  const [report] = new ForeignReports(archive, elsewhere).of('1.2.3');
  expect(report).toMatchObject({
    sopInstanceUid,
    seriesUid,
    observer: 'CLINIC reader one',
    isByDevice: false,
    otherCount: 0,
  });
  expect(report?.lengths).toEqual([
    { ...length(A), label: 'Lesion', instanceNumber: 12, drawnAt: 0 },
    { ...length(B), sopInstanceUid: '1.2.3.1.2', frameIndex: 2, instanceNumber: 12, drawnAt: 1 },
  ]);
  for (const each of report?.lengths ?? []) elsewhere.keep(each, 'other');
  const next = await saveReport({ archive, lengths: elsewhere, version: '0.1' }, '1.2.3', PERSON);
  expect(next.isCurrent).toBe(true);
  expect(new ForeignReports(archive, elsewhere).of('1.2.3').map((each) => each.sopInstanceUid)).toEqual([
    sopInstanceUid,
  ]);
  elsewhere.close();
});

test('what this program would measure otherwise, or on an image that is not here, is counted and not drawn', async () => {
  await take(image('1.2.3.1.1'));
  await take(image('1.2.3.1.2'));
  lengths.keep(length(A), 'local');
  lengths.keep(length(B, { sopInstanceUid: '1.2.3.1.2' }), 'local');
  const report = await save();
  const before = storedDataset(report.sopInstanceUid);
  archive.removeStudy('1.2.3');
  // The same report with one image only, and that of another spacing.
  await take(image('1.2.3.1.1', { '00280030': text('DS', '0.6', '0.25') }));
  const stream = archive.ingest.stream({ path: 'test' });
  await stream.write(
    Buffer.concat([
      part10Head({
        sopClassUid: textOf(before, '00080016') ?? '',
        sopInstanceUid: report.sopInstanceUid,
        transferSyntaxUid: EXPLICIT,
        sourceAet: '',
      }),
      encodeElements(elementsOf(before), EXPLICIT),
    ]),
  );
  expect((await stream.finish()).outcome).toBe('stored');
  const elsewhere = new LengthJournal(path.join(folder, 'other.db'), key());
  expect(new ForeignReports(archive, elsewhere).of('1.2.3')).toMatchObject([{ lengths: [], otherCount: 2 }]);
  elsewhere.close();
});

test('nothing to save, or an image that is gone, is said; nothing is stored then', async () => {
  await take(image('1.2.3.1.1'));
  await expect(save()).rejects.toMatchObject({ code: 'bad-request' });
  lengths.keep(length(A), 'local');
  lengths.keep(length(B, { label: 'Cyst', sopInstanceUid: '1.2.3.1.9' }), 'local');
  await expect(save()).rejects.toThrow('Cyst');
  expect([archive.index.locateAll({ studyUid: '1.2.3' }).length, lengths.report('1.2.3')]).toEqual([1, null]);
});
