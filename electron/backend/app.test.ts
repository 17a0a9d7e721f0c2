// The backend as its handler: settings, retention, watched folders, conflicts, over the same addresses that the page uses.
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EXPLICIT, numbers, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import type { SavedDocument, StoredLength } from '#shared/contract/marks.ts';
import type { Job } from '#shared/contract/views.ts';
import { createBackend, type Backend } from './app.ts';
import { localPeople } from './people/people.ts';
import { ArrivalNotes } from './transfer/arrival-notes.ts';

let folder = '';
let backend: Backend;
const bugs: unknown[] = [];

const open = (): Promise<Backend> =>
  createBackend({
    dataDir: path.join(folder, 'data'),
    keyDir: path.join(folder, 'keys'),
    version: 'test',
    shell: 'browser',
    isResident: true,
    people: localPeople('tester'),
    onBug: (error) => bugs.push(error),
  });

beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-app-'));
  bugs.length = 0;
  backend = await open();
});
afterEach(async () => {
  await backend.close();
  fs.rmSync(folder, { recursive: true });
  expect(bugs).toEqual([]);
});

function instance(study: number, sop: number, changed: Dataset = {}): Uint8Array {
  return writeFile(
    {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
      '00080018': text('UI', `1.2.3.${study}.${sop}`),
      '00080060': text('CS', 'OT'),
      '00100010': text('PN', `Patient^${study}`),
      '00100020': text('LO', `P${study}`),
      '0020000D': text('UI', `1.2.3.${study}`),
      '0020000E': text('UI', `1.2.3.${study}.0`),
      '00200013': numbers('US', sop),
      ...changed,
    },
    { transferSyntaxUid: EXPLICIT },
  );
}

