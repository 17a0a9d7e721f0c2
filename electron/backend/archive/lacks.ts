// What a study lacks: instances that are known to belong to it and are not here, and those whose stored file is damaged. All that lists
// a study or hands it out asks here, so that a part of it is never taken for the whole.
import { missingWords, type Missing } from '#shared/contract/missing-words.ts';
import type { Database } from '#backend/base/database.ts';
import type { ArchiveIndex, InstanceLocation } from './archive-index.ts';
import { NOT_ALL_LISTED } from './lost-instances.ts';
import { RETIRED } from './schema.ts';

export interface Lack extends Missing {
  /** Instances in the index whose stored file is damaged or missing. */
  damagedCount: number;
  /** The index was being made anew: what it does not list yet may be stored. */
  isUnlisted?: boolean;
}
interface SeriesLack extends Lack {
  studyUid: string;
  seriesUid: string;
}

export const NO_LACK: Lack = { missingCount: 0, lostCount: 0, retiredCount: 0, damagedCount: 0 };

/** How many instances of a series are missing by each that knows of it (a node, or what this archive held or retired), how many of them were here,
 * and how many are damaged. A series may be missing whole. */
const BY_SERIES = `WITH asked AS (SELECT value FROM json_each(?))
  SELECT study_uid AS studyUid, series_uid AS seriesUid, max(missing) AS missingCount,
    max(lost) AS lostCount, max(retired) AS retiredCount, max(damaged) AS damagedCount FROM (
  SELECT e.study_uid, e.series_uid, e.expected - coalesce(se.instance_count, 0) AS missing,
    iif(e.node = '*', e.expected - coalesce(se.instance_count, 0), 0) AS lost,
    iif(e.node = '${RETIRED}', e.expected - coalesce(se.instance_count, 0), 0) AS retired, 0 AS damaged
    FROM node_expectation e LEFT JOIN study st ON st.uid = e.study_uid
    LEFT JOIN series se ON se.study = st.id AND se.uid = e.series_uid WHERE e.study_uid IN asked
  UNION ALL SELECT study_uid, series_uid, count(*), count(*), 0, 0 FROM lost_instance
    WHERE study_uid IN asked AND NOT EXISTS (SELECT 1 FROM instance WHERE uid = sop_uid)
    GROUP BY study_uid, series_uid
  UNION ALL SELECT study_uid, series_uid, 0, 0, 0, count(*) FROM damaged_instance
    WHERE study_uid IN asked GROUP BY study_uid, series_uid)
  GROUP BY study_uid, series_uid HAVING max(missing) > 0 OR max(damaged) > 0`;

/** The series of these studies that lack something. */
const seriesLacks = (db: Database, studyUids: readonly string[]): SeriesLack[] =>
  db
    .prepare<SeriesLack>(BY_SERIES)
    .all(JSON.stringify(studyUids))
    .map((lack) => {
      const missingCount = Math.max(0, lack.missingCount);
      const lostCount = Math.max(0, lack.lostCount);
      const retiredCount = Math.min(Math.max(0, lack.retiredCount), missingCount - lostCount);
      return { ...lack, missingCount, lostCount, retiredCount };
    });

const sum = (one: Lack, other: Lack): Lack => ({
  missingCount: one.missingCount + other.missingCount,
  lostCount: one.lostCount + other.lostCount,
  retiredCount: one.retiredCount + other.retiredCount,
  damagedCount: one.damagedCount + other.damagedCount,
});

/** Of a series in what `lacksOf` gives: its UID alone may be in two studies. */
export const seriesKey = (studyUid: string, seriesUid: string): string => `${studyUid} ${seriesUid}`;

/** By Study Instance UID and by `seriesKey`, of these studies and their series: only those that lack something. */
export function lacksOf(db: Database, studyUids: readonly string[]): Map<string, Lack> {
  const lacks = new Map<string, Lack>();
  for (const lack of seriesLacks(db, studyUids)) {
    lacks.set(lack.studyUid, sum(lacks.get(lack.studyUid) ?? NO_LACK, lack));
    lacks.set(seriesKey(lack.studyUid, lack.seriesUid), lack);
  }
  return lacks;
}

/** What is lacking of the studies and series among `uids`, of which these instances were found just now; an instance lacks nothing. */
export function lackOf(
  index: ArchiveIndex,
  uids: readonly string[],
  found: readonly Pick<InstanceLocation, 'studyUid' | 'sopUid'>[],
): Lack {
  const asked = new Set(uids);
  const lack = seriesLacks(index.db, [...new Set(found.map(({ studyUid }) => studyUid))])
    .filter(({ studyUid, seriesUid }) => asked.has(studyUid) || asked.has(seriesUid))
    .reduce(sum, NO_LACK);
  if (!index.isIncomplete) return lack;
  for (const { sopUid } of found) asked.delete(sopUid);
  return { ...lack, isUnlisted: asked.size > 0 };
}

/** Of `what` was handed out: how it is not whole, damage aside, which shows when it is read; empty where it is. */
export function notWholeWords(what: string, lack: Lack): string {
  if (lack.isUnlisted === true) return `${what} may not be whole. ${NOT_ALL_LISTED}`;
  return lack.missingCount > 0 ? `${what} is not whole: ${missingWords(lack)}` : '';
}

/** In sentences; empty where nothing is lacking. */
export function lackWords(lack: Lack): string {
  if (lack.isUnlisted === true) return NOT_ALL_LISTED;
  const { damagedCount } = lack;
  return [
    missingWords(lack),
    damagedCount > 0 &&
      `${damagedCount === 1 ? '1 stored file is' : `${damagedCount} stored files are`} damaged or missing: retrieve or import the study again.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Studies of which no instance came back when the index was made anew: nothing lists them. */
const studiesLostWhole = (db: Database): number =>
  db
    .prepare<{ count: number }>(
      `SELECT count(DISTINCT study_uid) AS count FROM lost_instance
      WHERE NOT EXISTS (SELECT 1 FROM study WHERE uid = study_uid)`,
    )
    .get()?.count ?? 0;

/** What is to be said of a list of these studies, a sentence or more for each that lacks something. `isOfAll`: others were looked for
 * too. While the index is being made anew only that. */
export function lackNotes(
  index: ArchiveIndex,
  studyUids: readonly string[],
  { isOfAll, wasIncomplete = false }: { isOfAll: boolean; wasIncomplete?: boolean },
): string[] {
  if (wasIncomplete || index.isIncomplete) return [NOT_ALL_LISTED];
  const lacks = lacksOf(index.db, studyUids);
  const notes = studyUids.flatMap((uid) => {
    const lack = lacks.get(uid);
    return lack ? [`Study ${uid} is not whole here: ${lackWords(lack)}`] : [];
  });
  const lost = isOfAll ? studiesLostWhole(index.db) : 0;
  if (lost > 0)
    notes.push(
      `${lost === 1 ? '1 study is' : `${lost} studies are`} not listed, since all stored files of ${lost === 1 ? 'it' : 'them'} are lost: see what verify says.`,
    );
  return notes;
}
