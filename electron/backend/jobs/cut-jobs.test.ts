// Work that was under way when the program was cut off: it goes on by itself, unless it may be what ends the program.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SCHEMA } from '#backend/archive/schema.ts';
import { openDatabase, type Database } from '#backend/base/database.ts';
import type { JobContext } from './job-context.ts';
import { JobQueue } from './job-queue.ts';
import { JobStore } from './job-store.ts';
import { GOT_NO_FURTHER } from './live-job.ts';

let folder: string;
let db: Database;
let store: JobStore;
let queues: JobQueue[];
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-cut-'));
  db = openDatabase(path.join(folder, 'index.db'), Buffer.alloc(32, 7));
  db.execute(SCHEMA);
  store = new JobStore(db);
  queues = [];
});
afterEach(async () => {
  for (const queue of queues) await queue.close().catch(() => undefined);
  db.close();
  fs.rmSync(folder, { recursive: true });
});
/** Of the next program: the one before was cut off. */
function next(): JobQueue {
  const queue = new JobQueue(store, () => undefined);
  queues.push(queue);
  return queue;
}

test('work that is cut off twice at the same place waits for a person; work that gets further goes on', async () => {
  /** The next program, whose work does so many items and then stands; gives how the job is then. */
  const program = async (items: readonly string[], wasCut: boolean): Promise<unknown> => {
    const queue = next();
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
});

test('work without items that is cut off further on than before goes on; at the same place it waits', async () => {
  /** The next program, whose work passes so many and then stands; gives how the job is then. */
  const program = async (count: number): Promise<unknown> => {
    const queue = next();
    const { promise, resolve } = Promise.withResolvers<void>();
    queue.register('rebuild', async ({ advance, signal }) => {
      for (let done = 0; done < count; done++) advance(1, 0);
      resolve();
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
    });
    if (queues.length === 1) queue.start('rebuild', 'the index', {});
    else queue.restore(true, true);
    const { id = '' } = queue.list()[0] ?? {};
    if (queue.get(id).state !== 'paused') await promise;
    await expect.poll(() => store.list(1)[0]?.job.itemsDone).toBe(queue.get(id).itemsDone);
    const { state, message } = queue.get(id);
    return [state, message];
  };
  expect(await program(2)).toEqual(['running', null]);
  expect(await program(5)).toEqual(['running', null]);
  expect(await program(3)).toEqual(['running', null]);
  expect(await program(3)).toEqual(['running', null]);
  expect(await program(0)).toEqual(['paused', GOT_NO_FURTHER]);
});

test('after it was cut off work says of each step where it is: what ends the program is met at one place', async () => {
  let advance: JobContext['advance'] = () => undefined;
  const program = (): JobQueue => {
    const queue = next();
    queue.register('verify', async (context) => {
      ({ advance } = context);
      await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(new Error('ended'))));
    });
    return queue;
  };
  program().start('verify', 'all', {});
  await expect.poll(() => store.list(1)[0]?.job.state).toBe('running');
  const second = program();
  second.restore(true, true);
  await expect.poll(() => second.list()[0]?.state).toBe('running');
  for (const done of [1, 2, 3]) {
    advance(1, 0);
    expect(store.list(1)[0]?.job.itemsDone).toBe(done);
  }
});

test('what a cut off job came to is what its items say, also while it counts them again and is cut off in that', async () => {
  const first = next();
  const skipping = Promise.withResolvers<void>();
  first.register('import', async ({ item, signal }) => {
    for (const name of ['a', 'b']) item({ path: name, outcome: 'stored' }, 1);
    item({ path: 'c', outcome: 'refused' }, 1);
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));
  });
  const { id } = first.start('import', 'a disc', { paths: [] });
  await expect.poll(() => [...store.items(id)].length).toBe(3);
  const shown = { itemsDone: 3, counts: { stored: 2, refused: 1 } };
  const second = next();
  second.register('import', async ({ skip, item }) => {
    skip('a', 1);
    await skipping.promise;
    for (const name of ['b', 'c']) skip(name, 1);
    item({ path: 'd', outcome: 'stored' }, 1);
  });
  second.restore(true, true);
  await expect.poll(() => second.get(id).state).toBe('running');
  expect(second.get(id)).toMatchObject(shown);
  const third = next();
  third.restore(false, true);
  expect(third.get(id)).toMatchObject(shown);
  skipping.resolve();
  await expect.poll(() => second.get(id).state).toBe('done');
  expect(second.get(id)).toMatchObject({ itemsDone: 4, bytesDone: 4, counts: { stored: 3, refused: 1 } });
});
