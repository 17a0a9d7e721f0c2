// Which studies no retention rule takes now, whatever it says.
import { sendInput } from './transfer/send-job.ts';
import { retrieveInput } from './transfer/transfer-jobs.ts';
import type { HeldStudies } from './archive/retention.ts';
import type { OpenParts } from './open-parts.ts';

/** Jobs that take studies in of which only what has come of them says which ones. */
const INTAKE = ['import', 'upload', 'watch'] as const;

/** Studies whose sending is not done stay, they may exist nowhere else; those with marks of which no document was sent; and those
 * that a job brings, or may: what has come since it began. */
export function heldStudies({ jobs, archive, marks }: Pick<OpenParts, 'jobs' | 'archive' | 'marks'>): HeldStudies {
  const held = marks.unsent((sopInstanceUid) => jobs.wasSent(sopInstanceUid));
  for (const { input } of jobs.undone('send')) {
    const parsed = sendInput.safeParse(input);
    for (const uid of parsed.data?.uids ?? []) {
      held.add(uid);
      for (const where of [{ seriesUid: uid }, { sopUid: uid }])
        for (const { studyUid } of archive.index.locateAll(where)) held.add(studyUid);
    }
  }
  for (const { job, input } of jobs.inputs('retrieve')) {
    const parsed = retrieveInput.safeParse(input);
    if (parsed.success && job.finishedAt === null) held.add(parsed.data.studyUid);
  }
  let since = Number.POSITIVE_INFINITY;
  for (const { job } of INTAKE.flatMap((kind) => jobs.inputs(kind)))
    if (job.finishedAt === null) since = Math.min(since, job.createdAt);
  return ({ uid, receivedAt }) => held.has(uid) || receivedAt >= since;
}
