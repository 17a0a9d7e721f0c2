// A copy that was taken before it was whole: what continues it takes its place, and nothing else does.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { binary, numbers, sequence, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { Archive } from './archive.ts';
import { changesSince } from './change-feed.ts';
import type { IngestOutcome } from './ingest-outcome.ts';

let folder = '';
let archive: Archive;
const key = (): Buffer => randomBytes(32);
const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
const inData = (...names: string[]): string => path.join(folder, 'data', ...names);
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-continued-'));
  archive = new Archive(inData(), keys);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

const STUDY = '1.2.3';
const SOP = '1.2.3.4.5';
const image = (sop: string, rows: number, patient = 'Doe^Jane'): Uint8Array =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
    '00080018': text('UI', sop),
    '00080060': text('CS', 'OT'),
    '00100010': text('PN', patient),
    '00100020': text('LO', 'P1'),
    '0020000D': text('UI', STUDY),
    '0020000E': text('UI', '1.2.3.4'),
    '00280002': numbers('US', 1),
    '00280010': numbers('US', rows),
    '00280011': numbers('US', 100),
    '00280100': numbers('US', 8),
    '00280101': numbers('US', 8),
    '00280102': numbers('US', 7),
    '00280103': numbers('US', 0),
    '7FE00010': binary('OB', new Uint8Array(rows * 100).fill(7)),
  });
const whole = image(SOP, 100);
/** The same behind another beginning of the file: a receiver writes its own. */
const withoutPreamble = (file: Uint8Array): Uint8Array => file.subarray(132);
const cutTo = (rows: number): Uint8Array => whole.subarray(0, whole.length - (100 - rows) * 100);

