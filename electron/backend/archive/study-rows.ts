// The rows of a study that leaves the index. Inside a transaction of the caller.
import type { Database } from '#backend/base/database.ts';
import { HELD_HERE, RETIRED } from './schema.ts';

/** Takes all rows of a study away, under a new change number; gives the names of its files. `isRetired`: a rule removes it, not a
 * person, so how much of each series was here stays known: others of it may come, and are not all of it then. */
export function removeStudyRows(
  db: Database,
  { id, uid }: { id: number; uid: string },
  { seq, isRetired }: { seq: number; isRetired: boolean },
): string[] {
  const names = db
    .prepare<{ name: string }>(
      'SELECT name FROM instance WHERE study = ? UNION ALL SELECT name FROM conflict WHERE study_uid = ?',
    )
    .all(id, uid)
    .map((row) => row.name);
  // What an earlier one left is told of still.
  if (isRetired)
    db.prepare(
      `INSERT INTO node_expectation SELECT study_uid, series_uid, ?, expected FROM (${HELD_HERE} WHERE st.id = ?) WHERE true
      ON CONFLICT DO UPDATE SET expected = max(expected, excluded.expected)`,
    ).run(RETIRED, id);
  db.prepare('DELETE FROM node_expectation WHERE study_uid = ? AND node <> ?').run(uid, isRetired ? RETIRED : '');
  db.prepare('DELETE FROM instance_detail WHERE id IN (SELECT id FROM instance WHERE study = ?)').run(id);
  for (const table of ['instance', 'series']) db.prepare(`DELETE FROM ${table} WHERE study = ?`).run(id);
  for (const table of ['conflict', 'damaged_instance', 'lost_instance'])
    db.prepare(`DELETE FROM ${table} WHERE study_uid = ?`).run(uid);
  db.prepare('DELETE FROM study WHERE id = ?').run(id);
  db.prepare('INSERT OR REPLACE INTO removed_study (uid, seq) VALUES (?, ?)').run(uid, seq);
  return names;
}
