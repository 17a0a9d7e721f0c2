import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { BlobWriter, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';
import { createBackend, type Backend } from '#backend/app.ts';
import { FILE_PATIENCE_MS, PAGE_PATIENCE_MS } from '#backend/intake/uploads.ts';
import { localPeople } from '#backend/people/people.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import { sequence, text, writeFile } from '#shared/testing/dicom-builder.ts';

let folder: string;
let backend: Backend;
const open = (): Promise<Backend> =>
  createBackend({
    dataDir: path.join(folder, 'data'),
    keyDir: path.join(folder, 'keys'),
    version: '0',
    shell: 'browser',
    people: localPeople('tester'),
    onBug: (error) => {
      throw error;
    },
  });
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-uploads-'));
  backend = await open();
});
afterEach(async () => {
  await backend.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

const image = (sopUid: string): Uint8Array<ArrayBuffer> =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
    '00080018': text('UI', sopUid),
    '00100010': text('PN', 'Doe^Jane'),
    '0020000D': text('UI', '1.2.3'),
    '0020000E': text('UI', '1.2.3.1'),
  });
const record = (...parts: string[]) => ({ '00041430': text('CS', 'IMAGE'), '00041500': text('CS', ...parts) });
const dicomdir = (...files: string[][]): Uint8Array<ArrayBuffer> =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.1.3.10'),
    '00041220': sequence(...files.map((parts) => record(...parts))),
  });

