// Lengths as a measurement report: what the stored file holds, what it is refused for, and when it is not the latest any more.
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Archive } from '#backend/archive/archive.ts';
import type { StoredLength } from '#shared/contract/marks.ts';
import { itemsOf, numberOf, personNameOf, textOf } from '#shared/dicom/json-values.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { readReport } from '#shared/measurement/measurement-report.ts';
import { EXPLICIT, text } from '#shared/testing/dicom-builder.ts';
import { encodeElements } from '#backend/base/encode-elements.ts';
import { elementsOf } from '#backend/base/encode-json.ts';
import { part10Head } from '#backend/sources/part10-head.ts';
import { readForeignReports } from './foreign-reports.ts';
import { lengthJournal, type LengthJournal } from './journals.ts';
import { MarkDatabase } from './mark-database.ts';
import { ForeignDocuments } from './foreign-documents.ts';
import { saveReport } from './save-report.ts';
import {
  image,
  key,
  openTestArchive,
  storedDataset as datasetOf,
  take as takeInto,
  type TestArchive,
} from './testing.ts';

const PERSON = { id: 'local', name: 'CLINIC\\reader=one' };
const [A, B] = ['6f9619ff-8b86-4d11-b42d-00c04fc964ff', '00000000-0000-4000-8000-000000000007'];
let folder = '';
let opened: TestArchive;
let archive: Archive;
let database: MarkDatabase;
let lengths: LengthJournal;

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
const take = async (bytes: Uint8Array): Promise<void> => expect(await takeInto(archive, bytes)).toBe('stored');
const save = () => saveReport({ archive, lengths, version: '0.1' }, '1.2.3', PERSON);
function storedDataset(sopUid: string): DicomJson {
  const { dataset, repairs } = datasetOf(archive, sopUid);
  expect(repairs).toEqual([]);
  return dataset;
}

beforeEach(() => {
  opened = openTestArchive();
  ({ archive, folder } = opened);
  database = new MarkDatabase(path.join(folder, 'data', 'marks.db'), key());
  lengths = lengthJournal(database);
});
afterEach(async () => {
  database.close();
  await opened.close();
});

test('the report is in the study, with its patient, its images and its lengths', async () => {
  await take(image('1.2.3.1.1'));
  await take(image('1.2.3.1.2', { '00280008': text('IS', '3') }));
  lengths.keep(length(A, { label: 'Läsion 肝 ' }), 'local');
  lengths.keep(length(B, { sopInstanceUid: '1.2.3.1.2', frameIndex: 2 }), 'local');
  const report = await save();
  expect(report).toMatchObject({ count: 2, isCurrent: true });
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
  expect(lengths.latestDocument('1.2.3')?.isCurrent).toBe(false);
  const second = await save();
  expect(lengths.latestDocument('1.2.3')).toEqual(second);
  expect([second.isCurrent, second.seriesUid]).toEqual([true, first.seriesUid]);
  const dataset = storedDataset(second.sopInstanceUid);
  expect(numberOf(dataset, '00200013')).toBe(2);
  expect(JSON.stringify(dataset['0040A360'])).toContain(first.sopInstanceUid);
  expect(storedDataset(first.sopInstanceUid)['0040A360']).toBeUndefined();
  lengths.removeStudy('1.2.3');
  expect(lengths.latestDocument('1.2.3')).toBeNull();
});

test('a report of another station is told with what can be drawn of it; taken over and saved again it is replaced', async () => {
  await take(image('1.2.3.1.1'));
  await take(image('1.2.3.1.2', { '00280008': text('IS', '3') }));
  lengths.keep(length(A, { label: 'Lesion' }), 'local');
  lengths.keep(length(B, { sopInstanceUid: '1.2.3.1.2', frameIndex: 2 }), 'local');
  const { sopInstanceUid, seriesUid } = await save();
  expect(new ForeignDocuments(archive, lengths, readForeignReports).of('1.2.3')).toEqual([]);
  const there = new MarkDatabase(path.join(folder, 'other.db'), key());
  const elsewhere = lengthJournal(there);
  const [report] = new ForeignDocuments(archive, elsewhere, readForeignReports).of('1.2.3');
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
  expect(
    new ForeignDocuments(archive, elsewhere, readForeignReports).of('1.2.3').map((each) => each.sopInstanceUid),
  ).toEqual([sopInstanceUid]);
  there.close();
});

test('what this program would measure otherwise, or on an image that is not here, is counted and not drawn', async () => {
  await take(image('1.2.3.1.1'));
  await take(image('1.2.3.1.2'));
  lengths.keep(length(A), 'local');
  lengths.keep(length(B, { sopInstanceUid: '1.2.3.1.2' }), 'local');
  const report = await save();
  const before = storedDataset(report.sopInstanceUid);
  await archive.removeStudy('1.2.3');
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
  const there = new MarkDatabase(path.join(folder, 'other.db'), key());
  const elsewhere = lengthJournal(there);
  expect(new ForeignDocuments(archive, elsewhere, readForeignReports).of('1.2.3')).toMatchObject([
    { lengths: [], otherCount: 2 },
  ]);
  there.close();
});

test('nothing to save, or an image that is gone, is said; nothing is stored then', async () => {
  await take(image('1.2.3.1.1'));
  await expect(save()).rejects.toMatchObject({ code: 'bad-request' });
  lengths.keep(length(A), 'local');
  lengths.keep(length(B, { label: 'Cyst', sopInstanceUid: '1.2.3.1.9' }), 'local');
  await expect(save()).rejects.toThrow('Cyst');
  expect([archive.index.locateAll({ studyUid: '1.2.3' }).length, lengths.latestDocument('1.2.3')]).toEqual([1, null]);
});
