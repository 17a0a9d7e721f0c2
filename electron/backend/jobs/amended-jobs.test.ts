// What is said of a job after its end, by whoever was asked in it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SCHEMA } from '#backend/archive/schema.ts';
import { openDatabase } from '#backend/base/database.ts';
import type { JobContext } from './job-context.ts';
import { JobQueue } from './job-queue.ts';
import { JobStore } from './job-store.ts';

test('what a job ended with may come to be otherwise, which is kept', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-amended-'));
  const db = openDatabase(path.join(folder, 'index.db'), Buffer.alloc(32, 7));
  db.execute(SCHEMA);
  const store = new JobStore(db);
  const queue = new JobQueue(store, () => undefined);
  let context: JobContext | undefined;
  queue.register('send', async (given) => {
    (context = given).amend('failed', 'Too early.');
  });
  const { id } = queue.start('send', 'on', {});
  await expect.poll(() => queue.get(id).state).toBe('done');
  context?.item({ path: 'a', outcome: 'refused' }, 0);
  context?.amend('failed', 'It was taken back.');
  expect(store.list(1)).toMatchObject([
    { job: { state: 'failed', message: 'It was taken back.', counts: { refused: 1 } } },
  ]);
  context?.item({ path: 'a', outcome: 'stored' }, 0);
  context?.amend('done', 'It is well after all.');
  expect(store.list(1)).toMatchObject([
    { job: { state: 'done', message: 'It is well after all.', counts: { refused: 0, stored: 1 } } },
  ]);
  expect([...store.items(id)]).toMatchObject([{ path: 'a', outcome: 'stored' }]);
  await queue.close();
  db.close();
  fs.rmSync(folder, { recursive: true });
});
