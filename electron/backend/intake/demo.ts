// Fills an empty archive with the project's own synthetic studies, marked as demo in the index so that one action
// removes them all. They are drawn in a worker: the page is in use meanwhile.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Ingest } from '#backend/archive/ingest.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import { workerEntry } from '#backend/workers/worker-pool.ts';
import { demoStudies } from '#shared/testing/phantoms/demo-studies.ts';
import { reportOf } from './import.ts';

type DemoMessage = { name: string; bytes: Uint8Array } | null;

export async function runDemo(ingest: Ingest, context: JobContext): Promise<void> {
  let count = 0;
  for (const file of demoStudies()) if (file) count++;
  context.setTotals({ items: count, bytes: null });
  const worker = new Worker(workerEntry('demo.worker', import.meta.url));
  try {
    for (;;) {
      await context.checkpoint();
      worker.postMessage('next');
      const [message] = (await once(worker, 'message', { signal: context.signal })) as [DemoMessage];
      if (!message) return;
      const { length } = message.bytes;
      const stream = ingest.stream({ path: message.name, isDemo: true });
      await stream.write(message.bytes);
      context.item(reportOf(message.name, await stream.finish()), length);
    }
  } finally {
    await worker.terminate();
  }
}

/** Cancels what still brings demo studies; resolves when nothing of it comes any more. */
export async function endDemo(jobs: JobQueue): Promise<void> {
  const coming = jobs.list().filter(({ kind, finishedAt }) => kind === 'demo' && finishedAt === null);
  for (const job of coming) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const off = jobs.onChange(({ id, finishedAt }) => id === job.id && finishedAt !== null && resolve());
    if (jobs.cancel(job.id).finishedAt === null) await promise;
    off();
  }
}
