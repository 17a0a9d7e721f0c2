// What the rules have still to see: an instance is in the archive, and is answered for, before they have seen it, so a crash in between
// must not lose that it is to be sent on. Sent again it would be a duplicate, which they leave alone.
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import type { Database } from '#backend/base/database.ts';
import { LecternError } from '#shared/contract/errors.ts';

// Programs before this one noted the study, which the index knows.
const SCHEMA = `
CREATE TABLE IF NOT EXISTS arrival (sop_uid TEXT PRIMARY KEY, study_uid TEXT NOT NULL, calling_aet TEXT NOT NULL) WITHOUT ROWID;`;

export type Arrival = Pick<IngestOutcome, 'studyUid' | 'sopInstanceUid' | 'outcome'>;

/** Name of the setting that stands once something was received since the last start. */
const BROUGHT = 'arrivals-came';

/** Not here before as it is now. */
export const isNew = ({ outcome }: Arrival): boolean => outcome === 'stored' || outcome === 'repaired';

export class ArrivalNotes {
  readonly #db: Database;
  #isMarked = false;

  constructor(db: Database) {
    this.#db = db;
    db.execute(SCHEMA);
  }

  /** Down before the instance is taken in; with the index rows, it is flushed a moment later. Gives the function to be told what became
   * of it. Throws LecternError 'disk-full': then it is not to be taken in. */
  expect(callingAet: string, sopInstanceUid: string): (arrival: Arrival) => void {
    this.#mark();
    const isFirst = this.#note(callingAet, sopInstanceUid);
    return (arrival) => {
      const uid = arrival.sopInstanceUid;
      if (uid !== undefined && uid !== sopInstanceUid && isNew(arrival)) this.#note(callingAet, uid);
      // They have seen what is here already, unless there was a note of it.
      if (isFirst && (arrival.outcome === 'duplicate' || arrival.outcome === 'conflict'))
        this.#remove([sopInstanceUid]);
    };
  }

  /** The rules have seen them. */
  forget(arrived: readonly Arrival[]): void {
    this.#remove(arrived.filter(isNew).flatMap(({ sopInstanceUid }) => sopInstanceUid ?? []));
  }

  /** What an earlier run left and is in the archive, by calling AE title. */
  left(): Map<string, Arrival[]> {
    const found = new Map<string, Arrival[]>();
    const rows = this.#db
      .prepare<{ sopInstanceUid: string; studyUid: string; callingAet: string }>(
        `SELECT a.sop_uid AS sopInstanceUid, st.uid AS studyUid, a.calling_aet AS callingAet FROM arrival a
        JOIN instance i ON i.uid = a.sop_uid JOIN study st ON st.id = i.study ORDER BY a.sop_uid`,
      )
      .all();
    for (const { callingAet, ...arrival } of rows) {
      const list = found.get(callingAet) ?? [];
      list.push({ ...arrival, outcome: 'stored' });
      found.set(callingAet, list);
    }
    return found;
  }

  /** Those of which there is no note though they may have been received: none where nothing was since the last start. */
  without(sopInstanceUids: readonly string[]): string[] {
    if (!this.#db.prepare('SELECT 1 FROM setting WHERE name = ?').get(BROUGHT)) return [];
    const note = this.#db.prepare('SELECT 1 FROM arrival WHERE sop_uid = ?');
    return sopInstanceUids.filter((uid) => note.get(uid) === undefined);
  }

  /** What a crash left is settled: from here on only what is received now can be missed. */
  beginAnew(): void {
    this.#db.prepare('DELETE FROM setting WHERE name = ?').run(BROUGHT);
  }

  /** Drops the notes of what did not come into the archive. */
  dropOthers(): void {
    this.#db.transact(() => this.#db.execute('DELETE FROM arrival WHERE sop_uid NOT IN (SELECT uid FROM instance)'));
  }

  /** Once a run, and flushed at once: a power cut takes the notes of the last second, but not that there were any. */
  #mark(): void {
    if (this.#isMarked) return;
    this.#db.transact(
      () => void this.#db.prepare(`INSERT OR REPLACE INTO setting (name, value) VALUES (?, '1')`).run(BROUGHT),
    );
    this.#isMarked = true;
  }

  /** False where there is a note of it. */
  #note(callingAet: string, sopInstanceUid: string): boolean {
    return this.#db.transact(
      () =>
        this.#db
          .prepare(`INSERT OR IGNORE INTO arrival (sop_uid, study_uid, calling_aet) VALUES (?, '', ?)`)
          .run(sopInstanceUid, callingAet).changes > 0,
      { isFlushedLater: true },
    );
  }

  #remove(sopInstanceUids: readonly string[]): void {
    try {
      this.#db.transact(
        () => {
          const remove = this.#db.prepare('DELETE FROM arrival WHERE sop_uid = ?');
          for (const uid of sopInstanceUids) remove.run(uid);
        },
        { isFlushedLater: true },
      );
    } catch (error) {
      // On a full disk they stay: better sent on once more by the next start than told to the rules again now.
      if (!(error instanceof LecternError)) throw error;
    }
  }
}
