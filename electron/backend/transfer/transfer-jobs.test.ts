// Transfers as jobs: what follows on a study that has come.
import { expect, test } from 'vitest';
import type { JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import { registerTransferJobs, type RetrieveInput } from './transfer-jobs.ts';
import type { Transfers } from './transfers.ts';

type Run = (context: JobContext, input: RetrieveInput) => Promise<void>;

test('a study that has come asks for its priors; a prior does not ask for priors of its own', async () => {
  const runs = new Map<string, Run>();
  const jobs = { register: (kind: string, run: Run) => void runs.set(kind, run) } as unknown as JobQueue;
  const result = { expected: 1, received: 1, failed: [], warnings: [], bytes: 1 };
  const transfers = { retrieve: () => Promise.resolve(result) } as unknown as Transfers;
  const told: string[] = [];
  registerTransferJobs(jobs, transfers, (studyUid) => told.push(studyUid));
  const context = {
    signal: new AbortController().signal,
    checkpoint: () => Promise.resolve(),
    untilPaused: () => new AbortController().signal,
    advance: () => undefined,
    setTotals: () => undefined,
  } as unknown as JobContext;
  await runs.get('retrieve')?.(context, { node: 'pacs', studyUid: '1.2.1' });
  await runs.get('retrieve')?.(context, { node: 'pacs', studyUid: '1.2.2', isPrior: true });
  expect(told).toEqual(['1.2.1']);
});
