// Transfers as jobs: what follows on a study that has come.
import { expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import type { TransferResult } from './retrieve.ts';
import { registerTransferJobs, type RetrieveInput } from './transfer-jobs.ts';
import type { Transfers } from './transfers.ts';

type Run = (context: JobContext, input: RetrieveInput) => Promise<void>;

/** Retrievals that end with these results, the last one again and again; each waits so often for its next try before. */
function retrieving(results: TransferResult | [TransferResult, ...TransferResult[]], tries: readonly string[] = []) {
  const told: string[] = [];
  const held: LecternError[] = [];
  const paths: string[] = [];
  const runs = new Map<string, Run>();
  const jobs = { register: (kind: string, run: Run) => void runs.set(kind, run) } as unknown as JobQueue;
  const left = [results].flat();
  const transfers: Pick<Transfers, 'retrieve'> = {
    retrieve: async (_node, _selection, { pause }) => {
      for (const reason of tries) await pause(0, reason);
      const [next] = left.length > 1 ? left.splice(0, 1) : left;
      if (!next) throw new Error('no result');
      return next;
    },
  };
  registerTransferJobs(jobs, transfers as Transfers, (studyUid) => told.push(studyUid));
  let itemsDone = 0;
  const notes: (string | null)[] = [];
  let asides = 0;
  const context: Partial<JobContext> = {
    signal: new AbortController().signal,
    checkpoint: () => Promise.resolve(),
    untilPaused: () => new AbortController().signal,
    advance: (items) => void (itemsDone += items),
    item: ({ path }) => {
      itemsDone++;
      paths.push(path);
    },
    note: (text) => void notes.push(text),
    aside: (waiting) => {
      asides++;
      return waiting;
    },
    setTotals: () => undefined,
    hold: async (reason) => void held.push(reason),
  };
  const run = async (input: RetrieveInput): Promise<void> => runs.get('retrieve')?.(context as JobContext, input);
  return { run, told, held, notes, paths, itemsDone: () => itemsDone, asides: () => asides };
}

test('a study that has come asks for its priors; a prior does not ask for priors of its own', async () => {
  const { run, told } = retrieving({
    expected: 1,
    received: 1,
    failed: [],
    cut: [],
    ofOtherPatient: [],
    warnings: [],
    bytes: 1,
  });
  await run({ node: 'pacs', studyUid: '1.2.1' });
  await run({ node: 'pacs', studyUid: '1.2.2', isPrior: true });
  expect(told).toEqual(['1.2.1']);
});

test('on a full disk a retrieval waits for a person, and then goes on with what is left', async () => {
  const stopped = new LecternError('disk-full', 'The disk is full.');
  const none = { failed: [], cut: [], ofOtherPatient: [], warnings: [], bytes: 1 };
  const { run, itemsDone, held } = retrieving([
    { expected: 5, received: 2, ...none, stopped },
    { expected: 5, received: 5, ...none },
  ]);
  await run({ node: 'pacs', studyUid: '1.2.1' });
  expect(held).toEqual([stopped]);
  expect(itemsDone()).toBe(5);
});

test('a study that did not come whole says why, and how much came', async () => {
  const result = {
    expected: 5,
    received: 2,
    failed: ['1.2.1.3', '1.2.1.4', '1.2.1.5'].map((sopInstanceUid) => ({ sopInstanceUid, reason: 'It did not come.' })),
    cut: [],
    ofOtherPatient: [],
    warnings: ['The receiver is not running.'],
    bytes: 2,
  };
  const { run, itemsDone } = retrieving(result);
  await expect(run({ node: 'pacs', studyUid: '1.2.1' })).rejects.toThrow(
    '2 of 5 instances arrived from pacs; the study is incomplete. The receiver is not running. Retrieve it again for the rest.',
  );
  expect(itemsDone()).toBe(2);
});

test('what is here under another study fails the job, and asking again is no advice', async () => {
  const elsewhere = new Map([['1.2.1.1', { studyUid: '1.9', seriesUid: '1.9.1' }]]);
  const failed = [{ sopInstanceUid: '1.2.1.1', reason: 'It is here under another study, 1.9.' }];
  const none = { cut: [], ofOtherPatient: [], warnings: ['It names another study.'], bytes: 1 };
  const { run, told } = retrieving({ expected: 1, received: 0, failed, elsewhere, ...none });
  await expect(run({ node: 'pacs', studyUid: '1.2.1' })).rejects.toThrow(
    /^0 of 1 instances arrived from pacs; the study is incomplete\. It names another study\.$/,
  );
  expect(told).toEqual([]);
});

test('where the node said nothing of the whole, the first instance that did not come says why', async () => {
  const reason = 'pacs answered HTTP 500.';
  const failed = ['1.2.1.3', '1.2.1.4'].map((sopInstanceUid) => ({ sopInstanceUid, reason }));
  const { run } = retrieving({ expected: 3, received: 1, failed, cut: [], ofOtherPatient: [], warnings: [], bytes: 2 });
  await expect(run({ node: 'pacs', studyUid: '1.2.1' })).rejects.toThrow(
    '1 of 3 instances arrived from pacs; the study is incomplete. pacs answered HTTP 500. Retrieve it again for the rest.',
  );
});

test('each instance that was not named has a line of its own in the report', async () => {
  const failed = [1, 2].map(() => ({ reason: 'The other system could not send it.' }));
  const { run, paths } = retrieving({
    expected: 2,
    received: 2,
    failed,
    cut: [],
    ofOtherPatient: [],
    warnings: [],
    bytes: 2,
  });
  await expect(run({ node: 'pacs', studyUid: '1.2.1' })).rejects.toThrow(
    '2 instances from pacs were not taken in: see the report.',
  );
  expect(paths).toEqual(['unnamed instance 1', 'unnamed instance 2']);
});

test('a retrieval that waits for its next try says so, holds no place, and says nothing of it in the end', async () => {
  const result = { expected: 1, received: 1, failed: [], cut: [], ofOtherPatient: [], warnings: [], bytes: 1 };
  const { run, notes, asides } = retrieving(result, ['Nothing listens there.']);
  await run({ node: 'pacs', studyUid: '1.2.1' });
  expect(notes).toEqual([
    expect.stringMatching(/^Nothing listens there\. pacs is asked again at \d\d:\d\d:\d\d\.$/),
    null,
  ]);
  expect(asides()).toBe(1);
});

test('a study of which a part came cut is here, and says so in the end', async () => {
  const cut = [{ sopInstanceUid: '1.2.1.3', reason: 'The file ends inside the pixel data.' }];
  const { run, told, notes, itemsDone } = retrieving({
    expected: 6,
    received: 6,
    failed: [],
    cut,
    ofOtherPatient: [],
    warnings: [],
    bytes: 6,
  });
  await run({ node: 'pacs', studyUid: '1.2.1' });
  expect(notes).toEqual([
    '1 of the instances from pacs came cut, without their end: they are kept so, see the report.',
  ]);
  expect([told, itemsDone()]).toEqual([['1.2.1'], 6]);
});

test('what names another patient than the study is told with the job and stands in its report; the counts stay right', async () => {
  const ofOtherPatient = ['1.2.3', '1.2.4'].map((sopInstanceUid) => ({ sopInstanceUid, reason: 'It names another.' }));
  const job = retrieving({ expected: 6, received: 6, failed: [], cut: [], ofOtherPatient, warnings: [], bytes: 6 });
  await job.run({ node: 'pacs', studyUid: '1.2' });
  expect([job.paths, job.itemsDone()]).toEqual([['1.2.3', '1.2.4'], 6]);
  expect(job.notes.at(-1)).toBe(
    '2 of the instances from pacs name another patient than the study that they belong to: look whose images these are before you read them.',
  );
});
