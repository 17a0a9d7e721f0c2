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
import { askCommitment, endingOf, takeLateReport } from './send-ending.ts';

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
  expect(takeLateReport(queue, report, 'PACS')).toBe(true);
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
  expect(takeLateReport(queue, { transactionUid: '2.25.7', committed: items(UIDS), failed: [] }, 'PACS')).toBe(true);
  expect(queue.get(id)).toMatchObject({ state: 'done', counts: { refused: 0 } });
  await queue.close();
});

test('so has a job that 200 others came after, and it is on view again', async () => {
  const { queue, id } = await afterRestart();
  for (let count = 0; count <= KEPT_JOBS; count++) queue.startDriven('import', 'disc').end('failed', 'Scratched.');
  expect(queue.list().map((job) => job.id)).not.toContain(id);
  const report = { transactionUid: '2.25.7', committed: items(['1.2.1', '1.2.2']), failed: items(['1.2.3']) };
  expect(takeLateReport(queue, report, 'PACS')).toBe(true);
  await queue.close();
  const next = open();
  expect(next.list().find((job) => job.id === id)).toMatchObject({ state: 'failed', counts: { refused: 1 } });
  await next.close();
});

test('failures of a transaction that no job knows are told by a failed job; what answers for all is left to the node', async () => {
  const queue = open();
  expect(takeLateReport(queue, { transactionUid: '2.25.8', committed: items(UIDS), failed: [] }, 'PACS')).toBe(false);
  expect(queue.list()).toEqual([]);
  expect(takeLateReport(queue, { transactionUid: '2.25.8', committed: [], failed: items(['1.2.2']) }, 'PACS')).toBe(
    true,
  );
  const [job] = queue.list();
  expect(job).toMatchObject({ kind: 'send', state: 'failed', counts: { refused: 1 } });
  expect(job?.message).toContain('PACS reports that it does not answer for 1 instance that it was asked about earlier');
  await queue.close();
});
