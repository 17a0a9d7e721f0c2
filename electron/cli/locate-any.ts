// Finds the instances that a UID of any level means.
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { lostInstances, wordsOfLoss } from '#backend/archive/lost-instances.ts';
import { LecternError } from '#shared/contract/errors.ts';

/** Instances of the study, series or instance with this UID. Throws LecternError 'not-found'. */
export function locateAny(archive: Archive, uid: string): InstanceLocation[] {
  for (const where of [{ studyUid: uid }, { seriesUid: uid }, { sopUid: uid }]) {
    const found = archive.index.locateAll(where);
    if (found.length) return found;
  }
  const [lost] = lostInstances(archive.index.db, uid);
  if (lost)
    throw new LecternError(
      'not-found',
      `Nothing with UID ${uid} can be read. Of ${lost.sopUid}: ${wordsOfLoss(archive.index)}`,
    );
  throw new LecternError('not-found', `Nothing with UID ${uid} is in the archive.`);
}
