// Finds the instances that a UID of any level means.
import type { Archive } from '#backend/archive/archive.ts';
import type { InstanceLocation } from '#backend/archive/archive-index.ts';
import { LecternError } from '#shared/contract/errors.ts';

/** Instances of the study, series or instance with this UID. Throws LecternError 'not-found'. */
export function locateAny(archive: Archive, uid: string): InstanceLocation[] {
  for (const where of [{ studyUid: uid }, { seriesUid: uid }, { sopUid: uid }]) {
    const found = archive.index.locateAll(where);
    if (found.length) return found;
  }
  throw new LecternError('not-found', `Nothing with UID ${uid} is in the archive.`);
}
