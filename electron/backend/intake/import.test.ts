// A disc that cannot be read everywhere, and files that go while they are looked at: each costs its own line and nothing else.
import fs from 'node:fs';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { afterEach, expect, test, vi } from 'vitest';
import type { JobContext } from '#backend/jobs/job-context.ts';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';
import type { FileReport } from '#shared/contract/views.ts';
import { sequence, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { runImport } from './import.ts';

const at = backendForEachTest();
afterEach(() => vi.restoreAllMocks());

const failure = (code: string): Error => Object.assign(new Error(`${code}: as the system says it`), { code });

/** From this byte on the file cannot be read: a read that begins before it gives what there is. */
function scratch(file: string, from: number): void {
  const { open } = fs.promises;
  vi.spyOn(fs.promises, 'open').mockImplementation(async (name, ...more) => {
    const handle = await open.call(fs.promises, name, ...more);
    if (name !== file) return handle;
    const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<{ bytesRead: number }>;
    handle.read = (async (bytes: Uint8Array, offset: number, length: number, position: number) => {
      if (position >= from) throw failure('EIO');
      return read(bytes, offset, Math.min(length, from - position), position);
    }) as unknown as typeof handle.read;
    return handle;
  });
}

/** The lines of those files that were not stored, without the folder. */
async function refused(): Promise<FileReport[]> {
  const reports = await reportsOf(path.join(at.folder, 'source'));
  const stored = reports.filter(({ outcome }) => outcome === 'stored');
  expect(stored.map(({ path: file }) => path.basename(file)).sort()).toEqual(['1.dcm', '9.dcm']);
  return reports.filter(({ outcome }) => outcome !== 'stored');
}

/** Lines of an import of these paths, without the folder. */
async function reportsOf(...paths: string[]): Promise<FileReport[]> {
  const reports: FileReport[] = [];
  const context = {
    checkpoint: async () => undefined,
    isDone: () => false,
    item: (report: FileReport) => void reports.push(report),
  } as unknown as JobContext;
  await runImport(at.backend.open().archive, context, { paths });
  return reports.map((report) => ({ ...report, path: path.relative(path.join(at.folder, 'source'), report.path) }));
}

const putImages = (): void => ['1.dcm', '9.dcm'].forEach((name, sop) => at.put(name, instance(1, sop)));
const EIO = 'the disk reports an error (EIO).';
const UNREADABLE = { outcome: 'refused', code: 'unreadable', reason: `The file could not be read: ${EIO}` };
const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200_000, 1)]);
async function zip(): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const name of ['a', 'b']) await writer.add(name, new Uint8ArrayReader(Buffer.from(name)));
  return writer.close();
}

test.each([
  ['at all', 0],
  ['at its end', program.length - 5000],
])('a program that cannot be read %s is told, for a study may be behind it', async (_where, from) => {
  putImages();
  scratch(at.put('2.exe', program), from);
  expect(await refused()).toEqual([{ path: '2.exe', ...UNREADABLE }]);
});

test('a ZIP file whose list of members cannot be read is told', async () => {
  putImages();
  const bytes = await zip();
  const file = at.put('2.zip', bytes);
  scratch(file, bytes.length - 60);
  const reason = `The ZIP file could not be read: ${EIO}`;
  expect(await refused()).toEqual([{ path: '2.zip', ...UNREADABLE, reason }]);
});

test.each(['before it is looked at', 'between two looks'])('a file that is gone %s is told', async (when) => {
  putImages();
  const file = at.put('2.zip', await zip());
  const { open } = fs.promises;
  let looks = when === 'between two looks' ? 1 : 0;
  vi.spyOn(fs.promises, 'open').mockImplementation((name, ...more) => {
    if (name === file && looks-- === 0) fs.rmSync(file);
    return open.call(fs.promises, name, ...more);
  });
  const [line] = await refused();
  expect(line).toMatchObject({
    path: '2.zip',
    outcome: 'refused',
    reason: expect.stringContaining('not there') as string,
  });
});

test('a folder that cannot be listed, and a DICOMDIR that cannot be read: the images beside them are taken', async () => {
  putImages();
  const dicomdir = putDicomdir('DICOMDIR', { '1.dcm': '1.2.3.1.0' });
  const closed = path.dirname(at.put('sub/3.dcm', instance(2, 1)));
  vi.spyOn(fs.promises, 'readFile').mockImplementation((name) =>
    Promise.reject(failure(name === dicomdir ? 'EIO' : 'ENOENT')),
  );
  const readdir = fs.promises.readdir.bind(fs.promises) as (...given: unknown[]) => Promise<never>;
  vi.spyOn(fs.promises, 'readdir').mockImplementation((...given: unknown[]) =>
    given[0] === closed ? Promise.reject(failure('EIO')) : readdir(...given),
  );
  expect(await refused()).toEqual([
    { path: 'sub', outcome: 'refused', code: 'unreadable', reason: `This could not be read: ${EIO}` },
    {
      path: 'DICOMDIR',
      outcome: 'refused',
      code: 'dicomdir-damaged',
      reason: `The DICOMDIR could not be read: ${EIO} The files beside it were read without it.`,
    },
  ]);
});

