// The backend as its handler: uploads, lengths, conflicts, audit, over the same addresses that the page uses.
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { numbers, text } from '#shared/testing/dicom-builder.ts';
import type { SavedDocument, StoredLength } from '#shared/contract/marks.ts';
import { nodeSettings } from '#shared/contract/nodes.ts';
import type { Job } from '#shared/contract/views.ts';
import { backendForEachTest, instance } from './routes/testing.ts';
import { ArrivalNotes } from './transfer/arrival-notes.ts';

const at = backendForEachTest();

test('a sender that goes away in the middle of a ZIP file is no bug, and leaves nothing of it', async () => {
  const begun = await at.call('POST', '/uploads', { title: 'a', itemsTotal: 1, bytesTotal: 9 });
  const { job } = (await begun.json()) as { job: Job };
  const body = new ReadableStream({
    start: (to) => to.enqueue(Buffer.alloc(100_000, 'PK\u0003\u0004')),
    pull: (to) => to.error(new Error('aborted')),
  });
  const address = `http://127.0.0.1/api/uploads/${job.id}/files?path=a`;
  const init = { method: 'PUT', headers: { 'x-lectern': '1' }, body, duplex: 'half' as const };
  expect((await at.backend.fetch(new Request(address, init))).status).toBe(400);
  expect(fs.readdirSync(path.join(at.folder, 'data', 'tmp'))).toEqual([]);
});

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
    for (const study of [1, 2]) await at.take(at.put(`${study}.dcm`, instance(study, 1)));
    for (const study of [1, 2]) expect((await at.call('PUT', address(study), length(study))).status).toBe(204);
    await at.backend.close();
    await at.open();
    await at.backend.open().archive.rebuild();
    expect(await at.got('/studies/1.2.3.1/lengths')).toMatchObject({ lengths: [length(1)] });
    expect((await at.call('DELETE', address(1))).status).toBe(204);
    expect(await at.got('/studies/1.2.3.1/lengths')).toMatchObject({ lengths: [] });
    expect((await at.call('DELETE', '/studies/1.2.3.2')).status).toBe(204);
    await at.take(at.put('2.dcm', instance(2, 1)));
    expect(await at.got('/studies/1.2.3.2/lengths')).toMatchObject({ lengths: [] });
  });

  test('what is none, or of no study that is here, is refused', async () => {
    await at.take(at.put('1.dcm', instance(1, 1)));
    const status = async (to: string, body: unknown): Promise<number> => (await at.call('PUT', to, body)).status;
    expect(await status(address(9), length(9))).toBe(404);
    expect(await status(address(1), length(2))).toBe(400);
    expect(await status(address(1, 'x'), length(1, { uid: 'x' }))).toBe(400);
    expect(await status(address(1), { ...length(1), ends: [[1, 2]] })).toBe(400);
    expect(await status(address(1), { ...length(1), label: 'x'.repeat(201) })).toBe(400);
    expect((await at.call('DELETE', address(1, '../x'))).status).toBe(404);
    expect((await at.call('DELETE', address(1, 'x'))).status).toBe(400);
    expect(await at.got('/studies/1.2.3.1/lengths')).toMatchObject({ lengths: [] });
  });

  test('retention leaves a study that was measured until a report of that was sent', async () => {
    const picture = {
      '00280010': numbers('US', 8),
      '00280011': numbers('US', 6),
      '00280030': text('DS', '0.5', '0.25'),
    };
    for (const study of [1, 2]) await at.take(at.put(`${study}.dcm`, instance(study, 1, picture)));
    await at.call('PUT', address(1), length(1));
    await at.call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: null });
    const run = async (): Promise<string[]> => {
      at.rest();
      await at.jobOf(at.call('POST', '/retention/run'));
      return [...new Set(at.studies())];
    };
    expect(await run()).toEqual(['1.2.3.1']);
    const { report } = (await (await at.call('POST', '/studies/1.2.3.1/report')).json()) as { report: SavedDocument };
    expect(await run()).toEqual(['1.2.3.1']);
    const sending = at.backend.open().jobs.startDriven('send', 'sent by hand');
    const { sopInstanceUid } = report;
    sending.context.item({ path: sopInstanceUid, sopInstanceUid, outcome: 'stored' }, 0);
    sending.end('done');
    expect(await run()).toEqual([]);
  });
});

