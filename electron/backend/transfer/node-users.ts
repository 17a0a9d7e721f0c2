// What would come to nothing if a node were not there: rules that name it, jobs that are not over.
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import type { ArrivalRules } from './arrival-rules.ts';

/** In words; none: nothing uses it. */
export function usersOf(
  node: string,
  { rules, jobs }: { rules: Pick<ArrivalRules, 'routing' | 'priors'>; jobs: Pick<JobQueue, 'list'> },
): string[] {
  const { nodes, worklistNode } = rules.priors();
  const open = jobs.list().filter((job) => job.node === node && job.finishedAt === null).length;
  return [
    ...rules.routing().flatMap(({ name, sendTo }) => (sendTo === node ? [`the routing rule ${name}`] : [])),
    ...(nodes.includes(node) ? ['the rules for priors'] : []),
    ...(worklistNode === node ? ['the worklist for priors'] : []),
    ...(open > 0 ? [open === 1 ? '1 job that is not done' : `${open} jobs that are not done`] : []),
  ];
}
