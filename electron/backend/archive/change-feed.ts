// The change feed that local views follow: rows changed after a change number.
import type { Changes, SeriesRow, StudyRow } from '#shared/contract/views.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { lacksOf, NO_LACK, seriesKey } from './lacks.ts';
import { seriesRowOf, studyRowOf, type SeriesTableRow, type StudyTableRow } from './table-rows.ts';

const CHANGES_PER_ANSWER = 2000;

/** Rows changed after `since`, oldest change first; a change number is never split over two answers. */
export function changesSince(index: ArchiveIndex, since: number): Changes {
  const bounds = index.db
    .prepare<{ seq: number }>(
      `SELECT seq FROM (SELECT seq FROM study WHERE seq > ? UNION ALL SELECT seq FROM series WHERE seq > ? UNION ALL
       SELECT seq FROM removed_study WHERE seq > ?) ORDER BY seq LIMIT 1 OFFSET ?`,
    )
    .get(since, since, since, CHANGES_PER_ANSWER);
  const upTo = bounds?.seq ?? index.seq;
  const studyRows = index.db
    .prepare<StudyTableRow & { body_parts: string }>(
      `SELECT st.*, (SELECT json_group_array(part) FROM (SELECT DISTINCT body_part AS part FROM series WHERE study = st.id AND body_part <> ''
        ORDER BY body_part)) AS body_parts
       FROM study st WHERE st.seq > ? AND st.seq <= ? ORDER BY st.seq`,
    )
    .all(since, upTo);
  const seriesRows = index.db
    .prepare<SeriesTableRow>(
      `SELECT se.*, st.uid AS study_uid FROM series se JOIN study st ON st.id = se.study
       WHERE se.seq > ? AND se.seq <= ? ORDER BY se.seq`,
    )
    .all(since, upTo);
  const lacks = lacksOf(index.db, [
    ...new Set([...studyRows.map(({ uid }) => uid), ...seriesRows.map(({ study_uid }) => study_uid)]),
  ]);
  const studies: StudyRow[] = studyRows.map((row) => studyRowOf(row, lacks.get(row.uid) ?? NO_LACK, row.body_parts));
  const series: SeriesRow[] = seriesRows.map((row) =>
    seriesRowOf(row, lacks.get(seriesKey(row.study_uid, row.uid)) ?? NO_LACK, thumbnailOf(index, row)),
  );
  const removedStudies = index.db
    .prepare<{ uid: string }>('SELECT uid FROM removed_study WHERE seq > ? AND seq <= ?')
    .all(since, upTo)
    .map((row) => row.uid);
  return { epoch: index.epoch, seq: upTo, more: upTo < index.seq, studies, series, removedStudies };
}

/** The middle image of a series; null when it holds none. */
function thumbnailOf(index: ArchiveIndex, { id, instance_count }: SeriesTableRow): string | null {
  const image = index.db.prepare<{ uid: string }>(
    'SELECT uid FROM instance WHERE series = ? AND frame_count > 0 ORDER BY number, id LIMIT 1 OFFSET ?',
  );
  return (image.get(id, instance_count >> 1) ?? image.get(id, 0))?.uid ?? null;
}