test('what came in just before a crash, and the rules had not seen yet, is sent on by the next start', async () => {
  for (const study of [1, 2]) await at.take(at.put(`${study}.dcm`, instance(study, 1)));
  const { rules, archive, nodes } = at.backend.open();
  nodes.add(
    nodeSettings.parse({ kind: 'dimse', name: 'NOWHERE', aet: 'N', host: '127.0.0.1', port: 1, callingAet: 'L' }),
  );
  rules.setRouting([{ name: 'All', when: [{ keyword: 'PatientID', value: 'P1' }], sendTo: 'NOWHERE' }]);
  // As the receiver notes them before it answers; a crash is what never comes to forget them.
  const notes = new ArrivalNotes(archive.index.db);
  for (const study of [1, 2]) notes.expect('CT1', `1.2.3.${study}.1`);
  // Announced, and never came.
  notes.expect('CT1', '1.2.3.1.2');
  await at.backend.close();
  await at.open();
  const { jobs } = at.backend.open();
  expect(jobs.inputs('send').map(({ input }) => input)).toEqual([
    { node: 'NOWHERE', uids: ['1.2.3.1.1'], commit: false, isByRule: true, studyUid: '1.2.3.1' },
  ]);
  expect(at.backend.open().archive.index.db.prepare('SELECT * FROM arrival').all()).toEqual([]);
});

test('the receiver listens before the jobs of the run before go on: a C-MOVE among them needs it', async () => {
  const free = net.createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const { receiver } = at.backend.open();
  await receiver.change({ ...receiver.settings, isOn: true, port });
  await at.backend.close();
  await at.open();
  expect(at.backend.open().receiver.address).toEqual({ host: '127.0.0.1', port });
});

describe('conflicts', () => {
  interface Conflicts {
    conflicts: { id: number; sopInstanceUid: string; stored: { studyUid: string } | null }[];
  }
  const other = { '00081030': text('LO', 'other content') };

  test('the quarantined instance can take the place of the stored one, and back', async () => {
    const [first, second] = [instance(1, 1), instance(1, 1, other)];
    await at.take(at.put('1.dcm', first));
    await at.take(at.put('2.dcm', second));
    const bytes = async (): Promise<Buffer> => {
      const { archive } = at.backend.open();
      const location = archive.index.locate('1.2.3.1.1');
      return location ? archive.readRange(location, 0, location.sizeBytes) : Buffer.alloc(0);
    };
    for (const expected of [second, first]) {
      const { conflicts } = await at.got<Conflicts>('/conflicts');
      expect(conflicts).toMatchObject([{ sopInstanceUid: '1.2.3.1.1', stored: { studyUid: '1.2.3.1' } }]);
      expect((await at.call('POST', `/conflicts/${conflicts[0]?.id}/prefer`)).status).toBe(204);
      expect((await bytes()).equals(expected)).toBe(true);
      expect(at.backend.open().archive.index.totals()).toMatchObject({ studies: 1, instances: 1 });
    }
    const [conflict] = (await at.got<Conflicts>('/conflicts')).conflicts;
    expect((await at.call('DELETE', `/conflicts/${conflict?.id}`)).status).toBe(204);
    expect(await at.got<Conflicts>('/conflicts')).toEqual({ conflicts: [] });
    expect(fs.readdirSync(path.join(at.folder, 'data', 'quarantine'))).toEqual([]);
  });

  test.each([
    ['cut', (file: string) => fs.truncateSync(file, 100)],
    ['missing', (file: string) => fs.rmSync(file)],
  ])('it takes the place of a stored one that is %s, and the pin of the study stays', async (_name, harm) => {
    await at.take(at.put('1.dcm', instance(1, 1)));
    const { archive } = at.backend.open();
    archive.setPinned('1.2.3.1', true);
    const name = archive.index.locate('1.2.3.1.1')?.name ?? '';
    harm(path.join(at.folder, 'data', 'objects', name.slice(0, 1), name));
    expect(await at.take(at.put('2.dcm', instance(1, 1, other)))).toMatchObject([
      { outcome: 'conflict', reason: expect.stringContaining('is damaged') as string },
    ]);
    const [conflict] = (await at.got<Conflicts>('/conflicts')).conflicts;
    expect((await at.call('POST', `/conflicts/${conflict?.id}/prefer`)).status).toBe(204);
    const location = archive.index.locate('1.2.3.1.1');
    expect(location).toBeDefined();
    expect(location && (await archive.checks.instance(location))).toBeUndefined();
    expect(await at.got<Conflicts>('/conflicts')).toEqual({ conflicts: [] });
    expect(archive.index.db.prepare('SELECT pinned FROM study').all()).toEqual([{ pinned: 1 }]);
    expect([...archive.checks.unlisted()]).toEqual([]);
  });

  test('survive a rebuild, as does an orphan of an interrupted ingest', async () => {
    await at.take(at.put('1.dcm', instance(1, 1)));
    await at.take(at.put('2.dcm', instance(1, 1, other)));
    const { archive } = at.backend.open();
    expect(await archive.rebuild()).toEqual({ instances: 1, conflicts: 1, damaged: [], missing: [] });
    expect((await at.got<Conflicts>('/conflicts')).conflicts).toHaveLength(1);
    expect(archive.index.db.prepare('SELECT conflicts FROM study').get()).toEqual({ conflicts: 1 });
  });
});

