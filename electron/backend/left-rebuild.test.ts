// A rebuild of the index that a program left: nobody is to take the archive for empty meanwhile, or for longer than need be.
import { expect, test } from 'vitest';
import type { Job } from '#shared/contract/views.ts';
import { GOT_NO_FURTHER } from './jobs/live-job.ts';
import { JobStore } from './jobs/job-store.ts';
import { backendForEachTest, instance } from './routes/testing.ts';

const at = backendForEachTest();

/** Leaves the index incomplete, with the job that makes it anew paused, and opens the backend again. */
async function reopenWithPaused(message: string | null): Promise<Job> {
  await at.take(at.put('1.dcm', instance(1, 1)), at.put('2.dcm', instance(2, 1)));
  const { archive, jobs } = at.backend.open();
  await expect(archive.rebuild(() => Promise.reject(new Error('cut')))).rejects.toThrow('cut');
  const { id } = jobs.start('rebuild', 'the index', {});
  const job = jobs.pause(id);
  job.message = message;
  new JobStore(archive.index.db).save({ job, input: {} });
  await at.backend.close();
  await at.open();
  return at.backend.open().jobs.get(id);
}

test('one that is paused goes on at the next start: without it the archive looks empty', async () => {
  const { id } = await reopenWithPaused(null);
  expect(await at.ended('rebuild')).toMatchObject({ id, state: 'done' });
  expect(at.studies()).toEqual(['1.2.3.1', '1.2.3.2']);
});

test('one that may be what ended the program waits; it is done when somebody else made the index anew', async () => {
  const { id, state } = await reopenWithPaused(GOT_NO_FURTHER);
  const { archive, jobs } = at.backend.open();
  expect([state, archive.needsRebuild]).toEqual(['paused', true]);
  expect(await at.got('/session')).toMatchObject({ archive: { isWhole: false } });
  await archive.rebuild();
  jobs.endPaused('rebuild');
  expect(jobs.get(id)).toMatchObject({ state: 'done', message: null });
  expect(await at.got('/session')).toMatchObject({ archive: { isWhole: true } });
  await at.backend.close();
  await at.open();
  expect([at.backend.open().jobs.get(id).state, at.studies()]).toEqual(['done', ['1.2.3.1', '1.2.3.2']]);
});
