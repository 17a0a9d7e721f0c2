// Keeps the archive within its rules by removing the studies that were received longest ago. Pinned studies, and those that
// somebody still holds (work not sent), stay whatever the rules say; each removal is told, for the audit log.
import { z } from 'zod';
import type { JobContext } from '#backend/jobs/job-context.ts';
import type { Archive } from './archive.ts';

/** Null: no such rule. */
export const retentionRules = z.object({
  maxBytes: z.number().int().positive().nullable(),
  maxAgeDays: z.number().int().positive().nullable(),
});
export type RetentionRules = z.infer<typeof retentionRules>;

/** `isAsked`: by a person, who sees what the clock says. */
export interface RetentionInput {
  isAsked?: boolean;
}

export const NO_RULES: RetentionRules = { maxBytes: null, maxAgeDays: null };

interface Candidate {
  uid: string;
  size: number;
  /** Epoch milliseconds of the last instance taken in. */
  receivedAt: number;
}
const CANDIDATES = 'SELECT uid, size, received_at AS receivedAt FROM study WHERE pinned = 0';

/** Which studies must not go yet. */
export type HeldStudies = (study: Pick<Candidate, 'uid' | 'receivedAt'>) => boolean;

/** A study of which something came within this time may be arriving still: a sender may pause, and begin anew. */
const ARRIVAL_MS = 30 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Before this nothing was received by any Lectern: the clock was wrong when it came, and its age is not known. */
const FIRST_LECTERN_MS = Date.UTC(2026, 0, 1);

export interface RetentionPlan {
  /** Studies to remove, received longest ago first, with the rule that asks for it. */
  remove: { studyUid: string; sizeBytes: number; reason: string }[];
  /** Bytes by which the archive stays over its limit because the rest is pinned or held; 0 when the rules are met. */
  unmetBytes: number;
}

/** Also one that was received while the clock stood ahead of `now`: how long ago is not known. */
const isArriving = ({ receivedAt }: Candidate, now: number): boolean => now - receivedAt < ARRIVAL_MS;

/** What the rules ask for now. `now`: epoch milliseconds. */
export function planRetention(
  archive: Archive,
  rules: RetentionRules,
  isHeld: HeldStudies,
  now: number,
): RetentionPlan {
  const { sizeBytes } = archive.index.totals();
  const candidates = archive.index.db.prepare<Candidate>(`${CANDIDATES} ORDER BY received_at, id`).iterate();
  const plan: RetentionPlan = { remove: [], unmetBytes: 0 };
  let left = sizeBytes;
  for (const study of candidates) {
    const { uid, size, receivedAt } = study;
    const ageDays = (now - receivedAt) / DAY_MS;
    const isAgeKnown = receivedAt >= FIRST_LECTERN_MS;
    const isOld = rules.maxAgeDays !== null && isAgeKnown && ageDays > rules.maxAgeDays;
    const isOver = rules.maxBytes !== null && left > rules.maxBytes;
    if (!isOld && !isOver) {
      if (isAgeKnown) break;
      continue;
    }
    if (isArriving(study, now) || isHeld(study)) continue;
    const reason = isOld
      ? `received ${Math.floor(ageDays)} days ago, kept for ${rules.maxAgeDays}`
      : 'the archive is larger than its limit';
    plan.remove.push({ studyUid: uid, sizeBytes: size, reason });
    left -= size;
  }
  if (rules.maxBytes !== null) plan.unmetBytes = Math.max(0, left - rules.maxBytes);
  return plan;
}

/** Removes what the rules ask for. `holds` tells which studies must not go, as it is then: a person may pin a study, or measure on it,
 * or more of it may come, while others go. `remove` removes one study. */
export async function runRetention(
  archive: Archive,
  rules: RetentionRules,
  holds: () => HeldStudies,
  context: JobContext,
  remove: (studyUid: string, reason: string) => Promise<void>,
): Promise<void> {
  const plan = planRetention(archive, rules, holds(), Date.now());
  context.setTotals({
    items: plan.remove.length,
    bytes: plan.remove.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  });
  for (const { studyUid, sizeBytes, reason } of plan.remove) {
    await context.checkpoint();
    const study = archive.index.db.prepare<Candidate>(`${CANDIDATES} AND uid = ?`).get(studyUid);
    if (!study || isArriving(study, Date.now()) || holds()(study)) continue;
    await remove(studyUid, reason);
    context.advance(1, sizeBytes);
  }
  if (plan.unmetBytes > 0)
    context.note(
      `The archive is still ${Math.ceil(plan.unmetBytes / 1e6)} MB over its limit: all other studies are pinned, came just now or are coming still, or hold work or lengths that were not sent.`,
    );
}
