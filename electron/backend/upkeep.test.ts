// Retention and watched folders over the backend's own handler.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { fillDisk } from './base/testing.ts';
import { backendForEachTest, instance } from './routes/testing.ts';

const at = backendForEachTest();
const DAY = 24 * 60 * 60 * 1000;

describe('retention', () => {
  test('removes what was received longest ago, never what is pinned, and says where the limit cannot be met', async () => {
    for (const study of [1, 2, 3]) await at.take(at.put(`${study}.dcm`, instance(study, 1)));
    const { archive, audit } = at.backend.open();
    const db = archive.index.db;
    for (const study of [1, 2, 3])
      db.prepare('UPDATE study SET received_at = ? WHERE uid = ?').run(1000 * study, `1.2.3.${study}`);
    await at.call('POST', '/studies/1.2.3.1/pin');
    const size = archive.index.totals().sizeBytes / 3;
    expect(
      (await at.call('PUT', '/settings/retention', { maxBytes: Math.ceil(size * 1.5), maxAgeDays: null })).status,
    ).toBe(204);
    await at.call('POST', '/retention/run');
    expect(await at.ended('retention')).toMatchObject({ state: 'done', itemsDone: 2 });
    expect(at.studies()).toEqual(['1.2.3.1']);
    expect(JSON.stringify(audit.records())).toContain('retention: the archive is larger than its limit');
    await at.call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: 30 });
    expect((await at.jobOf(at.call('POST', '/retention/run'))).message).toContain('pinned');
    expect(at.studies()).toEqual(['1.2.3.1']);
  });

  test('nothing goes by itself for its age after the clock leapt, only where a person asks for it', async () => {
    await at.take(at.put('1.dcm', instance(1, 1)));
    const { archive, settings, jobs } = at.backend.open();
    archive.index.db.prepare('UPDATE study SET received_at = ?').run(Date.now() - 31 * DAY);
    await at.call('PUT', '/settings/retention', { maxBytes: null, maxAgeDays: 30 });
    expect(await at.got('/settings')).toMatchObject({ clockDoubtedUntil: null });
    settings.write('clock', { seenAt: Date.now() - 30 * DAY, leptAt: null });
    // A page that only asks writes nothing: a full disk must not keep the settings from being read.
    let writes = 0;
    const off = settings.onChange('clock', () => writes++);
    expect(await at.got('/settings')).toMatchObject({ clockDoubtedUntil: expect.any(Number) as number });
    off();
    expect(writes).toBe(0);
    jobs.start('retention', 'by itself', {});
    expect(await at.ended('retention')).toMatchObject({ state: 'done', itemsDone: 0 });
    expect(at.studies()).toEqual(['1.2.3.1']);
    await at.jobOf(at.call('POST', '/retention/run'));
    expect(at.studies()).toEqual([]);
  });

  test('a leap between two starts is seen, though retention had never run', async () => {
    await at.backend.close();
    vi.useFakeTimers({ now: Date.now() + 400 * DAY, toFake: ['Date'] });
    try {
      await at.open();
      expect(await at.got('/settings')).toMatchObject({ clockDoubtedUntil: expect.any(Number) as number });
    } finally {
      vi.useRealTimers();
    }
  });

  test('what came while the clock was years behind is not old', async () => {
    for (const study of [1, 2]) await at.take(at.put(`${study}.dcm`, instance(study, 1)));
    const { db } = at.backend.open().archive.index;
    const receivedAt = db.prepare('UPDATE study SET received_at = ? WHERE uid = ?');
    receivedAt.run(Date.UTC(2007, 3, 1), '1.2.3.1');
    receivedAt.run(Date.now() - 31 * DAY, '1.2.3.2');
    await at.call('PUT', '/settings/retention', { maxBytes: null, maxAgeDays: 30 });
    await at.jobOf(at.call('POST', '/retention/run'));
    expect(at.studies()).toEqual(['1.2.3.1']);
  });

  test('what came while the clock was months behind is not older than what came before', async () => {
    await at.take(at.put('1.dcm', instance(1, 1)));
    const now = Date.now();
    vi.useFakeTimers({ toFake: ['Date'], now: now - 300 * DAY });
    try {
      await at.take(at.put('2.dcm', instance(2, 1)));
      const { receivedAs } = await at.got<{ receivedAs: number }>('/settings');
      expect(Math.abs(receivedAs - now)).toBeLessThan(DAY);
    } finally {
      vi.useRealTimers();
    }
    expect(await at.got('/settings')).toMatchObject({ receivedAs: null });
    await at.call('PUT', '/settings/retention', { maxBytes: null, maxAgeDays: 30 });
    await at.jobOf(at.call('POST', '/retention/run'));
    expect(at.studies()).toEqual(['1.2.3.1', '1.2.3.2']);
  });

  test('a study that is pinned while others go stays', async () => {
    for (const study of [1, 2, 3]) await at.take(at.put(`${study}.dcm`, instance(study, 1)));
    const { archive } = at.backend.open();
    archive.index.db.prepare('UPDATE study SET received_at = id').run();
    await at.call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: null });
    const off = archive.onRemoval(() => {
      off();
      archive.setPinned('1.2.3.3', true);
    });
    await at.jobOf(at.call('POST', '/retention/run'));
    expect(at.studies()).toEqual(['1.2.3.3']);
  });

  test('refuses rules that mean nothing', async () => {
    expect((await at.call('PUT', '/settings/retention', { maxBytes: -1, maxAgeDays: null })).status).toBe(400);
    expect(await at.got('/settings')).toMatchObject({ retention: { maxBytes: null, maxAgeDays: null } });
  });
});

