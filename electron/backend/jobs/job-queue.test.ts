// Jobs as lists and people steer them: what they are about, once more, sooner, and pauses of work that cannot stand still.
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { FileReport, Job } from '#shared/contract/views.ts';
import { JobQueue } from './job-queue.ts';
import type { JobStore, StoredJob } from './job-store.ts';

const memoryStore = (): JobStore => {
  const jobs = new Map<string, StoredJob>();
  const store: Pick<JobStore, keyof JobStore> = {
    save: (stored) => void jobs.set(stored.job.id, structuredClone(stored)),
    list: () => [...jobs.values()].map((stored) => structuredClone(stored)),
    addItems: () => undefined,
    countsOf: () => ({}),
    hasItem: () => false,
    codeOf: () => undefined,
    hasDone: () => false,
    undone: () => [],
    ofTransaction: () => undefined,
    outcomeOf: () => undefined,
    items: (): Iterable<FileReport> => [],
  };
  return store as JobStore;
};
const queueOf = (): JobQueue =>
  new JobQueue(memoryStore(), (error) => {
    throw error;
  });
const until = (queue: JobQueue, fits: (job: Job) => boolean): Promise<Job> =>
  new Promise((resolve) => {
    const off = queue.onChange((job) => {
      if (!fits(job)) return;
      off();
      resolve(job);
    });
  });

interface Input {
  node: string;
}
const LANE = { name: 'network', atOnce: 1 };

test('what a job has to say of its being cancelled stays', async () => {
  const queue = queueOf();
  queue.register('send', async ({ note, signal, checkpoint }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    note('It was asked.');
    await checkpoint();
  });
  const { id } = queue.start('send', 'on', {});
  await until(queue, ({ state }) => state === 'running');
  queue.cancel(id);
  expect(await until(queue, ({ finishedAt }) => finishedAt !== null)).toMatchObject({
    state: 'cancelled',
    message: 'It was asked.',
  });
});

test('what is cancelled says so until it has ended', async () => {
  const queue = queueOf();
  let end = (): void => undefined;
  const frozen = new Promise<void>((resolve) => (end = resolve));
  queue.register('send', async ({ signal }) => {
    await frozen;
    signal.throwIfAborted();
  });
  const { id } = queue.start('send', 'on', {});
  await until(queue, ({ state }) => state === 'running');
  const told = until(queue, ({ message }) => message !== null);
  queue.cancel(id);
  expect({ ...(await told) }).toMatchObject({ message: 'It is being cancelled: what is under way ends first.' });
  const over = until(queue, ({ finishedAt }) => finishedAt !== null);
  end();
  expect(await over).toMatchObject({ state: 'cancelled', message: null });
});

test('what became of an item before a restart counts with it', async () => {
  const store = Object.assign(memoryStore(), {
    outcomeOf: (_job: string, path: string) => (path === 'a' ? 'repaired' : undefined),
  });
  const queue = new JobQueue(store, () => undefined);
  queue.register('send', async ({ skip, item }) => {
    skip('a', 3);
    item({ path: 'b', outcome: 'stored' }, 4);
  });
  queue.start('send', 'on', {});
  const job = await until(queue, ({ finishedAt }) => finishedAt !== null);
  expect(job).toMatchObject({ itemsDone: 2, bytesDone: 7, counts: { repaired: 1, stored: 1 } });
});

test('what a program left when it ended is paused in one that does not stay, and goes on when it is resumed', async () => {
  const store = memoryStore();
  const opened = (isResident: boolean): JobQueue => {
    const queue = new JobQueue(store, (error) => {
      throw error;
    });
    queue.register<Input>('send', async ({ note }) => note('sent'));
    queue.restore(isResident);
    return queue;
  };
  const killed = new JobQueue(store, () => undefined);
  killed.register('send', ({ advance }) => {
    advance(2, 0);
    return new Promise(() => undefined);
  });
  const ids = ['resumed', 'cancelled', 'left'].map((node) => killed.start('send', node, { node }).id);
  const [resumed = '', cancelled = '', left = ''] = ids;
  await until(killed, ({ itemsDone }) => itemsDone === 2);
  killed.renameNode('resumed', 'resumed');
  expect(store.list(3).map(({ job }) => job.state)).toEqual(['running', 'queued', 'queued']);

  const command = opened(false);
  const told = { state: 'paused', message: expect.stringContaining('goes on when it is resumed') as string };
  expect(ids.map((id) => command.get(id))).toMatchObject([{ ...told, itemsDone: 2 }, told, told]);
  expect(() => command.pause(left)).toThrow('Only work that is under way');
  // It has its place by then, and waits in it.
  await Promise.resolve();
  const isCancelled = until(command, ({ id, finishedAt }) => id === cancelled && finishedAt !== null);
  command.cancel(cancelled);
  expect(await isCancelled).toMatchObject({ state: 'cancelled', message: null });
  const isDone = until(command, ({ id, finishedAt }) => id === resumed && finishedAt !== null);
  command.resume(resumed);
  expect(await isDone).toMatchObject({ state: 'done', itemsDone: 0, message: 'sent' });
  // Stored as it is told.
  command.renameNode('left', 'left');
  await command.close();

  const resident = opened(true);
  expect(await until(resident, ({ finishedAt }) => finishedAt !== null)).toMatchObject({ id: left, state: 'done' });
});

