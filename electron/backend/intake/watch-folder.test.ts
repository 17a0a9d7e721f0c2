// When a watched file is taken that is not whole yet, or cannot be read.
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { afterEach, expect, test, vi } from 'vitest';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';
import { binary, numbers, text } from '#shared/testing/dicom-builder.ts';
import type { Job } from '#shared/contract/views.ts';
import { LOOKS_AT_CUT, WatchFolder, WatchMemory } from './watch-folder.ts';

const at = backendForEachTest();
let watch: WatchFolder | undefined;
afterEach(async () => {
  await watch?.stop();
  vi.restoreAllMocks();
});

const whole = instance(1, 1, {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
  '00280002': numbers('US', 1),
  '00280010': numbers('US', 100),
  '00280011': numbers('US', 100),
  '00280100': numbers('US', 8),
  '00280101': numbers('US', 8),
  '00280102': numbers('US', 7),
  '00280103': numbers('US', 0),
  '7FE00010': binary('OB', new Uint8Array(10_000).fill(7)),
});

/** Watches `source`; `onTaken` is told of each take. */
function start(onTaken: (counts: Job['counts']) => void): void {
  const { archive, jobs } = at.backend.open();
  watch = new WatchFolder(path.join(at.folder, 'source'), {
    archive,
    jobs,
    memory: new WatchMemory(archive.index.db),
    intervalMs: 1,
    onTaken,
    onBug: (error) => at.bugs.push(error),
  });
}

/** What the first take counts, and how often a file was looked into for being cut; `looked` is told of each look at the folder. */
async function taken(looked: (count: number) => void): Promise<{ counts: Job['counts']; lookedInto: number }> {
  const { markOf } = WatchMemory.prototype;
  let count = 0;
  vi.spyOn(WatchMemory.prototype, 'markOf').mockImplementation(function looking(this: WatchMemory, ...asked) {
    looked(++count);
    return markOf.apply(this, asked);
  });
  const into = vi.spyOn(at.backend.open().archive.ingest, 'mayBeCut');
  const counts = await new Promise<Job['counts']>(start);
  return { counts, lookedInto: into.mock.calls.length };
}

test.each(['its pixel data', 'its data set', 'its file meta information'])(
  'a slow copy that stands still in %s is waited for',
  async (part) => {
    const length = { 'its pixel data': 5000, 'its data set': 400, 'its file meta information': 200 }[part] ?? 0;
    const file = at.put('slow.dcm', whole.subarray(0, length));
    const found = await taken((count) => {
      if (count === 5) fs.writeFileSync(file, whole);
    });
    // Once for what it was, once for what it is.
    expect(found).toEqual({ counts: { stored: 1 }, lookedInto: 2 });
  },
);

test('what stays cut is taken as it is in the end', async () => {
  at.put('cut.dcm', whole.subarray(0, 5000));
  let count = 0;
  expect(await taken((looks) => (count = looks))).toEqual({ counts: { repaired: 1 }, lookedInto: 1 });
  expect(count).toBe(LOOKS_AT_CUT + 1);
});

/** Starts and gives what resolves to the counts of the next take. */
function takes(): () => Promise<Job['counts']> {
  const taking = new EventEmitter();
  start((counts) => taking.emit('taken', counts));
  return async () => ((await once(taking, 'taken')) as [Job['counts']])[0];
}
const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });

test.each(['moved away', 'unmounted'])('of a folder that is %s while its files are taken none is lost', async (how) => {
  for (const sop of [1, 2, 3]) at.put(`${sop}.dcm`, instance(1, sop));
  const { archive, jobs } = at.backend.open();
  const [source, away] = ['source', 'away'].map((name) => path.join(at.folder, name)) as [string, string];
  const { file } = archive.ingest;
  vi.spyOn(archive.ingest, 'file').mockImplementationOnce((origin) => {
    fs.renameSync(source, away);
    if (how === 'unmounted') fs.mkdirSync(source);
    return file.call(archive.ingest, origin);
  });
  const next = takes();
  expect(await next()).toEqual({});
  expect(jobs.list()).toMatchObject([{ state: 'failed', message: expect.stringContaining('went away') as string }]);
  if (how === 'unmounted') fs.rmdirSync(source);
  fs.renameSync(away, source);
  expect(await next()).toEqual({ stored: 3 });
});

test('a file that may not be read is told, and taken once it may be, without a job for each look', async () => {
  const name = at.put('1.dcm', instance(1, 1));
  const { archive, jobs } = at.backend.open();
  const { mayBeCut } = archive.ingest;
  const told: unknown[] = [];
  vi.spyOn(archive.ingest, 'mayBeCut').mockImplementation(async (file) => {
    told.push(watch?.state.message);
    if (told.length < 4) throw denied;
    return mayBeCut.call(archive.ingest, file);
  });
  expect(await takes()()).toEqual({ stored: 1 });
  const message = `${name}: The file may not be read by this user. It is tried again and again.`;
  expect(told).toEqual([null, message, message, message]);
  expect(jobs.list()).toHaveLength(1);
});

