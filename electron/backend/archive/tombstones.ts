// Names of files that the index let go, until they are out of their places (removals.ts). A name that gets a row again loses its
// tombstone in the same transaction (index-rows.ts): the file is another one then.
import type { Database } from '#backend/base/database.ts';

export class Tombstones {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Inside a transaction of whoever takes the row away, and after that: a name that still has one is not to be destroyed. */
  add(name: string): void {
    this.#db
      .prepare('INSERT OR IGNORE INTO tombstone SELECT ? WHERE NOT EXISTS (SELECT 1 FROM conflict WHERE name = ?)')
      .run(name, name);
  }

  has(name: string): boolean {
    return this.#db.prepare('SELECT 1 FROM tombstone WHERE name = ?').get(name) !== undefined;
  }

  /** For the start: reads the names of all instances where there are any. Those of names that have a row go, which older programs left. */
  all(): string[] {
    const names = this.#db
      .prepare<{ name: string; isListed: number }>(
        `SELECT name, name IN (SELECT name FROM instance) OR name IN (SELECT name FROM conflict) AS isListed FROM tombstone`,
      )
      .all();
    this.clear(names.flatMap(({ name, isListed }) => (isListed ? name : [])));
    return names.flatMap(({ name, isListed }) => (isListed ? [] : name));
  }

  clear(names: readonly string[]): void {
    const clear = this.#db.prepare('DELETE FROM tombstone WHERE name = ?');
    if (names.length > 0) this.#db.transact(() => names.forEach((name) => clear.run(name)));
  }
}
