// Jobs on a disk that is full: they end, nobody takes harm, and what could not be stored is stored once there is space.
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { fillDisk } from '#backend/base/testing.ts';
import { backendForEachTest } from '#backend/routes/testing.ts';
import { JobStore } from './job-store.ts';

const at = backendForEachTest();
const db = () => at.backend.open().archive.index.db;

test('a job that is not taken by the disk is no job, and its caller is told why', async () => {
  const makeSpace = fillDisk(db(), 'job');
  const answer = await at.call('POST', '/verify');
  expect(answer.status).toBe(507);
  expect(await answer.json()).toMatchObject({
    code: 'disk-full',
    detail: expect.stringContaining('disk is full') as string,
  });
  expect(at.backend.open().jobs.list()).toEqual([]);
  makeSpace();
  expect(await at.jobOf(at.call('POST', '/verify'))).toMatchObject({ state: 'done' });
});

test.each(['job', 'job_item'])(
  'a job that ends there ends, and is stored when there is space (no room in %s)',
  async (table) => {
    const { jobs } = at.backend.open();
    let go: () => void = () => undefined;
    const going = new Promise<void>((resolve) => (go = resolve));
    jobs.register('import', async (context) => {
      await going;
      context.item({ path: 'a', outcome: 'stored' }, 1);
    });
    const { id } = jobs.start('import', 'folder', {});
    const makeSpace = fillDisk(db(), table);
    go();
    expect(await at.ended('import')).toMatchObject({ id, state: 'done', itemsDone: 1 });
    expect([...jobs.items(id)]).toEqual([{ path: 'a', outcome: 'stored' }]);
    const stored = () => new JobStore(db()).list(1).map(({ job }) => job.state);
    expect(stored()).toEqual([table === 'job' ? 'queued' : 'running']);
    makeSpace();
    await at.backend.close();
    await at.open();
    expect(stored()).toEqual(['done']);
    expect([...at.backend.open().jobs.items(id)]).toEqual([{ path: 'a', outcome: 'stored' }]);
  },
);

test('items that the disk did not take while the job runs are not lost', async () => {
  const { jobs } = at.backend.open();
  const done = new AbortController();
  jobs.register('import', async (context) => {
    context.item({ path: 'a', outcome: 'stored' }, 1);
    await once(done.signal, 'abort');
  });
  const makeSpace = fillDisk(db(), 'job_item');
  const { id } = jobs.start('import', 'folder', {});
  await new Promise<void>((resolve) => {
    const off = jobs.onChange((job) => {
      if (job.itemsDone === 0) return;
      off();
      resolve();
    });
  });
  // As the timer does.
  expect([...jobs.items(id)]).toHaveLength(1);
  makeSpace();
  done.abort();
  await at.ended('import');
  expect([...new JobStore(db()).items(id)]).toEqual([{ path: 'a', outcome: 'stored' }]);
});
