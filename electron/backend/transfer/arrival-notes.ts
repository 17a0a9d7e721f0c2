// What came in and was not told to the rules yet: an instance is answered for before they have seen it, so a crash in between must not
// lose that it is to be sent on.
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import type { Database } from '#backend/base/database.ts';
import { LecternError } from '#shared/contract/errors.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS arrival (sop_uid TEXT PRIMARY KEY, study_uid TEXT NOT NULL, calling_aet TEXT NOT NULL) WITHOUT ROWID;`;

export type Arrival = Pick<IngestOutcome, 'studyUid' | 'sopInstanceUid' | 'outcome'>;

export class ArrivalNotes {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    db.execute(SCHEMA);
  }

  /** Down before the sender is answered; with the index rows, it is flushed a moment later. */
  note(callingAet: string, { studyUid, sopInstanceUid, outcome }: Arrival): void {
    if (studyUid === undefined || sopInstanceUid === undefined) return;
    if (outcome !== 'stored' && outcome !== 'repaired') return;
    this.#db.transact(
      () =>
        void this.#db
          .prepare('INSERT OR REPLACE INTO arrival (sop_uid, study_uid, calling_aet) VALUES (?, ?, ?)')
          .run(sopInstanceUid, studyUid, callingAet),
      { isFlushedLater: true },
    );
  }

  /** The rules have seen them. */
  forget(arrived: readonly Arrival[]): void {
    try {
      this.#db.transact(() => {
        const remove = this.#db.prepare('DELETE FROM arrival WHERE sop_uid = ?');
        for (const { sopInstanceUid } of arrived) if (sopInstanceUid !== undefined) remove.run(sopInstanceUid);
      });
    } catch (error) {
      // On a full disk they stay: better sent on once more by the next start than told to the rules again now.
      if (!(error instanceof LecternError)) throw error;
    }
  }

  /** What an earlier run left, by calling AE title. */
  left(): Map<string, Arrival[]> {
    const found = new Map<string, Arrival[]>();
    const rows = this.#db
      .prepare<{ sop_uid: string; study_uid: string; calling_aet: string }>('SELECT * FROM arrival ORDER BY sop_uid')
      .all();
    for (const { sop_uid, study_uid, calling_aet } of rows)
      found.set(calling_aet, [
        ...(found.get(calling_aet) ?? []),
        { sopInstanceUid: sop_uid, studyUid: study_uid, outcome: 'stored' },
      ]);
    return found;
  }
}