test('a paused transfer ends, and goes on as a new try of the same job', async () => {
  const queue = queueOf();
  const tries: boolean[] = [];
  queue.register<Input>('retrieve', async (context) => {
    for (;;) {
      await context.checkpoint();
      const signal = context.untilPaused();
      tries.push(signal.aborted);
      if (tries.length === 2) return;
      context.advance(1, 0);
      await once(signal, 'abort');
      context.signal.throwIfAborted();
    }
  });
  const working = until(queue, (each) => each.itemsDone === 1);
  const { id } = queue.start('retrieve', 'study', { node: 'pacs' });
  await working;
  const over = until(queue, (each) => each.finishedAt !== null);
  queue.pause(id);
  expect(queue.get(id).state).toBe('paused');
  queue.resume(id);
  expect((await over).state).toBe('done');
  expect(tries).toEqual([false, false]);
});

test('a job says what it is about, can be done again with what it was started with, and only once it has ended', async () => {
  const queue = queueOf();
  const seen: Input[] = [];
  queue.register<Input>(
    'retrieve',
    async (_context, input) => void seen.push(input),
    LANE,
    ({ node }) => ({ node, studyUid: '1.2' }),
  );
  const over = until(queue, (job) => job.finishedAt !== null);
  const { id } = queue.start('retrieve', 'study', { node: 'pacs' });
  expect(queue.get(id)).toMatchObject({ node: 'pacs', studyUid: '1.2' });
  expect(() => queue.again(id)).toThrow('under way');
  await over;
  const overAgain = until(queue, (job) => job.finishedAt !== null && job.id !== id);
  expect(queue.again(id)).toMatchObject({ title: 'study', node: 'pacs' });
  await overAgain;
  expect(seen).toEqual([{ node: 'pacs' }, { node: 'pacs' }]);
});

test('a hurried job passes those that wait', async () => {
  const queue = queueOf();
  const order: string[] = [];
  queue.register<Input>('retrieve', async (_context, { node }) => void order.push(node), LANE);
  queue.start('retrieve', 'a', { node: 'a' }, 'bulk');
  queue.start('retrieve', 'b', { node: 'b' }, 'bulk');
  const last = queue.start('retrieve', 'c', { node: 'c' }, 'bulk');
  queue.hurry(last.id, 'visible');
  await until(queue, () => order.length === 3);
  expect(order).toEqual(['c', 'a', 'b']);
});

test.each(['aside', 'paused'])('a job that is %s holds no place: others go on, and it goes on after', async (how) => {
  const queue = queueOf();
  const order: string[] = [];
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  queue.register<Input>(
    'send',
    async (context, { node }) => {
      order.push(node);
      if (node === 'slow' && how === 'aside') await context.aside(answered);
      if (node === 'slow' && how === 'paused') {
        queue.pause(context.jobId);
        await context.checkpoint();
      }
      order.push(`${node} done`);
    },
    LANE,
  );
  const slow = queue.start('send', 'slow', { node: 'slow' });
  const other = queue.start('send', 'other', { node: 'other' });
  await until(queue, ({ id, finishedAt }) => id === other.id && finishedAt !== null);
  const over = until(queue, ({ id, finishedAt }) => id === slow.id && finishedAt !== null);
  if (how === 'paused') queue.resume(slow.id);
  answer();
  expect((await over).state).toBe('done');
  expect(order).toEqual(['slow', 'other', 'other done', 'slow done']);
});

test.each(['cancelled', 'closed'])('a job that stands aside, or waits to come back, is %s', async (how) => {
  const queue = queueOf();
  queue.register<Input>(
    'send',
    async (context, { node }) => {
      const stop = once(context.signal, 'abort');
      // The first keeps the place that the second wants back.
      if (node === 'keeps') await stop;
      else await context.aside<unknown>(node === 'waits' ? stop : Promise.resolve());
      context.signal.throwIfAborted();
    },
    LANE,
  );
  const ids = ['waits', 'returns', 'keeps'].map((node) => queue.start('send', node, { node }).id);
  await until(queue, ({ id, state }) => id === ids[2] && state === 'running');
  if (how === 'closed') return queue.close();
  for (const id of ids) {
    const over = until(queue, (job) => job.id === id && job.finishedAt !== null);
    queue.cancel(id);
    expect((await over).state).toBe('cancelled');
  }
  return undefined;
});

