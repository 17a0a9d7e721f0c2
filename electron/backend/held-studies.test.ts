// A study that is arriving is not taken by the rules; what comes to one that they took is not shown as all of it.
import { expect, test, vi } from 'vitest';
import type { StudyRow } from '#shared/contract/views.ts';
import { changesSince } from './archive/change-feed.ts';
import { heldStudies } from './held-studies.ts';
import { JobStore } from './jobs/job-store.ts';
import { KEPT_JOBS } from './jobs/live-job.ts';
import { backendForEachTest, instance } from './routes/testing.ts';

const at = backendForEachTest();
const take = (...sops: number[]): Promise<unknown> =>
  at.take(...sops.map((sop) => at.put(`${sop}.dcm`, instance(1, sop))));
const retire = async (): Promise<string | null> => (await at.jobOf(at.call('POST', '/retention/run'))).message;
const row = (): Pick<StudyRow, 'instanceCount' | 'missingCount' | 'retiredCount'> | undefined => {
  const [study] = changesSince(at.backend.open().archive.index, 0).studies;
  if (!study) return undefined;
  const { instanceCount, missingCount, retiredCount } = study;
  return { instanceCount, missingCount, retiredCount };
};

test('a study of which something came just now stays, until nothing more comes', async () => {
  await take(1, 2);
  await at.call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: null });
  expect(await retire()).toContain('came just now');
  expect(at.studies()).toHaveLength(2);
  at.rest();
  expect(await retire()).toBe(null);
  expect(at.studies()).toEqual([]);
});

test('so does one to which something comes while others go', async () => {
  await take(1);
  await at.take(at.put('other.dcm', instance(2, 1)));
  const { archive } = at.backend.open();
  archive.index.db.prepare('UPDATE study SET received_at = id').run();
  await at.call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: null });
  const off = archive.onRemoval(() => {
    off();
    archive.index.db.prepare('UPDATE study SET received_at = ?').run(Date.now());
  });
  await retire();
  expect(at.studies()).toEqual(['1.2.3.2']);
});

test('what has come since a job began that takes studies in stays as long as the job is not done', () => {
  const parts = at.backend.open();
  const isHeld = (receivedAt: number): boolean => heldStudies(parts)({ uid: '1.2.3.1', receivedAt });
  const driven = parts.jobs.startDriven('watch', 'folder');
  const { createdAt } = driven.job;
  expect([isHeld(createdAt - 1), isHeld(createdAt)]).toEqual([false, true]);
  driven.end('done');
  expect(isHeld(createdAt)).toBe(false);
});

test('a study whose sending failed stays, however much has failed since', async () => {
  const { job, end } = at.backend.open().jobs.startDriven('send', 'to PACS');
  end('failed', 'Nothing listens there.');
  const { db } = at.backend.open().archive.index;
  new JobStore(db).save({ job, input: { node: 'PACS', uids: ['1.2.3.1'] } });
  db.prepare(
    `INSERT INTO job SELECT 'later' || value, created_at + 1, state,
    json_set(body, '$.job.id', 'later' || value, '$.job.kind', 'import') FROM job, json_each(?) WHERE job.id = ?`,
  ).run(JSON.stringify(Array.from({ length: KEPT_JOBS }, (_none, nth) => nth)), job.id);
  await at.backend.close();
  await at.open();
  const parts = at.backend.open();
  expect(parts.jobs.list().map(({ id }) => id)).not.toContain(job.id);
  expect(heldStudies(parts)({ uid: '1.2.3.1', receivedAt: 1 })).toBe(true);
});

test('a study that is being retrieved stays, whenever it came, and no other', () => {
  const parts = at.backend.open();
  const { job } = parts.jobs.startDriven('retrieve', 'from PACS');
  vi.spyOn(parts.jobs, 'inputs').mockImplementation((kind) =>
    kind === 'retrieve' ? [{ job, input: { node: 'PACS', studyUid: '1.2.3.1' } }] : [],
  );
  const isHeld = heldStudies(parts);
  const receivedAt = job.createdAt;
  expect([isHeld({ uid: '1.2.3.1', receivedAt: 1 }), isHeld({ uid: '1.2.3.2', receivedAt })]).toEqual([true, false]);
});

test('what comes to a study after the rules took it is not all of it, until that is back or a person removes it', async () => {
  await take(1, 2, 3);
  await at.call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: null });
  at.rest();
  await retire();
  await take(1);
  expect(row()).toEqual({ instanceCount: 1, missingCount: 2, retiredCount: 2 });
  const answer = await at.call('GET', '/dicomweb/studies/1.2.3.1/metadata');
  expect(answer.headers.get('warning')).toContain('2 instances of it were removed here by the retention rules');
  // Once more: what was here the first time is known still.
  at.rest();
  await retire();
  await take(2);
  expect(row()).toEqual({ instanceCount: 1, missingCount: 2, retiredCount: 2 });
  await take(1, 3);
  expect(row()).toEqual({ instanceCount: 3, missingCount: 0, retiredCount: 0 });
  await at.call('DELETE', '/studies/1.2.3.1');
  await take(2);
  expect(row()).toEqual({ instanceCount: 1, missingCount: 0, retiredCount: 0 });
});
