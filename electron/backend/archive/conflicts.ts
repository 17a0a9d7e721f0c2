// What lies in quarantine: instances that came with a UID that is here already but with other content.
import type { Conflict } from '#shared/contract/views.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { conflictOf, type ConflictTableRow } from './table-rows.ts';

/** All conflicts, oldest first, each beside the instance that keeps its UID. */
export function conflictsIn(index: ArchiveIndex): Conflict[] {
  return index.db
    .prepare<ConflictTableRow>(
      `SELECT c.id, c.sop_uid AS sopInstanceUid, c.study_uid AS studyUid, c.series_uid AS seriesUid, c.path,
       c.received_at AS receivedAt, c.size AS sizeBytes, lower(hex(c.sha256)) AS sha256, st.uid AS storedStudyUid,
       se.uid AS storedSeriesUid, i.received_at AS storedReceivedAt, i.size AS storedSizeBytes,
       lower(hex(i.sha256)) AS storedSha256 FROM conflict c LEFT JOIN instance i ON i.uid = c.sop_uid
       LEFT JOIN study st ON st.id = i.study LEFT JOIN series se ON se.id = i.series ORDER BY c.id`,
    )
    .all()
    .map(conflictOf);
}