async function call(method: string, address: string, body?: unknown): Promise<Response> {
  return backend.fetch(
    new Request(`http://127.0.0.1/api${address}`, {
      method,
      headers: { 'x-lectern': '1', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
}
const got = async <T>(address: string): Promise<T> => (await call('GET', address)).json() as Promise<T>;

test('a sender that goes away in the middle of a ZIP file is no bug, and leaves nothing of it', async () => {
  const begun = await call('POST', '/uploads', { title: 'a', itemsTotal: 1, bytesTotal: 9 });
  const { job } = (await begun.json()) as { job: Job };
  const body = new ReadableStream({
    start: (to) => to.enqueue(Buffer.alloc(100_000, 'PK\u0003\u0004')),
    pull: (to) => to.error(new Error('aborted')),
  });
  const address = `http://127.0.0.1/api/uploads/${job.id}/files?path=a`;
  const init = { method: 'PUT', headers: { 'x-lectern': '1' }, body, duplex: 'half' as const };
  expect((await backend.fetch(new Request(address, init))).status).toBe(400);
  expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
});

function put(name: string, bytes: Uint8Array): string {
  const file = path.join(folder, 'source', name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
  return file;
}

/** Resolves to the first job of this kind that has ended. */
async function ended(kind: Job['kind']): Promise<Job> {
  const { jobs } = backend.open();
  const find = (): Job | undefined => jobs.list().find((job) => job.kind === kind && job.finishedAt !== null);
  return new Promise((resolve) => {
    const look = (): void => {
      const job = find();
      if (!job) return;
      off();
      resolve(job);
    };
    const off = jobs.onChange(look);
    look();
  });
}

const take = (...files: string[]): Promise<unknown> =>
  Promise.all(files.map((file) => backend.open().archive.ingest.file({ path: file })));
const studies = (): string[] =>
  backend
    .open()
    .archive.index.locateAll({})
    .map(({ studyUid }) => studyUid)
    .sort();

describe('lengths', () => {
  const uid = '6f9619ff-8b86-4d11-b42d-00c04fc964ff';
  const length = (study: number, changed: Partial<StoredLength> = {}): StoredLength => ({
    uid,
    studyUid: `1.2.3.${study}`,
    seriesUid: `1.2.3.${study}.0`,
    sopInstanceUid: `1.2.3.${study}.1`,
    frameIndex: 0,
    ends: [[3.25, 4.5], [20, 31.125]], // prettier-ignore
    label: 'Lesion',
    text: '12 mm',
    drawnAt: 1000,
    ...changed,
  });
  const address = (study: number, name = uid): string => `/studies/1.2.3.${study}/lengths/${name}`;

  test('are kept over a restart and a rebuilt index, deleted one by one, and gone with their study', async () => {
    for (const study of [1, 2]) await take(put(`${study}.dcm`, instance(study, 1)));
    for (const study of [1, 2]) expect((await call('PUT', address(study), length(study))).status).toBe(204);
    await backend.close();
    backend = await open();
    await backend.open().archive.rebuild();
    expect(await got('/studies/1.2.3.1/lengths')).toMatchObject({ lengths: [length(1)] });
    expect((await call('DELETE', address(1))).status).toBe(204);
    expect(await got('/studies/1.2.3.1/lengths')).toMatchObject({ lengths: [] });
    expect((await call('DELETE', '/studies/1.2.3.2')).status).toBe(204);
    await take(put('2.dcm', instance(2, 1)));
    expect(await got('/studies/1.2.3.2/lengths')).toMatchObject({ lengths: [] });
  });

  test('what is none, or of no study that is here, is refused', async () => {
    await take(put('1.dcm', instance(1, 1)));
    const status = async (to: string, body: unknown): Promise<number> => (await call('PUT', to, body)).status;
    expect(await status(address(9), length(9))).toBe(404);
    expect(await status(address(1), length(2))).toBe(400);
    expect(await status(address(1, 'x'), length(1, { uid: 'x' }))).toBe(400);
    expect(await status(address(1), { ...length(1), ends: [[1, 2]] })).toBe(400);
    expect(await status(address(1), { ...length(1), label: 'x'.repeat(201) })).toBe(400);
    expect((await call('DELETE', address(1, '../x'))).status).toBe(404);
    expect((await call('DELETE', address(1, 'x'))).status).toBe(400);
    expect(await got('/studies/1.2.3.1/lengths')).toMatchObject({ lengths: [] });
  });

  test('retention leaves a study that was measured until a report of that was sent', async () => {
    const picture = {
      '00280010': numbers('US', 8),
      '00280011': numbers('US', 6),
      '00280030': text('DS', '0.5', '0.25'),
    };
    for (const study of [1, 2]) await take(put(`${study}.dcm`, instance(study, 1, picture)));
    await call('PUT', address(1), length(1));
    await call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: null });
    const run = async (): Promise<string[]> => {
      const { job } = (await (await call('POST', '/retention/run')).json()) as { job: Job };
      await new Promise<void>((resolve) => {
        const { jobs } = backend.open();
        const look = (): void => {
          if (jobs.get(job.id).finishedAt !== null) resolve();
        };
        jobs.onChange(look);
        look();
      });
      return [...new Set(studies())];
    };
    expect(await run()).toEqual(['1.2.3.1']);
    const { report } = (await (await call('POST', '/studies/1.2.3.1/report')).json()) as { report: SavedDocument };
    expect(await run()).toEqual(['1.2.3.1']);
    const sending = backend.open().jobs.startDriven('send', 'sent by hand');
    sending.context.item({ path: report.sopInstanceUid, outcome: 'stored' }, 0);
    sending.end('done');
    expect(await run()).toEqual([]);
  });
});

test('what came in just before a crash, and the rules had not seen yet, is sent on by the next start', async () => {
  for (const study of [1, 2]) await take(put(`${study}.dcm`, instance(study, 1)));
  const { rules, archive } = backend.open();
  rules.setRouting([{ name: 'All', when: [{ keyword: 'PatientID', value: 'P1' }], sendTo: 'NOWHERE' }]);
  // As the receiver notes them before it answers; a crash is what never comes to forget them.
  const notes = new ArrivalNotes(archive.index.db);
  for (const study of [1, 2])
    notes.note('CT1', { studyUid: `1.2.3.${study}`, sopInstanceUid: `1.2.3.${study}.1`, outcome: 'stored' });
  notes.note('CT1', { studyUid: '1.2.3.1', sopInstanceUid: '1.2.3.1.1', outcome: 'duplicate' });
  await backend.close();
  backend = await open();
  const { jobs } = backend.open();
  expect(jobs.inputs('send').map(({ input }) => input)).toEqual([
    { node: 'NOWHERE', uids: ['1.2.3.1.1'], commit: false, isByRule: true },
  ]);
  expect(new ArrivalNotes(backend.open().archive.index.db).left().size).toBe(0);
});

test('the receiver listens before the jobs of the run before go on: a C-MOVE among them needs it', async () => {
  const free = net.createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const { receiver } = backend.open();
  await receiver.change({ ...receiver.settings, isOn: true, port });
  await backend.close();
  backend = await open();
  expect(backend.open().receiver.address).toEqual({ host: '127.0.0.1', port });
});

describe('retention', () => {
  test('removes what was received longest ago, never what is pinned, and says where the limit cannot be met', async () => {
    for (const study of [1, 2, 3]) await take(put(`${study}.dcm`, instance(study, 1)));
    const { archive, audit } = backend.open();
    const db = archive.index.db;
    for (const study of [1, 2, 3])
      db.prepare('UPDATE study SET received_at = ? WHERE uid = ?').run(1000 * study, `1.2.3.${study}`);
    await call('POST', '/studies/1.2.3.1/pin');
    const size = archive.index.totals().sizeBytes / 3;
    expect(
      (await call('PUT', '/settings/retention', { maxBytes: Math.ceil(size * 1.5), maxAgeDays: null })).status,
    ).toBe(204);
    await call('POST', '/retention/run');
    expect(await ended('retention')).toMatchObject({ state: 'done', itemsDone: 2 });
    expect(studies()).toEqual(['1.2.3.1']);
    expect(JSON.stringify(audit.records())).toContain('retention: the archive is larger than its limit');
    await call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: 30 });
    const { job } = (await (await call('POST', '/retention/run')).json()) as { job: Job };
    await ended('retention');
    expect(backend.open().jobs.get(job.id).message).toContain('pinned');
    expect(studies()).toEqual(['1.2.3.1']);
  });

  test('refuses rules that mean nothing', async () => {
    expect((await call('PUT', '/settings/retention', { maxBytes: -1, maxAgeDays: null })).status).toBe(400);
    expect(await got('/settings')).toMatchObject({ retention: { maxBytes: null, maxAgeDays: null } });
  });
});

describe('watched folders', () => {
  test('takes what has come to rest, once, also over a restart, and never touches the source', async () => {
    const file = put('a/one.dcm', instance(1, 1));
    const before = fs.statSync(file);
    expect((await call('POST', '/settings/watch-folders', { path: path.join(folder, 'source') })).status).toBe(204);
    expect(await ended('watch')).toMatchObject({ state: 'done', counts: { stored: 1 } });
    expect(fs.statSync(file).mtimeMs).toBe(before.mtimeMs);
    await backend.close();
    backend = await open();
    const { watchFolders, jobs } = backend.open();
    const count = jobs.list().length;
    put('a/two.dcm', instance(1, 2));
    await new Promise<void>((resolve) => {
      const off = jobs.onChange((job) => {
        if (job.kind !== 'watch' || job.finishedAt === null) return;
        off();
        resolve();
      });
    });
    expect(jobs.list()).toHaveLength(count + 1);
    expect(jobs.list()[0]?.counts).toEqual({ stored: 1 });
    expect(watchFolders.states()).toMatchObject([{ state: 'watching', message: null }]);
    expect((await call('DELETE', `/settings/watch-folders?path=${path.join(folder, 'source')}`)).status).toBe(204);
    expect(await got('/settings')).toMatchObject({ watchFolders: [] });
  });

  test('refuses its own data folder and a path that is not whole', async () => {
    expect((await call('POST', '/settings/watch-folders', { path: path.join(folder, 'data', 'objects') })).status).toBe(
      400,
    );
    expect((await call('POST', '/settings/watch-folders', { path: 'here' })).status).toBe(400);
  });
});

describe('conflicts', () => {
  interface Conflicts {
    conflicts: { id: number; sopInstanceUid: string; stored: { studyUid: string } | null }[];
  }
  const other = { '00081030': text('LO', 'other content') };

  test('the quarantined instance can take the place of the stored one, and back', async () => {
    const [first, second] = [instance(1, 1), instance(1, 1, other)];
    await take(put('1.dcm', first));
    await take(put('2.dcm', second));
    const bytes = async (): Promise<Buffer> => {
      const { archive } = backend.open();
      const location = archive.index.locate('1.2.3.1.1');
      return location ? archive.readRange(location, 0, location.sizeBytes) : Buffer.alloc(0);
    };
    for (const expected of [second, first]) {
      const { conflicts } = await got<Conflicts>('/conflicts');
      expect(conflicts).toMatchObject([{ sopInstanceUid: '1.2.3.1.1', stored: { studyUid: '1.2.3.1' } }]);
      expect((await call('POST', `/conflicts/${conflicts[0]?.id}/prefer`)).status).toBe(204);
      expect((await bytes()).equals(expected)).toBe(true);
      expect(backend.open().archive.index.totals()).toMatchObject({ studies: 1, instances: 1 });
    }
    const [conflict] = (await got<Conflicts>('/conflicts')).conflicts;
    expect((await call('DELETE', `/conflicts/${conflict?.id}`)).status).toBe(204);
    expect(await got<Conflicts>('/conflicts')).toEqual({ conflicts: [] });
    expect(fs.readdirSync(path.join(folder, 'data', 'quarantine'))).toEqual([]);
  });

  test.each([
    ['cut', (file: string) => fs.truncateSync(file, 100)],
    ['missing', (file: string) => fs.rmSync(file)],
  ])('it takes the place of a stored one that is %s, and the pin of the study stays', async (_name, harm) => {
    await take(put('1.dcm', instance(1, 1)));
    const { archive } = backend.open();
    archive.setPinned('1.2.3.1', true);
    const name = archive.index.locate('1.2.3.1.1')?.name ?? '';
    harm(path.join(folder, 'data', 'objects', name.slice(0, 1), name));
    expect(await take(put('2.dcm', instance(1, 1, other)))).toMatchObject([
      { outcome: 'conflict', reason: expect.stringContaining('is damaged') as string },
    ]);
    const [conflict] = (await got<Conflicts>('/conflicts')).conflicts;
    expect((await call('POST', `/conflicts/${conflict?.id}/prefer`)).status).toBe(204);
    const location = archive.index.locate('1.2.3.1.1');
    expect(location).toBeDefined();
    expect(location && (await archive.check(location))).toBeUndefined();
    expect(await got<Conflicts>('/conflicts')).toEqual({ conflicts: [] });
    expect(archive.index.db.prepare('SELECT pinned FROM study').all()).toEqual([{ pinned: 1 }]);
    expect([...archive.unlistedNames()]).toEqual([]);
  });

  test('survive a rebuild, as does an orphan of an interrupted ingest', async () => {
    await take(put('1.dcm', instance(1, 1)));
    await take(put('2.dcm', instance(1, 1, other)));
    const { archive } = backend.open();
    expect(await archive.rebuild()).toEqual({ instances: 1, conflicts: 1, damaged: [] });
    expect((await got<Conflicts>('/conflicts')).conflicts).toHaveLength(1);
    expect(archive.index.db.prepare('SELECT conflicts FROM study').get()).toEqual({ conflicts: 1 });
  });
});

describe('a damaged index', () => {
  test('is set aside and made anew from the files', async () => {
    await take(put('1.dcm', instance(1, 1)), put('2.dcm', instance(2, 1)));
    await backend.close();
    const index = path.join(folder, 'data', 'index.db');
    for (const suffix of ['-wal', '-shm']) fs.rmSync(index + suffix, { force: true });
    fs.writeFileSync(index, fs.readFileSync(index).fill(7, 0, 4096));
    backend = await open();
    expect(await ended('rebuild')).toMatchObject({ state: 'done' });
    expect(studies()).toEqual(['1.2.3.1', '1.2.3.2']);
    expect(fs.readdirSync(path.join(folder, 'data')).some((name) => name.startsWith('index.db.damaged-'))).toBe(true);
  });
});

test('the audit log is read newest first and says that it is whole', async () => {
  const answer = await got<{ records: { eventId: string; eventType?: string }[]; firstBroken: number | null }>(
    '/audit',
  );
  expect(answer.firstBroken).toBeNull();
  expect(answer.records.map(({ eventId }) => eventId)).toEqual(['110101', '110100']);
});

test.each([undefined, 'secret'])(
  'an import that was stopped is in the audit log (ZIP password %s)',
  async (password) => {
    const files = Array.from({ length: 60 }, (_, at) => put(`${at}.dcm`, instance(1, at)));
    const { jobs, audit } = backend.open();
    const off = jobs.onChange((job) => {
      if (job.kind !== 'import' || job.itemsDone === 0) return;
      off();
      jobs.cancel(job.id);
    });
    await call('POST', '/jobs/import', { paths: files, password });
    const { state, counts } = await ended('import');
    expect(state).toBe('cancelled');
    expect(audit.records().at(-1)).toMatchObject({
      eventId: '110107',
      outcome: 4,
      instanceCount: counts['stored'],
      detail: 'folder or medium, not to its end',
    });
  },
);

test('failed unlocks reach the audit log with the next unlock, also over a restart', async () => {
  await call('POST', '/passphrase', { passphrase: 'correct horse' });
  await backend.close();
  backend = await open();
  expect((await call('POST', '/unlock', { passphrase: 'wrong horse' })).status).toBe(403);
  await backend.close();
  backend = await open();
  expect((await call('GET', '/changes?since=0')).status).toBe(423);
  expect((await call('POST', '/unlock', { passphrase: 'correct horse' })).status).toBe(204);
  const failed = backend
    .open()
    .audit.records()
    .filter((record) => JSON.stringify(record).includes('wrong passphrase at'));
  expect(failed).toMatchObject([{ eventId: '110114', outcome: 4 }]);
});
