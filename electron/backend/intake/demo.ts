// Fills an empty archive with the project's own synthetic studies, marked as demo in the index so that one action
// removes them all.
import type { Ingest } from '#backend/archive/ingest.ts';
import type { JobContext } from '#backend/jobs/job-queue.ts';
import { demoStudies } from '#shared/testing/phantoms/demo-studies.ts';
import { reportOf } from './import.ts';

export async function runDemo(ingest: Ingest, context: JobContext): Promise<void> {
  const files = [...demoStudies()];
  context.setTotals({ items: files.length, bytes: null });
  for (const file of files) {
    await context.checkpoint();
    const bytes = file.bytes();
    const { length } = bytes;
    const stream = await ingest.stream({ path: file.name, isDemo: true });
    await stream.write(bytes);
    context.item(reportOf(file.name, await stream.finish()), length);
  }
}