const call = async <T>(
  method: string,
  address: string,
  body?: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<T> => {
  const init = { method, headers: { 'x-lectern': '1', ...headers }, ...(body !== undefined && { body }) };
  const answer = await backend.fetch(new Request(`http://localhost/api/${address}`, init));
  expect(answer.ok).toBe(true);
  return (await answer.json()) as T;
};
const begin = async (more: { itemsTotal?: number; page?: string } = {}): Promise<string> => {
  const body = JSON.stringify({ title: 'disc', itemsTotal: null, bytesTotal: null, ...more });
  return (await call<{ job: Job }>('POST', 'uploads', body)).job.id;
};
const put = (
  job: string,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  headers?: Record<string, string>,
): Promise<FileReport[]> => call('PUT', `uploads/${job}/files?path=${encodeURIComponent(name)}`, bytes, headers);
const finish = async (job: string): Promise<FileReport[]> => {
  await call('POST', `uploads/${job}/complete`);
  return call('GET', `jobs/${job}/report`);
};

test('the length of a path hinders no upload, and what does not fit is said in a sentence', async () => {
  const title = `${'folder/'.repeat(100)}slice.dcm`;
  const about = { itemsTotal: 1, bytesTotal: null };
  const { job } = await call<{ job: Job }>('POST', 'uploads', JSON.stringify({ ...about, title }));
  expect(job.title).toMatch(/^folder\/.*….*\/slice\.dcm$/);
  const init = { method: 'POST', headers: { 'x-lectern': '1' }, body: JSON.stringify({ ...about, title: 1 }) };
  const refused = await backend.fetch(new Request('http://localhost/api/uploads', init));
  expect(await refused.json()).toMatchObject({
    detail: 'What was sent does not fit: title (Invalid input: expected string, received number).',
  });
});

describe('a dropped medium', () => {
  test('its DICOMDIR is compared with what was handed over, whatever the order and the case of names', async () => {
    const job = await begin();
    await put(job, 'DISC/DICOMDIR', dicomdir(['IMAGES', 'I1'], ['IMAGES', 'I2'], ['..', 'ETC']));
    await put(job, 'DISC/images/i1', image('1.2.3.4'));
    await put(job, 'DISC/IMAGES/EXTRA', image('1.2.3.5'));
    const report = await finish(job);
    const line = (name: string) => report.find((item) => item.path === name);
    expect(line('DISC/DICOMDIR')).toMatchObject({
      code: 'dicomdir',
      reason:
        'DICOMDIR: lists 3 files, 1 present, 1 absent, 1 with an invalid file ID, 1 further files present but not listed.',
    });
    expect(line(path.join('DISC', 'IMAGES', 'I2'))).toMatchObject({ outcome: 'refused', code: 'absent' });
    expect(report.filter((item) => item.outcome === 'stored')).toHaveLength(2);
    expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
  });

  test('a file that the page could not read is a line of the report, and not one that is absent', async () => {
    const job = await begin();
    await put(job, 'DICOMDIR', dicomdir(['I1'], ['I2']));
    await put(job, 'I1', image('1.2.3.4'));
    const unread = { path: 'I2', reason: 'This could not be read.' };
    const answer = await backend.fetch(
      new Request(`http://localhost/api/uploads/${job}/unread`, {
        method: 'POST',
        headers: { 'x-lectern': '1', 'content-type': 'application/json' },
        body: JSON.stringify(unread),
      }),
    );
    expect(answer.status).toBe(204);
    const report = await finish(job);
    expect(report.filter(({ path: name }) => name === 'I2')).toEqual([
      { ...unread, outcome: 'refused', code: 'unreadable' },
    ]);
    expect(report.find(({ code }) => code === 'dicomdir')?.reason).toContain('2 present');
  });

  test('a damaged DICOMDIR is said, the files come in', async () => {
    const job = await begin();
    await put(job, 'DICOMDIR', dicomdir(['I1']).subarray(0, 150));
    await put(job, 'I1', image('1.2.3.4'));
    const report = await finish(job);
    expect(report.find((item) => item.path === 'DICOMDIR')).toMatchObject({ code: 'dicomdir-damaged' });
    expect(report.filter((item) => item.outcome === 'stored')).toHaveLength(1);
  });
});

test('an encrypted ZIP asks for its password and opens with it, also one in another script', async () => {
  const writer = new ZipWriter(new BlobWriter(), { password: 'Schlüssel 鍵', encryptionStrength: 3 });
  await writer.add('I1', new Uint8ArrayReader(image('1.2.3.4')));
  const zip = new Uint8Array(await (await writer.close()).arrayBuffer());
  const job = await begin();
  expect(await put(job, 'a.zip', zip)).toMatchObject([{ outcome: 'refused', code: 'password-needed' }]);
  // The lines so far are kept with the job then.
  expect(await call('GET', `jobs/${job}/report`)).toHaveLength(1);
  const wrong = { 'x-zip-password': 'wrong' };
  expect(await put(job, 'a.zip', zip, wrong)).toMatchObject([{ outcome: 'refused', code: 'password-needed' }]);
  const right = { 'x-zip-password': encodeURIComponent('Schlüssel 鍵') };
  expect(await put(job, 'a.zip', zip, right)).toMatchObject([{ outcome: 'stored' }]);
  await finish(job);
});

const zipOf = async (members: Record<string, Uint8Array>): Promise<Uint8Array<ArrayBuffer>> => {
  const writer = new ZipWriter(new BlobWriter());
  for (const [name, bytes] of Object.entries(members)) await writer.add(name, new Uint8ArrayReader(bytes));
  return new Uint8Array(await (await writer.close()).arrayBuffer());
};

test('a ZIP inside a ZIP is not passed over as no DICOM: it is named, with what to do', async () => {
  const zip = await zipOf({
    'inner.zip': await zipOf({ I1: image('1.2.3.5') }),
    'empty.zip': await zipOf({}),
    I2: image('1.2.3.4'),
    'readme.txt': Buffer.from('PK is how some texts begin'),
  });
  const job = await begin();
  expect(await put(job, 'a.zip', zip)).toMatchObject([
    { path: 'a.zip!/inner.zip', outcome: 'refused', code: 'zip-in-zip' },
    { path: 'a.zip!/empty.zip', outcome: 'refused', code: 'zip-in-zip' },
    { path: 'a.zip!/I2', outcome: 'stored' },
    { path: 'a.zip!/readme.txt', outcome: 'not-dicom' },
  ]);
  await finish(job);
});

test('a program that unpacks itself is read, also from a folder, and its own files are not listed', async () => {
  const zip = await zipOf({ 'CT/I1': image('1.2.3.4'), 'viewer.dll': Buffer.from('MZ code') });
  const program = new Uint8Array(Buffer.concat([Buffer.from('MZ'.padEnd(5000, 'code')), zip]));
  const lines = (name: string): object[] => [
    { path: `${name}!/CT/I1`, outcome: expect.stringMatching(/stored|duplicate/) as string },
    { path: name, outcome: 'not-dicom', code: 'self-extracting' },
  ];
  const job = await begin();
  expect(await put(job, 'study.exe', program)).toMatchObject(lines('study.exe'));
  expect(await put(job, 'other.exe', program.slice(0, 3000))).toMatchObject([
    { outcome: 'not-dicom', code: 'not-dicom' },
  ]);
  // An image may begin as a program does (PS3.10 7.1): it stays an image.
  const dual = image('1.2.3.5');
  dual.set([0x4d, 0x5a]);
  expect(await put(job, 'dual.exe', new Uint8Array(dual))).toMatchObject([{ outcome: 'stored' }]);
  await finish(job);
  expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
});

test.each([
  ['disc.iso', 'disc-image', 0x8001, 'CD001'],
  ['raw.img', 'disc-image', 16 * 2352 + 17, 'CD001'],
  ['study.7z', 'packed', 0, '7z\xBC\xAF\x27\x1C'],
  ['study.tar', 'packed', 257, 'ustar'],
])('%s is named for what it is, in a ZIP too', async (name, code, offset, signature) => {
  const bytes = Buffer.alloc(100_000);
  bytes.write(signature, offset, 'latin1');
  const job = await begin();
  expect(await put(job, name, new Uint8Array(bytes))).toMatchObject([{ outcome: 'refused', code }]);
  expect(await put(job, 'a.zip', await zipOf({ [name]: bytes }))).toMatchObject([{ outcome: 'refused', code }]);
  await finish(job);
});

test.each([
  ['no room', 'the disk is full (ENOSPC). Free some space, then try again.'],
  ['no room beside its reserve', 'Free some space, then try again.'],
])('a ZIP file that the disk has %s for is refused in words, which stay on the job', async (room, reason) => {
  const id = await begin();
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const writing =
    room === 'no room'
      ? vi.spyOn(fs.promises, 'writeFile').mockRejectedValue(full)
      : vi.spyOn(fs, 'statfsSync').mockReturnValue({ bavail: 1000, blocks: 100_000, bsize: 4096 } as fs.StatsFs);
  const request = new Request(`http://localhost/api/uploads/${id}/files?path=a.zip`, {
    method: 'PUT',
    headers: { 'x-lectern': '1' },
    body: 'PK\x03\x04',
  });
  const answer = await backend.fetch(request);
  writing.mockRestore();
  expect(answer.status).toBe(507);
  const detail = expect.stringContaining(reason) as string;
  expect(await answer.json()).toMatchObject({ code: 'disk-full', detail });
  expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
  // As the page does.
  await call('POST', `jobs/${id}/cancel`);
  expect(backend.open().jobs.get(id)).toMatchObject({ state: 'cancelled', message: detail });
});

test('an upload that is cancelled in the middle of a ZIP file is that and nothing else', async () => {
  const zip = await zipOf({ I1: image('1.2.3.4'), I2: image('1.2.3.5') });
  const id = await begin();
  const { jobs } = backend.open();
  const off = jobs.onChange((job) => {
    if (job.itemsDone === 0) return;
    off();
    jobs.cancel(id);
  });
  const answer = await backend.fetch(
    new Request(`http://localhost/api/uploads/${id}/files?path=a.zip`, {
      method: 'PUT',
      headers: { 'x-lectern': '1' },
      body: zip,
    }),
  );
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ detail: 'This upload was cancelled.' });
  expect(jobs.get(id)).toMatchObject({ state: 'cancelled', counts: { stored: 1 }, message: null });
});

