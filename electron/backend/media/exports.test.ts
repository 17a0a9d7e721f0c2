// Studies leave as a ZIP of the very bytes that came in, under safe names; cancelling and breaking off end the job.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { NOT_ALL_LISTED } from '#backend/archive/lost-instances.ts';
import { createBackend, type Backend } from '#backend/app.ts';
import { localPeople } from '#backend/people/people.ts';
import type { Job } from '#shared/contract/views.ts';
import { numbers, text, writeFile } from '#shared/testing/dicom-builder.ts';

let folder: string;
let backend: Backend;
let bugs: unknown[] = [];
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-exports-'));
  backend = await createBackend({
    dataDir: path.join(folder, 'data'),
    keyDir: path.join(folder, 'keys'),
    version: '0',
    shell: 'browser',
    people: localPeople('tester'),
    onBug: (error) => bugs.push(error),
  });
});
afterEach(async () => {
  await backend.close();
  expect(bugs.splice(0)).toEqual([]);
  fs.rmSync(folder, { recursive: true, force: true });
});

/** `padding`: bytes of a private value, to make it larger. */
const image = (study: string, series: string, sop: string, modality: string): Uint8Array<ArrayBuffer> =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
    '00080018': text('UI', sop),
    '00080020': text('DA', '20240517'),
    '00080060': text('CS', modality),
    '00100010': text('PN', 'Doe^Jane'),
    '0020000D': text('UI', study),
    '0020000E': text('UI', series),
    '00200011': text('IS', '3'),
    '00280010': numbers('US', 7),
  });
const FILES = {
  '1.2.3.1.1': image('1.2.3', '1.2.3.1', '1.2.3.1.1', 'CT'),
  '1.2.3.2.1': image('1.2.3', '1.2.3.2', '1.2.3.2.1', '../CT'),
  '1.2.4.1.1': image('1.2.4', '1.2.4.1', '1.2.4.1.1', 'CT'),
};

