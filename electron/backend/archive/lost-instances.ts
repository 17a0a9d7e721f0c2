// Instances that the index listed before it was made anew, and that did not come back: their stored files are missing or damaged. No
// file says that they were there, so a rebuild keeps their UIDs, until they come again or their study is removed.
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from '#backend/base/database.ts';
import { LISTED_HERE } from './schema.ts';

/** Of a million at once others would wait for many seconds. */
const BATCH = 5000;

export interface LostInstance {
  sopUid: string;
  studyUid: string;
  /** Of its file in the store. */
  name: string;
}

export const WORDS_OF_LOSS =
  'Its stored file was missing or damaged when the index was made anew: retrieve or import it again.';

/** Of an answer that was looked up before a rebuild that is needed was done. */
export const NOT_ALL_LISTED =
  'Not all that is stored is listed: the index of the archive has to be made anew from the stored files first. Ask again when that is done.';

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

/** Name of the stored file that the index listed for this SOP Instance UID before it was made anew. */
export const nameOfLost = (db: Database, sopUid: string): string | undefined =>
  db.prepare<{ name: string }>('SELECT name FROM lost_instance WHERE sop_uid = ?').get(sopUid)?.name;

/** For a study that was lost whole; false where none of it was. */
export const forgetLost = (db: Database, studyUid: string): boolean =>
  db.prepare('DELETE FROM lost_instance WHERE study_uid = ?').run(studyUid).changes > 0;

/** To be called before a rebuild empties the index. */
export async function keepListed(db: Database): Promise<void> {
  const last = db.prepare<{ id: number | null }>(
    'SELECT max(id) AS id FROM (SELECT id FROM instance WHERE id > ? ORDER BY id LIMIT ?)',
  );
  const keep = db.prepare(`INSERT OR IGNORE INTO lost_instance ${LISTED_HERE} WHERE i.id > ? AND i.id <= ?`);
  for (let from = 0; ;) {
    const to = last.get(from, BATCH)?.id ?? null;
    if (to === null) return;
    keep.run(from, to);
    from = to;
    await turn();
  }
}

/** After a rebuild: what is listed again is not lost. */
export async function forgetListed(db: Database): Promise<void> {
  const last = db.prepare<{ uid: string | null }>(
    'SELECT max(sop_uid) AS uid FROM (SELECT sop_uid FROM lost_instance WHERE sop_uid > ? ORDER BY sop_uid LIMIT ?)',
  );
  const forget = db.prepare(
    'DELETE FROM lost_instance WHERE sop_uid > ? AND sop_uid <= ? AND sop_uid IN (SELECT uid FROM instance)',
  );
  for (let from = ''; ;) {
    const to = last.get(from, BATCH)?.uid ?? null;
    if (to === null) return;
    forget.run(from, to);
    from = to;
    await turn();
  }
}