describe('a page that is gone', () => {
  const AGAIN = 'Import them again: those that are here are found and not stored twice.';
  const follow = async (page: string): Promise<ReadableStreamDefaultReader> => {
    const answer = await backend.fetch(new Request(`http://localhost/api/events?page=${page}`));
    const reader = answer.body!.getReader();
    await reader.read();
    return reader;
  };
  const ended = (id: string): Promise<Job> =>
    new Promise((resolve) => {
      const { jobs } = backend.open();
      const look = (): void => void (jobs.get(id).finishedAt !== null && resolve({ ...jobs.get(id) }));
      jobs.onChange(look);
      look();
    });
  const leave = async (id: string, query = ''): Promise<Job> => {
    const request = new Request(`http://localhost/api/uploads/${id}/leave${query}`, {
      method: 'POST',
      headers: { 'x-lectern': '1' },
    });
    expect((await backend.fetch(request)).status).toBe(204);
    return ended(id);
  };
  afterEach(() => void vi.useRealTimers());

  test('ends its upload, also one that is paused, with what never came, and the DICOMDIR that did is compared', async () => {
    const line = await follow('p');
    const job = await begin({ itemsTotal: 4, page: 'p' });
    await put(job, 'DICOMDIR', dicomdir(['I1'], ['I2']));
    await put(job, 'I1', image('1.2.3.4'));
    await call('POST', `jobs/${job}/pause`);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await line.cancel();
    // A cut of its line is none.
    vi.advanceTimersByTime(PAGE_PATIENCE_MS - 1);
    const again = await follow('p');
    vi.advanceTimersByTime(PAGE_PATIENCE_MS);
    backend.open().uploads.unread(job, 'I3', 'This could not be read.');
    await again.cancel();
    vi.advanceTimersByTime(PAGE_PATIENCE_MS);
    vi.useRealTimers();
    expect(await ended(job)).toMatchObject({
      state: 'failed',
      counts: { stored: 1, refused: 2 },
      message: `The page that handed over the files is gone: 1 of 4 files never came. ${AGAIN}`,
    });
    const report = await call<FileReport[]>('GET', `jobs/${job}/report`);
    expect(report.find(({ code }) => code === 'absent')?.path).toBe('I2');
    expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
  });

  test('says so at once where it can; what is half-way in does not count, and all that is there is an import', async () => {
    const job = await begin({ itemsTotal: 3, page: 'p' });
    await put(job, 'I1', image('1.2.3.4'));
    const isInHand = Promise.withResolvers<void>();
    let pieces = 0;
    const half = new ReadableStream<Uint8Array>({
      pull: (stream) => (pieces++ ? isInHand.resolve() : stream.enqueue(image('1.2.3.5').subarray(0, 300))),
    });
    const putting = backend.fetch(
      new Request(`http://localhost/api/uploads/${job}/files?path=I2`, {
        method: 'PUT',
        headers: { 'x-lectern': '1' },
        body: half,
        duplex: 'half',
      }),
    );
    await isInHand.promise;
    expect(await leave(job)).toMatchObject({
      state: 'failed',
      counts: { stored: 1 },
      message: `The page that handed over the files is gone: 2 of 3 files never came. ${AGAIN}`,
    });
    expect((await putting).status).toBe(409);
    const whole = await begin({ itemsTotal: 1, page: 'p' });
    await put(whole, 'I1', image('1.2.3.4'));
    expect(await leave(whole)).toMatchObject({ state: 'done', counts: { duplicate: 1 }, message: null });
  });

  test('is not the only end: one that stays, but hands over nothing for long, has its upload ended unless it is paused', async () => {
    await follow('p');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const job = await begin({ itemsTotal: 3, page: 'p' });
    await put(job, 'I1', image('1.2.3.4'));
    vi.advanceTimersByTime(FILE_PATIENCE_MS - 1);
    backend.open().uploads.unread(job, 'I2', 'This could not be read.');
    vi.advanceTimersByTime(FILE_PATIENCE_MS - 1);
    await call('POST', `jobs/${job}/pause`);
    vi.advanceTimersByTime(1);
    await call('POST', `jobs/${job}/resume`);
    vi.advanceTimersByTime(FILE_PATIENCE_MS - 1);
    expect(backend.open().jobs.get(job).state).toBe('running');
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    expect(await ended(job)).toMatchObject({
      state: 'failed',
      counts: { stored: 1, refused: 1 },
      message: `The line to the page that handed over the files was cut: 1 of 3 files never came. ${AGAIN}`,
    });
  });

  test('is told apart from one that could not hand over its files', async () => {
    const job = await begin({ itemsTotal: 2, page: 'p' });
    await put(job, 'I1', image('1.2.3.4'));
    expect(await leave(job, '?page=there')).toMatchObject({
      state: 'failed',
      message: `The line to the page that handed over the files was cut: 1 of 2 files never came. ${AGAIN}`,
    });
  });

  test('an upload that was open when Lectern was ended says what never came', async () => {
    const job = await begin({ itemsTotal: 2, page: 'p' });
    await put(job, 'I1', image('1.2.3.4'));
    await backend.close();
    backend = await open();
    expect(backend.open().jobs.get(job)).toMatchObject({
      state: 'failed',
      itemsDone: 1,
      message: `Lectern was ended: 1 of 2 files never came. ${AGAIN}`,
    });
    expect(JSON.stringify(backend.open().audit.latest(5))).toContain('upload, not to its end');
  });
});

test('what a page hands over once more, since the answer was lost, counts once and is answered as before', async () => {
  const job = await begin({ itemsTotal: 2, page: 'p' });
  const stored = await put(job, 'I1', image('1.2.3.4'));
  expect(stored).toMatchObject([{ outcome: 'stored' }]);
  expect(await put(job, 'I1', image('1.2.3.4'))).toEqual(stored);
  const [first, second] = await Promise.all(['I2', 'I2'].map((name) => put(job, name, image('1.2.3.5'))));
  expect(first).toEqual(second);
  expect(backend.open().jobs.get(job)).toMatchObject({ itemsDone: 2, counts: { stored: 2 } });
  expect(await finish(job)).toHaveLength(2);
});

test('an upload whose study is removed meanwhile says what of it is gone', async () => {
  const job = await begin();
  await put(job, 'I1', image('1.2.3.4'));
  const { archive, jobs } = backend.open();
  await archive.removeStudy('1.2.3');
  await put(job, 'I2', image('1.2.3.5'));
  await finish(job);
  expect(jobs.get(job)).toMatchObject({ state: 'done', counts: { stored: 2 } });
  expect(jobs.get(job).message).toMatch(/^1 file that came is not in the archive any more: the study was removed/);
});