test('what is paused, by a person or by itself, holds nobody up, and goes on when it is resumed', async () => {
  const queue = queueOf();
  const done: string[] = [];
  queue.register<Input>('import', async (context, { node }) => {
    if (node === 'full') await context.hold(new LecternError('disk-full', 'The disk is full.'));
    await context.checkpoint();
    done.push(node);
  });
  const held = until(queue, (job) => job.title === 'full' && job.state === 'paused');
  const full = queue.start('import', 'full', { node: 'full' });
  const waiting = queue.start('import', 'waiting', { node: 'waiting' });
  queue.pause(waiting.id);
  const third = until(queue, (job) => job.title === 'third' && job.state === 'done');
  queue.start('import', 'third', { node: 'third' });
  await held;
  await third;
  expect(done).toEqual(['third']);
  const both = until(queue, () => done.length === 3);
  expect(queue.resume(waiting.id).state).toBe('queued');
  queue.resume(full.id);
  await both;
  expect(done.sort()).toEqual(['full', 'third', 'waiting']);
});

test('a pause given to what waits in line outlasts the program, and so does its end', async () => {
  const store = memoryStore();
  const queues: JobQueue[] = [];
  /** As after a kill: the one before ends nothing. */
  const start = (): JobQueue => {
    const queue = new JobQueue(store, () => undefined);
    queue.register('import', async (context) => void (await once(context.signal, 'abort')));
    queue.restore();
    queues.push(queue);
    return queue;
  };
  const first = start();
  const { id } = first.start('import', 'waiting', {});
  first.pause(id);
  const second = start();
  expect(second.get(id).state).toBe('paused');
  second.resume(id);
  expect((await until(start(), () => true)).state).toBe('running');
  await Promise.all(queues.map((queue) => queue.close()));
});

test('what nobody waits for leaves a place free: an urgent job beside it begins at once', async () => {
  const queue = queueOf();
  const begun: string[] = [];
  queue.register<Input>(
    'send',
    async (context, { node }) => {
      begun.push(node);
      if (node !== 'asked for') await once(context.signal, 'abort');
    },
    { name: 'network', atOnce: 4 },
  );
  const second = until(queue, ({ title, state }) => title === 'second' && state === 'running');
  for (const node of ['first', 'second', 'third']) queue.start('send', node, { node }, 'bulk');
  await second;
  const { id } = queue.start('send', 'asked for', { node: 'asked for' }, 'study');
  await until(queue, (job) => job.id === id && job.finishedAt !== null);
  expect(begun).toEqual(['first', 'second', 'asked for']);
  await queue.close();
});

test('a job goes on by the new name of its node, and its input is what it was started with otherwise', async () => {
  const queue = queueOf();
  const names: string[] = [];
  let renamed: () => void = () => undefined;
  const renaming = new Promise<void>((resolve) => (renamed = resolve));
  queue.register<Input>(
    'send',
    async (context, input) => {
      names.push(input.node);
      await context.aside(renaming);
      names.push(input.node);
    },
    LANE,
    ({ node }) => ({ node }),
  );
  const { id } = queue.start('send', 'study', { node: 'old' });
  await until(queue, ({ state }) => state === 'running');
  queue.renameNode('old', 'new');
  renamed();
  await until(queue, ({ finishedAt }) => finishedAt !== null);
  expect(names).toEqual(['old', 'new']);
  expect(queue.get(id).node).toBe('new');
  expect(queue.again(id).node).toBe('new');
});

test('what a job is about is down from its beginning: a kill may come at once', () => {
  const store = memoryStore();
  const queue = new JobQueue(store, () => undefined);
  queue.register<Input>(
    'send',
    () => Promise.resolve(),
    LANE,
    ({ node }) => ({ node }),
  );
  queue.start('send', 'study', { node: 'one' });
  expect(store.list(1)[0]?.job.node).toBe('one');
});

test('the input of work under way can be changed, durably; not once it was cancelled or has ended', async () => {
  const store = memoryStore();
  const queue = new JobQueue(store, () => undefined);
  queue.register<Input>('send', async (context) => void (await once(context.signal, 'abort')));
  const { id } = queue.start('send', 'study', { node: 'one' });
  expect(queue.widen(id, { node: 'two' })).toBe(true);
  expect(store.list(1)[0]?.input).toEqual({ node: 'two' });
  const { save } = store;
  store.save = () => {
    throw new LecternError('disk-full', 'The disk is full.');
  };
  expect(() => queue.widen(id, { node: 'three' })).toThrow('The disk is full.');
  store.save = save;
  expect(queue.inputs('send')[0]?.input).toEqual({ node: 'two' });
  const ended = until(queue, ({ finishedAt }) => finishedAt !== null);
  queue.cancel(id);
  expect(queue.widen(id, { node: 'three' })).toBe(false);
  await ended;
  expect(queue.widen(id, { node: 'three' })).toBe(false);
});

test('a job that is hurried takes the place that was kept for it at once', async () => {
  const queue = queueOf();
  queue.register<Input>('send', async (context) => void (await once(context.signal, 'abort')), {
    name: 'network',
    atOnce: 2,
  });
  const first = until(queue, ({ title, state }) => title === 'first' && state === 'running');
  const [, { id }] = ['first', 'second'].map((node) => queue.start('send', node, { node }, 'bulk')) as [Job, Job];
  await first;
  const hurried = until(queue, (job) => job.id === id && job.state === 'running');
  expect(queue.hurry(id, 'visible').state).toBe('queued');
  await hurried;
  await queue.close();
});
