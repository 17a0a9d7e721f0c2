// What was removed goes for good, and what came after it stays, whatever goes wrong on the way.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { binary, numbers, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import { Archive } from './archive.ts';
import { NotDestroyed } from './removals.ts';

let folder = '';
let archive: Archive;
let letGo = (): void => undefined;
const key = (): Buffer => randomBytes(32);
const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
const dataDir = (): string => path.join(folder, 'data');
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-removals-'));
  archive = new Archive(dataDir(), keys);
});
afterEach(async () => {
  letGo();
  vi.restoreAllMocks();
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

const OTHER_PATIENT = { '00100010': text('PN', 'Doe^John') };
const DEFLATED = '1.2.840.10008.1.2.1.99';
const datasetOf = (study: string, number: number, more: Dataset = {}): Dataset => ({
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
  '00080018': text('UI', `${study}.1.${number}`),
  '00080060': text('CS', 'OT'),
  '00100010': text('PN', 'Doe^Jane'),
  '00100020': text('LO', 'P1'),
  '0020000D': text('UI', study),
  '0020000E': text('UI', `${study}.1`),
  '00280002': numbers('US', 1),
  '00280010': numbers('US', 4),
  '00280011': numbers('US', 4),
  '00280100': numbers('US', 8),
  '00280101': numbers('US', 8),
  '00280102': numbers('US', 7),
  '00280103': numbers('US', 0),
  '7FE00010': binary('OB', new Uint8Array(16).fill(7)),
  ...more,
});
const instance = (study: string, number: number, more: Dataset = {}): Uint8Array =>
  writeFile(datasetOf(study, number, more));
async function store(study: string, count: number, more = {}): Promise<string[]> {
  const outcomes = Array.from({ length: count }, async (_, number) => {
    const stream = archive.ingest.stream({ path: 'stream' });
    await stream.write(instance(study, number, more));
    return (await stream.finish()).outcome;
  });
  return Promise.all(outcomes);
}
const filesIn = (name: string): string[] =>
  fs
    .readdirSync(path.join(dataDir(), name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
/** As many intact instances as are wanted, and no file beside theirs. */
async function expectWhole(count: number): Promise<void> {
  const all = archive.index.locateAll({});
  expect(all).toHaveLength(count);
  for (const location of all) expect(await archive.checks.instance(location)).toBeUndefined();
  expect(filesIn('objects')).toHaveLength(count);
  expect(filesIn('removed')).toEqual([]);
}
/** Nothing can be taken out of its place until this is called again. */
function block(): () => void {
  const removed = path.join(dataDir(), 'removed');
  fs.renameSync(removed, path.join(folder, 'aside'));
  fs.writeFileSync(removed, '');
  return () => {
    fs.rmSync(removed);
    fs.renameSync(path.join(folder, 'aside'), removed);
  };
}
/** Nothing is destroyed until what is returned is called. */
function holdDestroying(): () => void {
  const { promise: held, resolve } = Promise.withResolvers<void>();
  const { open } = fs.promises;
  vi.spyOn(fs.promises, 'open').mockImplementation(async (file, ...more) => {
    if (String(file).includes('removed')) await held;
    return open.call(fs.promises, file, ...more);
  });
  letGo = resolve;
  return resolve;
}
async function restart(): Promise<void> {
  await archive.close();
  archive = new Archive(dataDir(), keys);
  await archive.settleAfterCrash();
}

test('what comes again after a removal that failed stays, over the next removal and the next start', async () => {
  await store('1.2.3', 2);
  await store('1.2.4', 1);
  const unblock = block();
  await expect(archive.removeStudy('1.2.3')).rejects.toThrow(
    /2 files of it could not be destroyed: .*objects.* \(ENOTDIR\)\. .*next start/,
  );
  expect(archive.index.hasStudy('1.2.3')).toBe(false);
  await expect(store('1.2.3', 1), 'what was removed is in its place').rejects.toMatchObject({ code: 'not-written' });
  unblock();
  expect(await store('1.2.3', 2)).toEqual(['stored', 'stored']);
  await archive.removeStudy('1.2.4');
  await expectWhole(2);
  await restart();
  await expectWhole(2);
});

test('what could not be taken out of its place does not come back, and is destroyed with the next removal', async () => {
  await store('1.2.3', 2);
  await store('1.2.4', 1);
  await store('1.2.4', 1, OTHER_PATIENT);
  const unblock = block();
  await expect(archive.removeStudy('1.2.3')).rejects.toThrow(NotDestroyed);
  expect(await archive.rebuild()).toMatchObject({ instances: 1, conflicts: 1 });
  const left = [...archive.checks.unlisted()];
  expect(left).toHaveLength(2);
  expect(await archive.checks.unlistedFile(left[0]!)).toMatchObject({
    reason: expect.stringContaining('removed') as string,
  });
  fs.writeFileSync(path.join(dataDir(), 'open'), '');
  unblock();
  await archive.removeConflict(archive.index.conflicts()[0]?.id ?? 0);
  await expectWhole(1);
  expect(archive.index.tombstones.all()).toEqual([]);
});

test('a disk that has no room for more names in the folder of what was removed takes them as others go', async () => {
  await store('1.2.3', 7);
  const { renameSync } = fs;
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    if (String(to).includes('removed') && filesIn('removed').length >= 2)
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    renameSync.call(fs, from, to);
  });
  await archive.removeStudy('1.2.3');
  await expectWhole(0);
  expect(archive.index.tombstones.all()).toEqual([]);
});

test('a file that took the place of one that could not be removed is another one', async () => {
  await store('1.2.3', 1);
  await store('1.2.4', 1);
  const unblock = block();
  await expect(archive.removeStudy('1.2.3')).rejects.toThrow(NotDestroyed);
  // By hand, as whoever reads the sentence may do.
  for (const name of archive.index.tombstones.all())
    fs.rmSync(filesIn('objects').find((file) => file.endsWith(name)) ?? '');
  unblock();
  expect(await store('1.2.3', 1)).toEqual(['stored']);
  await archive.removeStudy('1.2.4');
  await expectWhole(1);
});

test('what comes again while the old files are being destroyed stays, over another removal and over a kill', async () => {
  await store('1.2.3', 20);
  await store('1.2.4', 1);
  const go = holdDestroying();
  const removals = [archive.removeStudy('1.2.3')];
  expect(await store('1.2.3', 10)).toEqual(Array.from({ length: 10 }, () => 'stored'));
  const killed = path.join(folder, 'killed');
  fs.cpSync(dataDir(), killed, { recursive: true });
  removals.push(archive.removeStudy('1.2.4'));
  go();
  await Promise.all(removals);
  await expectWhole(10);
  await archive.close();
  fs.rmSync(dataDir(), { recursive: true });
  fs.renameSync(killed, dataDir());
  archive = new Archive(dataDir(), keys);
  await archive.settleAfterCrash();
  await archive.removeStudy('1.2.4');
  await expectWhole(10);
});

test('many removals at the same time destroy everything once', async () => {
  const studies = Array.from({ length: 8 }, (_, at) => `1.2.${at + 10}`);
  for (const study of studies) await store(study, 10);
  await Promise.all(studies.map((study) => archive.removeStudy(study)));
  expect(archive.index.tombstones.all()).toEqual([]);
  await expectWhole(0);
});

test('a tombstone says nothing of a name that has a row, nor of the other place of that name', async () => {
  await store('1.2.3', 1);
  // Of older programs.
  archive.index.db.execute('INSERT INTO tombstone SELECT name FROM instance');
  await restart();
  await expectWhole(1);
  expect(await archive.rebuild()).toMatchObject({ instances: 1 });
  await restart();
  await expectWhole(1);

  // In conflict with an instance of another study, which goes: the same content again is an instance beside itself.
  const moved = { '0020000D': text('UI', '1.2.4') };
  expect(await store('1.2.3', 1, moved)).toEqual(['conflict']);
  await archive.removeStudy('1.2.3');
  expect(await store('1.2.3', 1, moved)).toEqual(['stored']);
  const [conflict] = archive.index.conflicts();
  expect(conflict?.name).toBe(archive.index.locateAll({})[0]?.name);
  const unblock = block();
  await expect(archive.preferConflict(conflict?.id ?? 0)).rejects.toThrow(NotDestroyed);
  expect(await archive.rebuild()).toMatchObject({ instances: 1, conflicts: 0 });
  unblock();
  expect(filesIn('quarantine')).toEqual([]);
  await expectWhole(1);
});

test('a row takes the tombstone of its name with it, and neither comes back with a power cut', async () => {
  await store('1.2.3', 1);
  const { name } = archive.index.locateAll({})[0]!;
  const go = holdDestroying();
  const removal = archive.removeStudy('1.2.3');
  const transact = vi.spyOn(archive.index.db, 'transact');
  expect(archive.index.tombstones.has(name)).toBe(true);
  await store('1.2.3', 1);
  expect(archive.index.tombstones.has(name)).toBe(false);
  expect(transact.mock.calls.some(([, options]) => options?.isFlushedLater === false)).toBe(true);
  go();
  await removal;
});

test.each(['duplicate', 'restored'])(
  'a study that is removed while it comes again, as a %s, is there after',
  async (how) => {
    await store('1.2.3', 1);
    if (how === 'restored') for (const file of filesIn('objects')) fs.truncateSync(file, 200);
    const { locate } = archive.index;
    const { promise: removal, resolve: removes } = Promise.withResolvers<void>();
    let looks = 0;
    vi.spyOn(archive.index, 'locate').mockImplementation((uid) => {
      // Looked up the second time, what is stored is read next: before that answers.
      if (++looks === 2) queueMicrotask(() => removes(archive.removeStudy('1.2.3')));
      return locate.call(archive.index, uid);
    });
    const again = store('1.2.3', 1);
    await removal;
    expect(await again).toEqual(['stored']);
    await expectWhole(1);
  },
);

test('the pixels of a deflated instance are its own, also where it has the number in the index of one that was removed', async () => {
  const read = async (value: number): Promise<Buffer> => {
    const pixels = { '7FE00010': binary('OB', new Uint8Array(16).fill(value)) };
    const plain = Buffer.from(writeFile(datasetOf('1.2.3', 0, pixels), { transferSyntaxUid: DEFLATED }));
    // Behind the file meta information, whose length is its first value.
    const start = 144 + plain.readUInt32LE(140);
    const stream = archive.ingest.stream({ path: 'stream' });
    await stream.write(Buffer.concat([plain.subarray(0, start), deflateRawSync(plain.subarray(start))]));
    expect(await stream.finish()).toMatchObject({ outcome: 'stored' });
    const location = archive.index.locateAll({})[0]!;
    const bytes = await archive.readRange(location, location.datasetOffset, plain.length - start);
    return bytes.subarray(-16);
  };
  expect(await read(7)).toEqual(Buffer.alloc(16, 7));
  await archive.removeStudy('1.2.3');
  expect(await read(9)).toEqual(Buffer.alloc(16, 9));
});
