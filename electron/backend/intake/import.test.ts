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
  const reports: FileReport[] = [];
  const context = {
    checkpoint: async () => undefined,
    isDone: () => false,
    item: (report: FileReport) => void reports.push(report),
  } as unknown as JobContext;
  await runImport(at.backend.open().archive, context, { paths: [path.join(at.folder, 'source')] });
  const stored = reports.filter(({ outcome }) => outcome === 'stored');
  expect(stored.map(({ path: file }) => path.basename(file)).sort()).toEqual(['1.dcm', '9.dcm']);
  return reports
    .filter(({ outcome }) => outcome !== 'stored')
    .map((report) => ({ ...report, path: path.relative(path.join(at.folder, 'source'), report.path) }));
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
  const file = { '00041430': text('CS', 'IMAGE'), '00041500': text('CS', '1.dcm') };
  const dicomdir = at.put(
    'DICOMDIR',
    writeFile({ '00080016': text('UI', '1.2.840.10008.1.3.10'), '00041220': sequence(file) }),
  );
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

test('a DICOMDIR that is chosen stands for its medium: what it lists is taken, and compared as that of a folder', async () => {
  putImages();
  at.put('other/2.dcm', instance(2, 1));
  const files = ['1.dcm', '9.dcm', '7.dcm'].map((name) => ({
    '00041430': text('CS', 'IMAGE'),
    '00041500': text('CS', name),
    '00041511': text('UI', '1.2'),
  }));
  const sop = text('UI', '1.2.840.10008.1.3.10');
  const file = at.put('DICOMDIR', writeFile({ '00080016': sop, '00041220': sequence(...files) }));
  const job = await at.jobOf(at.call('POST', '/jobs/import', { paths: [file] }));
  expect(job).toMatchObject({ state: 'done', title: 'source', counts: { stored: 3 } });
  const report = await at.got<FileReport[]>(`/jobs/${job.id}/report`);
  expect(report.find(({ code }) => code === 'dicomdir')?.reason).toBe(
    'DICOMDIR: lists 3 files, 0 present, 2 with another instance in their place, 1 absent, 1 further files present but not listed.',
  );
});
