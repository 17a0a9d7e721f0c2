// Pauses of work that cannot stand still.
import type { JobContext } from '#backend/jobs/job-context.ts';

/** A transfer cannot stand still: a pause ends it, and going on runs it again, for what is left. */
export async function runWithPauses<T>(context: JobContext, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (;;) {
    await context.checkpoint();
    const signal = context.untilPaused();
    try {
      return await run(signal);
    } catch (error) {
      if (!signal.aborted || context.signal.aborted) throw error;
    }
  }
}
