// Names of files that the index let go, until they are out of their places (removals.ts). A name that gets a row again loses its
// tombstone in the same transaction (index-rows.ts): the file is another one then.
import type { Database } from '#backend/base/database.ts';

/** Which places of a name hold what was removed; the other one, if any, is that of a row. */
export interface Tombstone {
  name: string;
  isStoredOne: boolean;
  isQuarantinedOne: boolean;
}

export class Tombstones {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Inside a transaction of whoever takes the row away. */
  add(name: string): void {
    this.#db.prepare('INSERT OR IGNORE INTO tombstone (name) VALUES (?)').run(name);
  }

  has(name: string): boolean {
    return this.#db.prepare('SELECT 1 FROM tombstone WHERE name = ?').get(name) !== undefined;
  }

  /** Reads the names of all instances where there are any: for the start. */
  all(): Tombstone[] {
    return this.#db
      .prepare<{ name: string; isStoredOne: number; isQuarantinedOne: number }>(
        `SELECT name, name NOT IN (SELECT name FROM instance) AS isStoredOne,
         name NOT IN (SELECT name FROM conflict) AS isQuarantinedOne FROM tombstone`,
      )
      .all()
      .map(({ name, ...of }) => ({ name, isStoredOne: !!of.isStoredOne, isQuarantinedOne: !!of.isQuarantinedOne }));
  }

  clear(names: readonly string[]): void {
    const clear = this.#db.prepare('DELETE FROM tombstone WHERE name = ?');
    if (names.length > 0) this.#db.transact(() => names.forEach((name) => clear.run(name)));
  }
}