test('a ZIP file of which a member could not be read is taken again', async () => {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  await zip.add('1.dcm', new Uint8ArrayReader(instance(1, 1)));
  at.put('cd.zip', await zip.close());
  const stream = vi.spyOn(at.backend.open().archive.ingest, 'stream').mockReturnValueOnce({
    wantsMore: true,
    write: () => undefined,
    finish: () => Promise.resolve({ outcome: 'refused', code: 'unreadable', reason: 'EIO', sizeBytes: 0 }),
    abort: () => Promise.resolve(),
  });
  const next = takes();
  expect(await next()).toEqual({ refused: 1 });
  expect(await next()).toEqual({ stored: 1 });
  expect(stream).toHaveBeenCalledTimes(2);
});

test('a file that failed while it was taken is told once, and taken again once it can be read to its end', async () => {
  at.put('1.dcm', instance(1, 1));
  const { archive, jobs } = at.backend.open();
  const reason = 'The file could not be read: the disk reports an error (EIO).';
  vi.spyOn(archive.ingest, 'file').mockResolvedValueOnce({
    outcome: 'refused',
    code: 'unreadable',
    reason,
    sizeBytes: 0,
  });
  const { createReadStream } = fs;
  const reads = vi.spyOn(fs, 'createReadStream').mockImplementationOnce(() => createReadStream(at.folder));
  const next = takes();
  expect(await next()).toEqual({ refused: 1 });
  expect(await next()).toEqual({ stored: 1 });
  expect(reads).toHaveBeenCalledTimes(2);
  expect(jobs.list()).toHaveLength(2);
});

const MODIFIED = new Date(2024, 1, 3, 4, 5, 6);
/** Puts a file into the folder, in place of another perhaps, as a copy that keeps the time of change; gives its path. */
function copyInto(name: string, content: Uint8Array): string {
  const [aside, file] = [path.join(at.folder, 'aside'), path.join(at.folder, 'source', name)];
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(aside, content);
  fs.utimesSync(aside, MODIFIED, MODIFIED);
  fs.renameSync(aside, file);
  return file;
}

test('a file that takes the place of another is taken, though it has the same size and time', async () => {
  copyInto('1.dcm', instance(1, 1));
  const next = takes();
  expect(await next()).toEqual({ stored: 1 });
  copyInto('1.dcm', instance(1, 2));
  expect(await next()).toEqual({ stored: 1 });
});

test('what left the folder is forgotten, unless the folder itself was away; what comes under its name then is new', async () => {
  // As with file systems that do not tell when a file was put there.
  const { stat } = fs.promises;
  vi.spyOn(fs.promises, 'stat').mockImplementation(async (...asked: Parameters<typeof stat>) =>
    Object.assign(await stat(...asked), { ctimeMs: 0 }),
  );
  const [file, other] = [copyInto('1.dcm', instance(1, 1)), copyInto('2.dcm', instance(1, 3))];
  const [source, away] = [path.dirname(file), path.join(at.folder, 'away')];
  const next = takes();
  expect(await next()).toEqual({ stored: 2 });
  const memory = new WatchMemory(at.backend.open().archive.index.db);
  const looked = async (): Promise<void> => {
    const before = watch?.state.lastSeenAt;
    await expect.poll(() => watch?.state.lastSeenAt).not.toBe(before);
  };
  await looked();
  fs.renameSync(source, away);
  fs.mkdirSync(source);
  await looked();
  await looked();
  fs.rmdirSync(source);
  fs.renameSync(away, source);
  await looked();
  await looked();
  expect([file, other].map((each) => memory.markOf(source, each))).not.toContain(undefined);
  fs.rmSync(file);
  await expect.poll(() => memory.markOf(source, file)).toBeUndefined();
  expect(memory.markOf(source, other)).toBeDefined();
  copyInto('1.dcm', instance(1, 2));
  expect(await next()).toEqual({ stored: 1 });
});

test('what an older version had taken, and marked without the time of the entry, is not taken again', async () => {
  const file = copyInto('1.dcm', instance(1, 1));
  const { archive, jobs } = at.backend.open();
  const memory = new WatchMemory(archive.index.db);
  const { size, mtimeMs, ctimeMs } = fs.statSync(file);
  memory.remember(path.dirname(file), file, `${size}/${mtimeMs}`);
  start(() => undefined);
  await expect.poll(() => memory.markOf(path.dirname(file), file)).toBe(`${size}/${mtimeMs}/${ctimeMs}`);
  expect(jobs.list()).toEqual([]);
});

test('the data folder is not watched, by whatever name, and left out of a folder from which it is reached', async () => {
  const { archive, watchFolders } = at.backend.open();
  const link = path.join(at.folder, 'link');
  fs.symlinkSync(archive.dataDir, link);
  for (const own of [archive.dataDir, link, path.join(link, 'objects')])
    await expect(watchFolders.add(own)).rejects.toThrow('The data folder of Lectern itself cannot be watched.');
  copyInto('1.dcm', instance(1, 1));
  const source = path.join(at.folder, 'source');
  fs.symlinkSync(archive.dataDir, path.join(source, 'own'));
  const into = vi.spyOn(archive.ingest, 'mayBeCut');
  expect(await takes()()).toEqual({ stored: 1 });
  expect(into.mock.calls.map(([file]) => path.relative(source, file))).toEqual(['1.dcm']);
});

test('a link that leads to the data folder later on is told, and nothing is taken from there', async () => {
  const { archive, jobs } = at.backend.open();
  fs.symlinkSync(path.join(archive.dataDir, 'objects'), path.join(at.folder, 'source'));
  start(() => undefined);
  await expect.poll(() => watch?.state.message).toBe('The data folder of Lectern itself cannot be watched.');
  expect(jobs.list()).toEqual([]);
});
