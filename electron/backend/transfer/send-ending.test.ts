// A node takes back what it answered for, and the program was started anew in between.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SCHEMA } from '#backend/archive/schema.ts';
import { openDatabase, type Database } from '#backend/base/database.ts';
import { JobQueue } from '#backend/jobs/job-queue.ts';
import { JobStore } from '#backend/jobs/job-store.ts';
import { KEPT_JOBS } from '#backend/jobs/live-job.ts';
import { askCommitment, endingOf, takeLateReport, type ReportPorts } from './send-ending.ts';

const UIDS = ['1.2.1', '1.2.2', '1.2.3'];
const items = (uids: readonly string[]) =>
  uids.map((sopInstanceUid) => ({ sopClassUid: '1.2.840.10008.5.1.4.1.1.2', sopInstanceUid }));

let folder: string;
let db: Database;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-late-'));
  db = openDatabase(path.join(folder, 'index.db'), Buffer.alloc(32, 7));
  db.execute(SCHEMA);
});
afterEach(() => {
  db.close();
  fs.rmSync(folder, { recursive: true });
});
const open = (): JobQueue => new JobQueue(new JobStore(db), () => undefined);

const ports: ReportPorts = {
  nodes: [
    { name: 'pacs', aet: 'PACS' },
    { name: 'other', aet: 'OTHER' },
  ],
  isKnown: (uid) => UIDS.includes(uid),
};

/** A queue as a program finds it that was started after the node had answered for all. */
async function afterRestart(remarks: string[] = []): Promise<{ queue: JobQueue; id: string }> {
  const queue = open();
  queue.register('send', async (context) => {
    for (const sopInstanceUid of UIDS) context.item({ path: sopInstanceUid, outcome: 'stored', sopInstanceUid }, 1);
    const end = { node: 'pacs', allCount: 3, takenCount: 3, notTakenCount: 0, isAsked: true, remarks };
    const answer = { transactionUid: '2.25.7', committed: items(UIDS), failed: [], unanswered: [] };
    const doubt = await askCommitment(context, end, [], { commit: () => Promise.resolve(answer) });
    context.note(endingOf(end, doubt).message);
  });
  const { id } = queue.start('send', 'on', {});
  await expect.poll(() => queue.get(id).message).toContain('pacs answers for all 3 instances');
  await queue.close();
  return { queue: open(), id };
}

test('the job that asked has failed after all, and is done once the node answers for them again', async () => {
  const { queue, id } = await afterRestart(['1 instance was not sent as stored.']);
  const report = {
    transactionUid: '2.25.7',
    committed: items(['1.2.1']),
    failed: [{ ...items(['1.2.2'])[0]!, status: 0x0112 }],
  };
  expect(takeLateReport(queue, report, 'PACS', ports)).toBe(true);
  expect(queue.get(id)).toMatchObject({
    state: 'failed',
    message:
      'pacs has 3 instances, had answered for them, and says now that it answers for only 1 of them: the others, in the report, are not safe to delete here. 1 instance was not sent as stored.',
  });
  expect(
    [...queue.items(id)].filter(({ code }) => code === 'not-committed').map(({ path: at, reason }) => [at, reason]),
  ).toEqual([
    ['commitment of 1.2.2', 'Failure reason status 0x0112, no such instance.'],
    ['commitment of 1.2.3', 'It says nothing of it.'],
  ]);
  expect(takeLateReport(queue, { transactionUid: '2.25.7', committed: items(UIDS), failed: [] }, 'PACS', ports)).toBe(
    true,
  );
  expect(queue.get(id)).toMatchObject({ state: 'done', counts: { refused: 0 } });
  await queue.close();
});

test('so has a job that 200 others came after, and it is on view again', async () => {
  const { queue, id } = await afterRestart();
  for (let count = 0; count <= KEPT_JOBS; count++) queue.startDriven('import', 'disc').end('failed', 'Scratched.');
  expect(queue.list().map((job) => job.id)).not.toContain(id);
  const report = { transactionUid: '2.25.7', committed: items(['1.2.1', '1.2.2']), failed: items(['1.2.3']) };
  expect(takeLateReport(queue, report, 'PACS', ports)).toBe(true);
  await queue.close();
  const next = open();
  expect(next.list().find((job) => job.id === id)).toMatchObject({ state: 'failed', counts: { refused: 1 } });
  await next.close();
});

test('failures of a transaction that no job knows are told by one failed job, which another report amends', async () => {
  const queue = open();
  const take = (committed: readonly string[], failed: readonly string[], peer = 'PACS'): boolean =>
    takeLateReport(
      queue,
      { transactionUid: '2.25.8', committed: items(committed), failed: items(failed) },
      peer,
      ports,
    );
  expect(take(UIDS, [])).toBe(false);
  // Of nobody's node, and of what was never here.
  expect([take([], ['1.2.2'], 'ANY'), take([], ['1.9.9'])]).toEqual([false, false]);
  expect(queue.list()).toEqual([]);
  for (let count = 0; count < 3; count++) expect(take([], ['1.2.2', '1.9.9'])).toBe(true);
  expect(take([], ['1.2.1'], 'OTHER')).toBe(false);
  expect(queue.list()).toMatchObject([{ kind: 'send', state: 'failed', counts: { refused: 1 } }]);
  expect(queue.list()[0]?.message).toContain(
    'PACS reports that it does not answer for 1 instance that it was asked about earlier',
  );
  expect(take([], ['1.2.2', '1.2.3'])).toBe(true);
  expect(queue.list()).toMatchObject([{ state: 'failed', counts: { refused: 2 } }]);
  expect(take(UIDS, [])).toBe(true);
  expect(queue.list()).toMatchObject([{ state: 'done', counts: { refused: 0 } }]);
  await queue.close();
});

test('of very many the first are in the report, and all are counted', async () => {
  const queue = open();
  const failed = items(Array.from({ length: 1200 }, (_none, at) => `1.2.${at}`));
  const isKnown = (): boolean => true;
  expect(
    takeLateReport(queue, { transactionUid: '2.25.8', committed: [], failed }, 'PACS', { ...ports, isKnown }),
  ).toBe(true);
  expect(queue.list()).toMatchObject([{ counts: { refused: 1000 } }]);
  expect(queue.list()[0]?.message).toMatch(/1200 instances .*: not all of them are in the report/);
  const later = { transactionUid: '2.25.8', committed: failed.slice(0, 1000), failed: [] };
  expect(takeLateReport(queue, later, 'PACS', { ...ports, isKnown })).toBe(true);
  expect(queue.list()).toMatchObject([{ state: 'failed', counts: { refused: 0 } }]);
  expect(queue.list()[0]?.message).toContain('does not answer for 200 instances');

  await queue.close();
});

test('another node takes nothing back', async () => {
  const { queue, id } = await afterRestart();
  const report = { transactionUid: '2.25.7', committed: [], failed: items(UIDS) };
  for (const peer of ['OTHER', 'ANY']) expect(takeLateReport(queue, report, peer, ports)).toBe(false);
  expect(queue.get(id).state).toBe('done');
  await queue.close();
});