describe('an index', () => {
  test.each([
    ['damaged', 'Look whether pins', (bytes: Buffer) => bytes.fill(7, 0, 4096), 1],
    ['empty', 'pins of studies and the list of jobs are lost', () => Buffer.alloc(0), 0],
  ] as const)('that is %s is made anew from the files, and what that costs is said', async (_, said, spoilt, aside) => {
    await at.take(at.put('1.dcm', instance(1, 1)), at.put('2.dcm', instance(2, 1)));
    await at.backend.close();
    const index = path.join(at.folder, 'data', 'index.db');
    for (const suffix of ['-wal', '-shm']) fs.rmSync(index + suffix, { force: true });
    fs.writeFileSync(index, spoilt(fs.readFileSync(index)));
    await at.open();
    expect(await at.ended('rebuild')).toMatchObject({ state: 'done' });
    expect(at.studies()).toEqual(['1.2.3.1', '1.2.3.2']);
    expect(at.backend.open().renewals.sentences).toEqual([expect.stringContaining(said)]);
    const names = fs.readdirSync(path.join(at.folder, 'data'));
    expect(names.filter((name) => /^index\.db\.damaged-\d+$/.test(name))).toHaveLength(aside);
  });
});

test('the audit log is read newest first and says that it is whole', async () => {
  const answer = await at.got<{ records: { eventId: string; eventType?: string }[]; firstBroken: number | null }>(
    '/audit',
  );
  expect(answer.firstBroken).toBeNull();
  expect(answer.records.map(({ eventId }) => eventId)).toEqual(['110101', '110100']);
});

test('an older copy of the audit log that was put back is said at the start, and shows in the log', async () => {
  const file = path.join(at.folder, 'data', 'audit.db');
  await at.backend.close();
  const old = fs.readFileSync(file);
  await at.open();
  await at.backend.close();
  fs.writeFileSync(file, old);
  await at.open();
  expect(at.backend.open().renewals.sentences).toEqual([
    expect.stringMatching(/^The audit log lacks records from number 3 on/),
  ]);
  await at.backend.close();
  await at.open();
  expect(at.backend.open().renewals.sentences).toEqual([]);
  expect(await at.got('/audit')).toMatchObject({ firstBroken: 3 });
});

test.each([undefined, 'secret'])(
  'an import that was stopped is in the audit log (ZIP password %s)',
  async (password) => {
    const files = Array.from({ length: 60 }, (_, sop) => at.put(`${sop}.dcm`, instance(1, sop)));
    const { jobs, audit } = at.backend.open();
    const off = jobs.onChange((job) => {
      if (job.kind !== 'import' || job.itemsDone === 0) return;
      off();
      jobs.cancel(job.id);
    });
    await at.call('POST', '/jobs/import', { paths: files, password });
    const { state, counts, message } = await at.ended('import');
    expect({ state, message }).toEqual({ state: 'cancelled', message: null });
    expect(audit.records().at(-1)).toMatchObject({
      eventId: '110107',
      outcome: 4,
      instanceCount: counts['stored'],
      detail: 'folder or medium, not to its end',
    });
  },
);

test('failed unlocks reach the audit log with the next unlock, also over a restart', async () => {
  await at.call('POST', '/passphrase', { passphrase: 'correct horse' });
  await at.backend.close();
  await at.open();
  expect((await at.call('POST', '/unlock', { passphrase: 'wrong horse' })).status).toBe(403);
  await at.backend.close();
  await at.open();
  expect((await at.call('GET', '/changes?since=0')).status).toBe(423);
  expect((await at.call('POST', '/unlock', { passphrase: 'correct horse' })).status).toBe(204);
  const failed = at.backend
    .open()
    .audit.records()
    .filter((record) => JSON.stringify(record).includes('wrong passphrase at'));
  expect(failed).toMatchObject([{ eventId: '110114', outcome: 4 }]);
});

test('an unlock of what is open already asks for the right passphrase all the same', async () => {
  await at.call('POST', '/passphrase', { passphrase: 'correct horse' });
  expect((await at.call('POST', '/unlock', { passphrase: 'wrong horse' })).status).toBe(403);
  expect((await at.call('POST', '/unlock', { passphrase: 'correct horse' })).status).toBe(204);
  expect(at.backend.open().audit.records().at(-1)).toMatchObject({ eventId: '110114', outcome: 4 });
});

test('a passphrase that is too long is refused in a sentence', async () => {
  const answer = await at.call('POST', '/passphrase', { passphrase: 'x'.repeat(3000) });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ detail: 'A passphrase has at most 1,024 characters.' });
});