describe('watched folders', () => {
  test('takes what has come to rest, once, also over a restart, and never touches the source', async () => {
    const file = at.put('a/one.dcm', instance(1, 1));
    const before = fs.statSync(file);
    expect((await at.call('POST', '/settings/watch-folders', { path: path.join(at.folder, 'source') })).status).toBe(
      204,
    );
    expect(await at.ended('watch')).toMatchObject({ state: 'done', counts: { stored: 1 } });
    expect(fs.statSync(file).mtimeMs).toBe(before.mtimeMs);
    await at.backend.close();
    await at.open();
    const { watchFolders, jobs } = at.backend.open();
    const count = jobs.list().length;
    at.put('a/two.dcm', instance(1, 2));
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
    expect((await at.call('DELETE', `/settings/watch-folders?path=${path.join(at.folder, 'source')}`)).status).toBe(
      204,
    );
    expect(await at.got('/settings')).toMatchObject({ watchFolders: [] });
  });

  test('where the disk is full it says so, and takes what has come once there is space', async () => {
    const { archive, watchFolders } = at.backend.open();
    const makeSpace = fillDisk(archive.index.db, 'job');
    at.put('a/one.dcm', instance(1, 1));
    await at.call('POST', '/settings/watch-folders', { path: path.join(at.folder, 'source') });
    await expect.poll(() => watchFolders.states()[0]?.message, { timeout: 20_000 }).toContain('The disk is full');
    makeSpace();
    expect(await at.ended('watch')).toMatchObject({ state: 'done', counts: { stored: 1 } });
  });

  test('refuses its own data folder and a path that is not whole', async () => {
    expect(
      (await at.call('POST', '/settings/watch-folders', { path: path.join(at.folder, 'data', 'objects') })).status,
    ).toBe(400);
    expect((await at.call('POST', '/settings/watch-folders', { path: 'here' })).status).toBe(400);
  });
});

test('a removal that could not destroy the files says so, to who asked, in the audit log, and at the next start', async () => {
  await at.take(at.put('1.dcm', instance(1, 1)));
  const removed = path.join(at.folder, 'data', 'removed');
  fs.rmdirSync(removed);
  fs.writeFileSync(removed, '');
  const answer = await at.call('DELETE', '/studies/1.2.3.1');
  expect(answer.status).toBe(500);
  const { detail } = (await answer.json()) as { detail: string };
  expect(detail).toMatch(/^It is removed from the list, but one file of it could not be destroyed: .*\(ENOTDIR\)/);
  expect(at.studies()).toEqual([]);
  const record = at.backend.open().audit.records().at(-1);
  expect(JSON.stringify(record)).toContain('could not be destroyed');
  expect(JSON.stringify(record)).toContain('1.2.3.1');
  await at.backend.close();
  fs.rmSync(removed);
  // Nothing that can be overwritten.
  fs.mkdirSync(path.join(removed, `${'a'.repeat(40)}.${randomUUID()}`), { recursive: true });
  await at.open();
  const said = (): string | undefined => at.backend.open().renewals.sentences[0];
  await expect.poll(said).toMatch(/^Of what was removed, one file could not be destroyed: .* a link or a folder/);
  expect(JSON.stringify(at.backend.open().audit.records())).toContain('Of what was removed');
  expect(at.bugs).toEqual([]);
});