test('a study that is removed while its files come: the import says how many of those that came are gone', async () => {
  for (const [study, sop] of [
    [1, 1],
    [1, 2],
    [1, 3],
    [2, 1],
  ] as const)
    at.put(`${study}-${sop}.dcm`, instance(study, sop));
  const { archive, jobs } = at.backend.open();
  // When the second file is in, and before the third one is looked at.
  const { file } = archive.ingest;
  let count = 0;
  vi.spyOn(archive.ingest, 'file').mockImplementation(async (origin) => {
    const isThird = ++count === 3;
    if (isThird) {
      await Promise.all(first);
      await archive.removeStudy('1.2.3.1');
    }
    const outcome = file.call(archive.ingest, origin);
    first.push(outcome);
    return outcome;
  });
  const first: Promise<unknown>[] = [];
  const { id } = jobs.start('import', 'source', { paths: [path.join(at.folder, 'source')] });
  await at.ended('import');
  expect(jobs.get(id)).toMatchObject({ state: 'done', counts: { stored: 4 } });
  expect(jobs.get(id).message).toMatch(/^2 files that came are not in the archive any more/);
  expect(at.studies()).toEqual(['1.2.3.1', '1.2.3.2']);
});

test('a file that takes long to read is left where it is when the import is cancelled, and nothing of it stays', async () => {
  const file = at.put('long.dcm', instance(1, 1));
  // Nothing but holes behind the data set: read for seconds.
  fs.truncateSync(file, 2_000_000_000);
  const { jobs } = at.backend.open();
  const temporary = path.join(at.folder, 'data', 'tmp');
  const { id } = jobs.start('import', 'source', { paths: [path.join(at.folder, 'source')] });
  await expect.poll(() => fs.readdirSync(temporary).length).toBe(1);
  jobs.cancel(id);
  await at.ended('import');
  expect(jobs.get(id)).toMatchObject({ state: 'cancelled', itemsDone: 0 });
  expect(fs.readdirSync(temporary)).toEqual([]);
});

test('the data folder is left out of an import that comes to it, which says so', async () => {
  putImages();
  fs.symlinkSync(path.join(at.folder, 'data'), path.join(at.folder, 'source', 'own'));
  expect(await refused()).toEqual([
    {
      path: 'own',
      outcome: 'not-dicom',
      reason: 'This is the data folder of Lectern itself: it is left out.',
    },
  ]);
});

/** A DICOMDIR that lists files by instance. */
const putDicomdir = (name: string, files: Record<string, string>): string =>
  at.put(
    name,
    writeFile({
      '00080016': text('UI', '1.2.840.10008.1.3.10'),
      '00041220': sequence(
        ...Object.entries(files).map(([file, uid]) => ({
          '00041430': text('CS', 'IMAGE'),
          '00041500': text('CS', ...file.split('/')),
          '00041511': text('UI', uid),
        })),
      ),
    }),
  );

test.each(['dicomdir;1', 'DICOMDIR (1)'])(
  'of a DICOMDIR that is named by itself, as %s, what it lists is taken in, and what it does not list is told',
  async (name) => {
    putImages();
    at.put('sub/im2', instance(1, 2));
    const file = putDicomdir(name, { '1.DCM': '1.2.3.1.0', 'SUB/IM2': '1.2.3.1.3', 'SUB/IM4': '1.2.3.1.4' });
    const taken = [
      { path: '1.dcm', outcome: 'stored', sopInstanceUid: '1.2.3.1.0' },
      { path: 'sub/im2', outcome: 'stored', sopInstanceUid: '1.2.3.1.2' },
    ];
    const lists =
      'DICOMDIR: lists 3 files, 1 present, 1 with another instance in their place, 1 absent, 1 further files present but not listed.';
    const told = (more: string) => [
      { path: name, outcome: 'not-dicom', code: 'dicomdir', reason: `${lists}${more}` },
      { path: 'SUB/IM4', outcome: 'refused', code: 'absent' },
      { path: `${name}#1.2.3.1.3`, outcome: 'refused', code: 'absent' },
    ];
    const byPath = (one: { path: string }, other: { path: string }): number => (one.path < other.path ? -1 : 1);
    const alone = [...taken, ...told(' These were not read: import the folder for that.')].sort(byPath);
    expect((await reportsOf(file)).sort(byPath)).toMatchObject(alone);
    // Its medium is where it lies, not where a link to it is.
    const link = path.join(at.folder, 'DICOMDIR');
    fs.symlinkSync(file, link);
    expect((await reportsOf(link)).sort(byPath)).toMatchObject(alone.map((line) => ({ path: line.path })));
    // Nothing twice where the folder is named too.
    const whole = await reportsOf(file, path.dirname(file));
    expect(whole).toEqual(expect.arrayContaining(told('').map((line) => expect.objectContaining(line) as object)));
    expect(whole.map((report) => report.path).sort()).toEqual([...alone.map((report) => report.path), '9.dcm'].sort());
  },
);

test('an image that is called DICOMDIR is one file, and a DICOMDIR that cannot be read has its line', async () => {
  const image = at.put('DICOMDIR', instance(1, 1));
  at.put('other/2.dcm', instance(2, 1));
  expect(await reportsOf(image)).toMatchObject([{ path: 'DICOMDIR', outcome: 'stored' }]);
  const cut = putDicomdir('cut', { 'other/2.dcm': '1.2.3.2.1' });
  fs.truncateSync(cut, fs.statSync(cut).size - 10);
  expect(await reportsOf(cut)).toMatchObject([{ path: 'cut', outcome: 'refused', code: 'dicomdir-damaged' }]);
});
