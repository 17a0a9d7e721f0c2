// Jobs that nobody can go on with once the program was killed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { SCHEMA } from '#backend/archive/schema.ts';
import { openDatabase } from '#backend/base/database.ts';
import { needsLook } from '#shared/contract/views.ts';
import { JobQueue } from './job-queue.ts';
import { JobStore } from './job-store.ts';

test('an upload that a kill ended says so at the next start, with the files that had come until then', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-driven-'));
  const db = openDatabase(path.join(folder, 'index.db'), Buffer.alloc(32, 7));
  db.execute(SCHEMA);
  const queueOf = (): JobQueue =>
    new JobQueue(new JobStore(db), (error) => {
      throw error;
    });
  vi.useFakeTimers();
  const killed = queueOf();
  const { job, context } = killed.startDriven('upload', 'disc');
  context.item({ path: 'I1', outcome: 'stored', sopInstanceUid: '1.2' }, 10);
  vi.advanceTimersByTime(1000);
  const next = queueOf();
  next.restore();
  const left = next.get(job.id);
  expect(left).toMatchObject({ state: 'failed', itemsDone: 1, counts: { stored: 1 } });
  expect(left.message).toMatch(/^Lectern ended before all files had come\. Import them again/);
  expect(needsLook(left)).toBe(true);
  expect([...next.items(job.id)]).toMatchObject([{ path: 'I1', outcome: 'stored' }]);
  vi.useRealTimers();
  await Promise.all([killed, next].map((queue) => queue.close()));
  db.close();
  fs.rmSync(folder, { recursive: true });
});