function store(bytes: Uint8Array): Promise<IngestOutcome> {
  const file = path.join(folder, 'file.dcm');
  fs.writeFileSync(file, bytes);
  return archive.ingest.file({ path: file });
}
const filesIn = (...names: string[]): string[] =>
  fs
    .readdirSync(inData(...names), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
async function expectStored(bytes: Uint8Array): Promise<void> {
  const location = archive.index.locate(SOP)!;
  expect((await archive.readRange(location, 0, location.sizeBytes)).equals(bytes)).toBe(true);
  expect(await archive.checks.instance(location)).toBeUndefined();
}
/** Goes on with what the data folder was when this was taken. */
async function restartFrom(copy: string): Promise<void> {
  await archive.close();
  fs.rmSync(inData(), { recursive: true });
  fs.renameSync(copy, inData());
  archive = new Archive(inData(), keys);
  await archive.settleAfterCrash();
}

test.each(['a small one', 'a large one'])('what continues a cut one takes its place, %s', async (which) => {
  const large = which === 'a large one';
  const rows = large ? 50_000 : 100;
  const bytes = large ? image(SOP, rows) : whole;
  await store(image('1.2.3.4.6', 10));
  expect(await store(bytes.subarray(0, bytes.length >> 2))).toMatchObject({ outcome: 'repaired' });
  archive.setPinned(STUDY, true);
  const removed = vi.fn<(studyUid: string) => void>();
  archive.onRemoval(removed);
  const half = await store(bytes.subarray(0, bytes.length >> 1));
  expect(half).toMatchObject({ outcome: 'repaired', code: 'truncated-pixels' });
  expect(half.reason).toContain('only the beginning was in the archive');
  expect(await store(bytes)).toMatchObject({ outcome: 'stored', code: 'continued', studyUid: STUDY });
  await expectStored(bytes);
  const { studies, series, removedStudies } = changesSince(archive.index, 0);
  expect(studies).toMatchObject([{ instanceCount: 2, isPinned: true }]);
  expect(series).toMatchObject([{ instanceCount: 2, repairs: [] }]);
  expect(removedStudies).toEqual([]);
  expect(archive.index.conflicts()).toEqual([]);
  expect(removed).not.toHaveBeenCalled();
  await archive.close();
  archive = new Archive(inData(), keys);
  await expectStored(bytes);
  expect([filesIn('objects').length, filesIn('quarantine'), filesIn('removed')]).toEqual([2, [], []]);
  expect(await store(bytes)).toMatchObject({ outcome: 'duplicate' });
});

test('file meta information of its own does not keep it from that', async () => {
  expect(await store(withoutPreamble(cutTo(50)))).toMatchObject({ code: 'truncated-pixels' });
  expect(await store(whole)).toMatchObject({ outcome: 'stored', code: 'continued' });
  await expectStored(whole);
  expect(archive.index.conflicts()).toEqual([]);
});

test.each([
  ['before its content', '0040A730', 0, 'missing-attribute'],
  ['in the head of its content', '0040A730', 4, 'trailing-bytes'],
  ['in the head of an element behind it', '00420010', 4, 'trailing-bytes'],
])('a report that was cut %s is continued too', async (_where, tag, more, code) => {
  const report = Buffer.from(
    writeFile({
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.88.11'),
      '00080018': text('UI', SOP),
      '00080060': text('CS', 'SR'),
      '0020000D': text('UI', STUDY),
      '0020000E': text('UI', '1.2.3.4'),
      '0040A730': sequence({ '0040A040': text('CS', 'TEXT'), '0040A160': text('UT', 'No finding.') }),
      '00420010': text('ST', 'Report'),
    }),
  );
  const [group, element] = [parseInt(tag.slice(0, 4), 16), parseInt(tag.slice(4), 16)];
  const at = report.indexOf(Buffer.from(Uint16Array.of(group, element).buffer));
  expect(await store(report.subarray(0, at + more))).toMatchObject({ outcome: 'repaired', code });
  expect(await store(report)).toMatchObject({ outcome: 'stored', code: 'continued' });
  await expectStored(report);
});

test('alone in its study, it leaves the study where it was', async () => {
  await store(cutTo(10));
  archive.setPinned(STUDY, true);
  expect(await store(whole)).toMatchObject({ code: 'continued' });
  const { studies, removedStudies } = changesSince(archive.index, 0);
  expect(studies).toMatchObject([{ studyUid: STUDY, isPinned: true, instanceCount: 1 }]);
  expect(removedStudies).toEqual([]);
});

test.each([
  ['a cut copy of what is whole', whole, cutTo(50), 'duplicate'],
  ['a shorter cut of what is cut', cutTo(50), cutTo(20), 'duplicate'],
  ['a cut copy with another beginning', whole, image(SOP, 100, 'Doe^John').subarray(0, -100), 'conflict'],
  ['another beginning', cutTo(50), image(SOP, 100, 'Doe^John'), 'conflict'],
  ['another beginning of the data set', withoutPreamble(cutTo(50)), image(SOP, 100, 'Doe^John'), 'conflict'],
  ['more of the file, and less of the data set', withoutPreamble(cutTo(50)), cutTo(49), 'duplicate'],
  ['more behind what is whole', whole, Buffer.concat([whole, Buffer.alloc(100)]), 'conflict'],
])('%s does not', async (_what, first, second, outcome) => {
  await store(first);
  expect(await store(second)).toMatchObject({ outcome });
  await expectStored(first);
  expect(filesIn('quarantine')).toHaveLength(outcome === 'conflict' ? 1 : 0);
});

test('one with other content than a cut one can take its place, and that is said', async () => {
  await store(cutTo(50));
  expect(await store(image(SOP, 100, 'Doe^John'))).toMatchObject({
    outcome: 'conflict',
    reason:
      'The stored file of this instance is cut, and this one does not continue it; this one is kept in quarantine and can take its place.',
  });
});

test('where it lies in quarantine from before, it leaves that', async () => {
  await store(cutTo(50));
  vi.spyOn(archive.index, 'repairsOf').mockReturnValueOnce([]);
  expect(await store(whole)).toMatchObject({ outcome: 'conflict' });
  expect(await store(whole)).toMatchObject({ outcome: 'stored', code: 'continued' });
  await archive.close();
  archive = new Archive(inData(), keys);
  await expectStored(whole);
  expect(archive.index.conflicts()).toEqual([]);
  expect([filesIn('objects').length, filesIn('quarantine'), filesIn('removed')]).toEqual([1, [], []]);
});

test('a kill before and after its row is written loses nothing', async () => {
  await store(cutTo(50));
  const { swap } = archive.index;
  const [before, after] = ['before', 'after'].map((name) => path.join(folder, name)) as [string, string];
  vi.spyOn(archive.index, 'swap').mockImplementation((...given) => {
    fs.cpSync(inData(), before, { recursive: true });
    swap.apply(archive.index, given);
    fs.cpSync(inData(), after, { recursive: true });
  });
  expect(await store(whole)).toMatchObject({ code: 'continued' });
  await restartFrom(after);
  await expectStored(whole);
  expect([filesIn('objects').length, filesIn('quarantine'), filesIn('removed')]).toEqual([1, [], []]);
  await restartFrom(before);
  await expectStored(cutTo(50));
  expect(archive.index.conflicts()).toHaveLength(1);
  expect(await store(whole)).toMatchObject({ code: 'continued' });
  await expectStored(whole);
  expect(archive.index.conflicts()).toEqual([]);
});

test('an index that cannot be written leaves what was stored', async () => {
  await store(cutTo(50));
  vi.spyOn(archive.index, 'swap').mockImplementation(() => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
  });
  await expect(store(whole)).rejects.toThrow('disk I/O error');
  await expectStored(cutTo(50));
  expect(filesIn('objects')).toHaveLength(1);
});
