import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { binary, numbers, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { fillDisk } from '#backend/base/testing.ts';
import { Archive } from './archive.ts';
import type { DamageReport } from './stored-checks.ts';
import { changesSince } from './change-feed.ts';
import { verifyAll } from './verify.ts';

const key = (): Buffer => randomBytes(32);
const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
const STUDY = '1.2.3';
const SERIES = '1.2.3.4';
const UIDS = ['1.2.3.4.5', '1.2.3.4.6', '1.2.3.4.7'] as const;
let folder = '';
let archive: Archive;

const bytesOf = (sop: string, fill = 7): Uint8Array =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
    '00080018': text('UI', sop),
    '0020000D': text('UI', STUDY),
    '0020000E': text('UI', SERIES),
    '00280010': numbers('US', 30),
    '00280011': numbers('US', 20),
    '00280100': numbers('US', 8),
    '7FE00010': binary('OB', new Uint8Array(600).fill(fill)),
  });
async function store(sop: string, fill?: number): Promise<string> {
  const file = path.join(folder, 'file.dcm');
  fs.writeFileSync(file, bytesOf(sop, fill));
  const { outcome, code } = await archive.ingest.file({ path: file });
  return code ?? outcome;
}
const located = (sop: string) => archive.index.locate(sop)!;
const fileOf = (sop: string): string => {
  const { name } = located(sop);
  return path.join(folder, 'data', 'objects', name.slice(0, 1), name);
};
function flipByte(file: string): void {
  const bytes = fs.readFileSync(file);
  bytes[300]! ^= 1;
  fs.writeFileSync(file, bytes);
}
/** What the browser is told of the study and of its series. */
const marks = (): number[] => {
  const { studies, series } = changesSince(archive.index, 0);
  return [...studies, ...series].map((row) => row.damagedCount);
};
async function verified(): Promise<DamageReport[]> {
  const found: DamageReport[] = [];
  await verifyAll(
    archive,
    (report) => found.push(report),
    () => undefined,
    () => Promise.resolve(),
    new AbortController().signal,
  );
  return found;
}

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-damage-'));
  archive = new Archive(path.join(folder, 'data'), keys);
  for (const sop of UIDS) await store(sop);
});
afterEach(async () => {
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

test('verification names a damaged and a missing file, and marks study and series until they are whole', async () => {
  const [flipped, lost] = UIDS;
  const whole = fs.readFileSync(fileOf(flipped));
  flipByte(fileOf(flipped));
  fs.rmSync(fileOf(lost));
  expect(await verified()).toEqual([
    { sopInstanceUid: flipped, reason: expect.stringContaining('does not match its checksum') },
    { sopInstanceUid: lost, reason: 'The file is missing.' },
  ]);
  expect(marks()).toEqual([2, 2]);
  fs.writeFileSync(fileOf(flipped), whole);
  await verified();
  expect(marks()).toEqual([1, 1]);
  // The instance comes again.
  expect(await store(lost)).toBe('restored');
  expect(marks()).toEqual([0, 0]);
  expect(await verified()).toEqual([]);
});

test('whoever reads a damaged file notes it, by range and as a whole', async () => {
  const [ranged, whole, absent] = UIDS;
  flipByte(fileOf(ranged));
  await expect(archive.readRange(located(ranged), 0, 200)).rejects.toThrow('retrieve or import it again');
  expect(marks()).toEqual([1, 1]);
  flipByte(fileOf(whole));
  await expect(async () => {
    for await (const piece of archive.pieces(located(whole))) void piece;
  }).rejects.toThrow('does not match its checksum');
  fs.truncateSync(fileOf(absent), 200);
  await expect(archive.readRange(located(absent), 500, 10)).rejects.toThrow('damaged or missing');
  expect(marks()).toEqual([3, 3]);
  fs.rmSync(fileOf(absent));
  expect(() => archive.open(located(absent))).toThrow('damaged or missing');
  expect(marks()).toEqual([3, 3]);
});

test('what cannot be opened only now is not called damaged', () => {
  const [sop] = UIDS;
  fs.rmSync(fileOf(sop));
  fs.symlinkSync(fileOf(sop), fileOf(sop));
  expect(() => archive.open(located(sop))).toThrow('ELOOP');
  expect(marks()).toEqual([0, 0]);
});

test('what is damaged counts as missing for a node, also where nobody read it', async () => {
  const { damage } = archive.index;
  const [cut, lost, well] = UIDS;
  fs.truncateSync(fileOf(cut), fs.statSync(fileOf(cut)).size - 1);
  fs.rmSync(fileOf(lost));
  await archive.checks.noteLost(STUDY);
  expect(UIDS.filter((sop) => damage.isWhole(sop))).toEqual([well]);
  const counts = [{}, { seriesUid: SERIES }, { seriesUid: '1.9' }].map((where) =>
    damage.wholeCount({ studyUid: STUDY, ...where }),
  );
  expect(counts).toEqual([1, 1, 0]);
  expect(damage.wholeCount({ studyUid: '1.9' })).toBe(0);
});

test('what was stored cut counts as missing for a node too, once where it is damaged as well', async () => {
  const { damage } = archive.index;
  const counts = (): number[] => [damage.wholeCount({ studyUid: STUDY }), damage.wholeCount({ studyUid: '1.9' })];
  const file = path.join(folder, 'file.dcm');
  const cut = '1.2.3.4.8';
  fs.writeFileSync(file, bytesOf(cut).subarray(0, -100));
  expect(await archive.ingest.file({ path: file })).toMatchObject({ outcome: 'repaired', code: 'truncated-pixels' });
  expect([damage.isWhole(cut), damage.isCut(cut), counts()]).toEqual([false, true, [3, 0]]);
  expect(damage.isCut(UIDS[0])).toBe(false);
  flipByte(fileOf(cut));
  await archive.checks.instance(located(cut));
  expect(counts()).toEqual([3, 0]);
  expect(await store(cut)).toBe('continued');
  expect([damage.isWhole(cut), damage.isCut(cut), counts()]).toEqual([true, false, [4, 0]]);
});

test('a note goes with its study, with a rebuild, and with the file that another took the place of', async () => {
  const notes = (): number => archive.index.db.prepare('SELECT 1 FROM damaged_instance').all().length;
  const [sop] = UIDS;
  flipByte(fileOf(sop));
  await archive.checks.instance(located(sop));
  const before = located(sop);
  expect(await store(sop, 8)).toBe('conflict');
  await archive.preferConflict(archive.index.conflicts()[0]!.id);
  expect(notes()).toBe(0);
  // A reader that had opened the one before.
  expect(archive.index.damage.note(before, 'too late')).toBe(false);
  flipByte(fileOf(sop));
  await archive.checks.instance(located(sop));
  await archive.rebuild();
  expect(notes()).toBe(0);
  fs.rmSync(fileOf(UIDS[1]));
  await archive.checks.noteLost(STUDY);
  await archive.removeStudy(STUDY);
  expect(notes()).toBe(0);
});

test('verification looks at what is in quarantine too', async () => {
  const [sop] = UIDS;
  expect(await store(sop, 8)).toBe('conflict');
  flipByte(path.join(folder, 'data', 'quarantine', archive.index.conflicts()[0]!.name));
  expect(await verified()).toEqual([{ sopInstanceUid: sop, reason: expect.stringContaining('In quarantine') }]);
  expect(marks()).toEqual([0, 0]);
});

test('on a full disk damage is told all the same, and noted once there is space', async () => {
  const [flipped] = UIDS;
  flipByte(fileOf(flipped));
  const location = located(flipped);
  const makeSpace = fillDisk(archive.index.db, 'damaged_instance');
  await expect(archive.readRange(location, 0, location.sizeBytes)).rejects.toMatchObject({ code: 'cannot-decode' });
  expect(await verified()).toMatchObject([{ sopInstanceUid: flipped }]);
  expect(marks()).toEqual([0, 0]);
  makeSpace();
  await verified();
  expect(marks()).toEqual([1, 1]);
});

test('a program that ends calls nothing damaged that it was just looking at', async () => {
  const location = located(UIDS[0]);
  await archive.close();
  await expect(archive.checks.instance(location)).rejects.toThrow('the worker pool is closed');
  archive = new Archive(path.join(folder, 'data'), keys);
  expect(marks()).toEqual([0, 0]);
});
