// The change feed that local views follow: rows changed after a change number.
import type { Changes, SeriesRow, StudyRow } from '#shared/contract/views.ts';
import type { ArchiveIndex } from './archive-index.ts';
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
  const studies: StudyRow[] = index.db
    .prepare<StudyTableRow & { missing: number; damaged: number; body_parts: string }>(
      `SELECT st.*, (SELECT coalesce(sum(max(0, e.expected - coalesce(se.instance_count, 0))), 0) FROM
        (SELECT series_uid, max(expected) AS expected FROM node_expectation WHERE study_uid = st.uid GROUP BY series_uid) e
        LEFT JOIN series se ON se.study = st.id AND se.uid = e.series_uid) AS missing,
       (SELECT count(*) FROM damaged_instance WHERE study_uid = st.uid) AS damaged,
       (SELECT json_group_array(part) FROM (SELECT DISTINCT body_part AS part FROM series WHERE study = st.id AND body_part <> ''
        ORDER BY body_part)) AS body_parts
       FROM study st WHERE st.seq > ? AND st.seq <= ? ORDER BY st.seq`,
    )
    .all(since, upTo)
    .map((row) => studyRowOf(row, row, row.body_parts));
  const series: SeriesRow[] = index.db
    .prepare<SeriesTableRow & { missing: number; damaged: number }>(
      `SELECT se.*, st.uid AS study_uid, max(0, coalesce((SELECT max(expected) FROM node_expectation
        WHERE study_uid = st.uid AND series_uid = se.uid), 0) - se.instance_count) AS missing,
       (SELECT count(*) FROM damaged_instance WHERE study_uid = st.uid AND series_uid = se.uid) AS damaged FROM series se
       JOIN study st ON st.id = se.study WHERE se.seq > ? AND se.seq <= ? ORDER BY se.seq`,
    )
    .all(since, upTo)
    .map((row) => seriesRowOf(row, row, thumbnailOf(index, row)));
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
