// Instances that the index listed before it was made anew, and that did not come back: their stored files are missing or damaged. No
// file says that they were there, so a rebuild keeps their UIDs, until they come again or their study is removed.
import type { Database } from '#backend/base/database.ts';

export interface LostInstance {
  sopUid: string;
  studyUid: string;
  /** Of its file in the store. */
  name: string;
}

export const WORDS_OF_LOSS =
  'Its stored file was missing or damaged when the index was made anew: retrieve or import it again.';

/** Why one of them is not there, now. */
export const wordsOfLoss = ({ isIncomplete }: { isIncomplete: boolean }): string =>
  isIncomplete ? 'The index is being made anew and does not list it yet: try again when that is done.' : WORDS_OF_LOSS;

/** All of them, or those below a study, series or instance UID; while the index is being made anew, also those that it does not list yet. */
export const lostInstances = (db: Database, uid: string | null = null): LostInstance[] =>
  db
    .prepare<LostInstance>(
      `SELECT sop_uid AS sopUid, study_uid AS studyUid, name FROM lost_instance
      WHERE (? IS NULL OR ? IN (study_uid, series_uid, sop_uid))
      AND NOT EXISTS (SELECT 1 FROM instance WHERE uid = sop_uid) ORDER BY study_uid, series_uid, sop_uid`,
    )
    .all(uid, uid);

/** For a study that was lost whole; false where none of it was. */
export const forgetLost = (db: Database, studyUid: string): boolean =>
  db.prepare('DELETE FROM lost_instance WHERE study_uid = ?').run(studyUid).changes > 0;