async function call(method: string, address: string, body?: unknown): Promise<Response> {
  return backend.fetch(
    new Request(`http://localhost/api/${address}`, {
      method,
      headers: { 'x-lectern': '1', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
}
async function stored(): Promise<void> {
  for (const bytes of Object.values(FILES)) {
    const stream = backend.open().archive.ingest.stream({ path: 'x' });
    await stream.write(bytes);
    await stream.finish();
  }
  await backend.open().archive.ingest.settled();
}
const begin = async (studyUids: string[]): Promise<Job> =>
  ((await (await call('POST', 'exports', { studyUids, title: 'Export' })).json()) as { job: Job }).job;
/** The last byte is out a moment before the job has ended. */
async function ended(id: string): Promise<void> {
  if (jobOf(id).finishedAt !== null) return;
  await new Promise<void>((resolve) => {
    backend.open().jobs.onChange((job) => job.id === id && job.finishedAt !== null && resolve());
  });
}
const jobOf = (id: string): Job => backend.open().jobs.get(id);

test('two studies with alike dates and series: every byte, every name its own, none leads out', async () => {
  await stored();
  const { id } = await begin(['1.2.3', '1.2.4']);
  const answer = await call('GET', `exports/${id}`);
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="lectern-export-[\d-]+\.zip"$/);
  const zip = new ZipReader(new Uint8ArrayReader(new Uint8Array(await answer.arrayBuffer())));
  const entries = await zip.getEntries();
  expect(entries.map(({ filename }) => filename).sort()).toEqual([
    '2024-05-17_CT-CT/003_CT/1.2.3.1.1.dcm',
    '2024-05-17_CT-CT/003_CT_2/1.2.3.2.1.dcm',
    '2024-05-17_CT/003_CT/1.2.4.1.1.dcm',
  ]);
  for (const entry of entries) {
    if (entry.directory) throw new Error('a folder');
    const sop = path.posix.basename(entry.filename, '.dcm') as keyof typeof FILES;
    expect(await entry.getData(new Uint8ArrayWriter())).toEqual(FILES[sop]);
  }
  await ended(id);
  expect(jobOf(id)).toMatchObject({ state: 'done', itemsDone: 3, itemsTotal: 3, counts: { stored: 3 } });
  const { records } = (await (await call('GET', 'audit?limit=9')).json()) as { records: unknown[] };
  expect(JSON.stringify(records)).toContain('ZIP file');
  // Only once.
  expect((await call('GET', `exports/${id}`)).status).toBe(404);
});

test('cancelled before it is fetched, or broken off while it is: the job ends, and says so', async () => {
  await stored();
  const first = await begin(['1.2.3']);
  await call('POST', `jobs/${first.id}/cancel`);
  expect(jobOf(first.id).state).toBe('cancelled');
  const second = await begin(['1.2.3', '1.2.4']);
  await (await call('GET', `exports/${second.id}`)).body?.cancel();
  await ended(second.id);
  expect(jobOf(second.id).state).toBe('cancelled');
});

function spoil(file: string): void {
  const damaged = fs.readFileSync(file);
  damaged[damaged.length - 20] = (damaged[damaged.length - 20] ?? 0) ^ 1;
  fs.writeFileSync(file, damaged);
}

test.each([
  ['damaged', spoil],
  ['missing', (file: string) => fs.rmSync(file)],
])('a %s file is left out and named', async (_, harm) => {
  await stored();
  const [location] = backend.open().archive.index.locateAll({ sopUid: '1.2.3.1.1' });
  const file = fs
    .readdirSync(path.join(folder, 'data'), { recursive: true, encoding: 'utf8' })
    .find((name) => path.basename(name).startsWith(location?.name ?? '?'));
  if (file === undefined) throw new Error('no stored file');
  harm(path.join(folder, 'data', file));
  const { id } = await begin(['1.2.3']);
  await (await call('GET', `exports/${id}`)).arrayBuffer();
  await ended(id);
  expect(jobOf(id)).toMatchObject({ state: 'done', counts: { stored: 1, refused: 1 } });
  expect(jobOf(id).message).toContain('1 stored file is damaged');
});

test('of a study that is not whole here the ZIP is not said to be', async () => {
  await stored();
  backend.open().archive.index.expect('1.2.3', 'PACS', [{ seriesUid: '1.2.3.1', count: 3 }], { isWhole: true });
  const { id } = await begin(['1.2.3', '1.2.4']);
  await (await call('GET', `exports/${id}`)).arrayBuffer();
  await ended(id);
  expect(jobOf(id)).toMatchObject({
    state: 'done',
    counts: { stored: 3 },
    message:
      'The ZIP file is not whole: 2 instances that a node has are not here yet: retrieve the study again for the rest.',
  });
});

test('a ZIP that was begun while the index was being made anew says so', async () => {
  await stored();
  const { index } = backend.open().archive;
  index.setIncomplete(true);
  const { id } = await begin(['1.2.3']);
  index.setIncomplete(false);
  await (await call('GET', `exports/${id}`)).arrayBuffer();
  await ended(id);
  expect(jobOf(id)).toMatchObject({ state: 'done', message: `The ZIP file may not be whole. ${NOT_ALL_LISTED}` });
});

test('a study that is removed while it is exported breaks the ZIP off', async () => {
  await stored();
  const { id } = await begin(['1.2.3', '1.2.4']);
  await backend.open().archive.removeStudy('1.2.4');
  const answer = await call('GET', `exports/${id}`);
  await expect(answer.arrayBuffer()).rejects.toThrow('1.2.4.1.1 was removed');
  await ended(id);
  expect(jobOf(id)).toMatchObject({ state: 'failed', counts: { stored: 2 } });
  expect(jobOf(id).message).toContain('1.2.4.1.1 was removed or replaced meanwhile; export again.');
});

test('what is not here cannot be exported', async () => {
  expect((await call('POST', 'exports', { studyUids: ['9.9'], title: 'x' })).status).toBe(404);
  expect((await call('POST', 'exports', { studyUids: ['../x'], title: 'x' })).status).toBe(400);
});

test('a mistake of ours ends the job without its inner words, and is told to whoever looks after bugs', async () => {
  await stored();
  const job = await begin(['1.2.4']);
  const mistake = new TypeError('nothing is not a function');
  const broken = vi.spyOn(backend.open().archive, 'open').mockImplementation(() => {
    throw mistake;
  });
  const answer = await call('GET', `exports/${job.id}`);
  await expect(answer.arrayBuffer()).rejects.toThrow(mistake.message);
  await ended(job.id);
  broken.mockRestore();
  expect(jobOf(job.id)).toMatchObject({ state: 'failed', message: 'The ZIP file broke off: something failed.' });
  expect(bugs.splice(0)).toEqual([mistake]);
});
