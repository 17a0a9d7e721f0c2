// Work that was under way when the program was cut off: it goes on by itself, unless it may be what ends the program.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SCHEMA } from '#backend/archive/schema.ts';
import { openDatabase } from '#backend/base/database.ts';
import { JobQueue } from './job-queue.ts';
import { JobStore } from './job-store.ts';
import { GOT_NO_FURTHER } from './live-job.ts';

test('work that is cut off twice at the same place waits for a person; work that gets further goes on', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-cut-'));
  const db = openDatabase(path.join(folder, 'index.db'), Buffer.alloc(32, 7));
  db.execute(SCHEMA);
  const store = new JobStore(db);
  const queues: JobQueue[] = [];
  /** The next program, whose work does so many items and then stands; gives how the job is then. */
  const program = async (items: readonly string[], wasCut: boolean): Promise<unknown> => {
    const queue = new JobQueue(store, () => undefined);
    queues.push(queue);
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.register('import', async (context) => {
      for (const each of items) context.item({ path: each, outcome: 'stored' }, 0);
      resolve();
      await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(new Error('ended'))));
    });
    if (queues.length === 1) queue.start('import', 'a disc', { paths: [] });
    else queue.restore(true, wasCut);
    const isPaused = queue.list()[0]?.state === 'paused';
    if (!isPaused) await promise;
    // As it is kept while it runs.
    if (items.length) await expect.poll(() => [...store.items(queue.list()[0]?.id ?? '')].length).toBeGreaterThan(0);
    const { state, message } = queue.list()[0] ?? {};
    return [state, message];
  };
  expect(await program(['a'], false)).toEqual(['running', null]);
  expect(await program(['b'], true)).toEqual(['running', null]);
  await expect.poll(() => [...store.items(queues[0]?.list()[0]?.id ?? '')].length).toBe(2);
  expect(await program([], true)).toEqual(['running', null]);
  // An orderly end says nothing against it.
  expect(await program([], false)).toEqual(['running', null]);
  expect(await program([], true)).toEqual(['paused', GOT_NO_FURTHER]);
  const last = queues.at(-1);
  last?.resume(last.list()[0]?.id ?? '');
  await expect.poll(() => last?.list()[0]?.state).toBe('running');
  expect(await program([], true)).toEqual(['paused', GOT_NO_FURTHER]);
  for (const queue of queues) await queue.close().catch(() => undefined);
  db.close();
  fs.rmSync(folder, { recursive: true });
});
