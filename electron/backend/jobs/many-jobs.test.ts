// A station that runs for years: what is at hand of its jobs stays little, what wants a look is among it, and nothing is looked through.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SCHEMA } from '#backend/archive/schema.ts';
import { openDatabase, type Database } from '#backend/base/database.ts';
import type { Job } from '#shared/contract/views.ts';
import { JobQueue } from './job-queue.ts';
import { HAS_DONE, JobStore, OF_TRANSACTION, UNDONE_OF_KIND } from './job-store.ts';
import { KEPT_JOBS } from './live-job.ts';

let folder: string;
let db: Database;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-many-jobs-'));
  db = openDatabase(path.join(folder, 'index.db'), Buffer.alloc(32, 7));
  db.execute(SCHEMA);
});
afterEach(() => {
  db.close();
  fs.rmSync(folder, { recursive: true });
});

const job = (createdAt: number, changed: Partial<Job> = {}): Job => ({
  id: `j${createdAt}`,
  kind: 'send',
  title: 'on',
  state: 'done',
  itemsDone: 1,
  itemsTotal: 1,
  bytesDone: 0,
  bytesTotal: 0,
  createdAt,
  finishedAt: createdAt,
  counts: { stored: 1 },
  message: null,
  ...changed,
});

test('a start has the newest, what is not over, and what wants a look however old it is', () => {
  const store = new JobStore(db);
  const old = [
    job(1, { state: 'failed', message: 'No.' }),
    job(2, { counts: { stored: 4, refused: 1 } }),
    job(3, { state: 'paused', finishedAt: null }),
    job(4),
  ];
  for (const each of old) store.save({ job: each, input: null });
  for (let at = 0; at < KEPT_JOBS; at++) store.save({ job: job(100 + at), input: null });
  const ids = store.list(KEPT_JOBS).map(({ job: { id } }) => id);
  expect(ids).toHaveLength(KEPT_JOBS + 3);
  expect(ids.slice(-3)).toEqual(['j3', 'j2', 'j1']);
});

test('those that end while it runs leave what is at hand, not the store', async () => {
  const queue = new JobQueue(new JobStore(db), (error) => {
    throw error;
  });
  const failed = queue.startDriven('import', 'disc');
  failed.end('failed', 'The disc is scratched.');
  for (let at = 0; at < KEPT_JOBS + 50; at++) queue.startDriven('watch', 'folder').end('done');
  const listed = queue.list();
  expect(listed).toHaveLength(KEPT_JOBS + 1);
  expect(listed).toContainEqual(failed.job);
  expect(db.prepare<{ count: number }>('SELECT count(*) AS count FROM job').get()).toEqual({ count: KEPT_JOBS + 51 });
});

test('whether an instance was sent is found without looking through the items of imports', () => {
  const store = new JobStore(db);
  store.save({ job: job(1), input: null });
  store.save({ job: job(2, { kind: 'import' }), input: null });
  store.addItems('j1', [{ path: '1.2.1', outcome: 'stored', sopInstanceUid: '1.2.1' }]);
  store.addItems('j1', [{ path: '1.2.2', outcome: 'refused', sopInstanceUid: '1.2.2' }]);
  store.addItems('j2', [{ path: '/disc/1', outcome: 'stored', sopInstanceUid: '1.2.3' }]);
  expect(['1.2.1', '1.2.2', '1.2.3'].map((uid) => store.hasDone('send', uid))).toEqual([true, false, false]);
  expect(store.hasDone('import', '1.2.1')).toBe(false);
  const plan = db.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${HAS_DONE}`).all('', '');
  expect(plan.map(({ detail }) => detail).join('\n')).not.toMatch(/SCAN/);
});

test('what is not done is found however old it is, and so is what asked in a transaction, without looking through the rest', () => {
  const store = new JobStore(db);
  for (const each of [
    job(1, { state: 'failed' }),
    job(2),
    job(3, { state: 'cancelled' }),
    job(4, { state: 'paused', finishedAt: null }),
    job(5, { state: 'failed', kind: 'import' }),
  ])
    store.save({ job: each, input: null });
  expect(store.undone('send').map(({ job: { id } }) => id)).toEqual(['j1', 'j4']);
  store.save({ job: job(6), input: null, later: { transactionUid: '2.25.7' } });
  expect(store.ofTransaction('2.25.7')?.job.id).toBe('j6');
  expect(store.ofTransaction('2.25.8')).toBe(undefined);
  for (const query of [UNDONE_OF_KIND, OF_TRANSACTION]) {
    const plan = db.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`).all('');
    expect(plan.map(({ detail }) => detail).join('\n')).not.toMatch(/SCAN/);
  }
});
