// Which studies no retention rule takes now, whatever it says.
import { sendInput } from './transfer/send-job.ts';
import { retrieveInput } from './transfer/transfer-jobs.ts';
import type { HeldStudies } from './archive/retention.ts';
import type { OpenParts } from './open-parts.ts';

/** Jobs that take studies in: which ones, only what has come of them says. */
const INTAKE = ['import', 'upload', 'watch', 'retrieve'] as const;

/** Studies whose sending is not done stay, they may exist nowhere else; those with marks of which no document was sent; and those
 * that a job brings, or may: what has come since it began. */
export function heldStudies({ jobs, archive, marks }: Pick<OpenParts, 'jobs' | 'archive' | 'marks'>): HeldStudies {
  const held = marks.unsent((sopInstanceUid) => jobs.wasSent(sopInstanceUid));
  for (const { job, input } of jobs.inputs('send')) {
    if (job.state === 'done' || job.state === 'cancelled') continue;
    const parsed = sendInput.safeParse(input);
    for (const uid of parsed.data?.uids ?? []) {
      held.add(uid);
      for (const where of [{ seriesUid: uid }, { sopUid: uid }])
        for (const { studyUid } of archive.index.locateAll(where)) held.add(studyUid);
    }
  }
  let since = Number.POSITIVE_INFINITY;
  for (const { job, input } of INTAKE.flatMap((kind) => jobs.inputs(kind))) {
    if (job.finishedAt !== null) continue;
    since = Math.min(since, job.createdAt);
    const parsed = retrieveInput.safeParse(input);
    if (parsed.success) held.add(parsed.data.studyUid);
  }
  return ({ uid, receivedAt }) => held.has(uid) || receivedAt >= since;
}
