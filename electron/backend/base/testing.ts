// A full disk for tests, without filling one.
import type { Database } from './database.ts';

/** Each INSERT into `table` fails from now on: SQLite says SQLITE_FULL too where an AUTOINCREMENT has no number left. Gives the
 * function that makes space again. */
export function fillDisk(db: Database, table: string): () => void {
  db.execute(`
    CREATE TABLE numbers_left (id INTEGER PRIMARY KEY AUTOINCREMENT);
    INSERT INTO numbers_left VALUES (${2n ** 63n - 1n});
    CREATE TRIGGER no_space BEFORE INSERT ON ${table} BEGIN INSERT INTO numbers_left VALUES (NULL); END`);
  return () => db.execute('DROP TRIGGER no_space; DROP TABLE numbers_left');
}
