// Opens a database whose key is known to be right. One that does not open then, or was found damaged while it was in use, is set
// aside, and what can be read of it goes into a new one.
import fs from 'node:fs';
import { damageMark, DatabaseDamage, openDatabase, type Database } from './database.ts';

/** What a database is made of, and what of it is worth keeping. */
export interface Renewable {
  schema: string;
  salvaged: readonly SalvagedRows[];
}

/** Told where a damaged database lies that was set aside. */
export type OnRenewed = (aside: string) => void;

/** Rows worth keeping, each column under a name of its own: `select` without an order, which follows the index or key that
 * `by` names. */
export interface SalvagedRows {
  into: string;
  select: string;
  by: string;
}

const PARTS = ['', '-wal', '-shm'];

/** Throws LecternError where the file system does not let it be opened or written. */
export function openOrRenew(
  file: string,
  key: Uint8Array,
  { schema, salvaged }: Renewable,
  onRenewed: OnRenewed = () => undefined,
): Database {
  const renewed = `${file}.new`;
  // Cut off between two renames: the new one is whole.
  if (!fs.existsSync(file) && fs.existsSync(renewed)) fs.renameSync(renewed, file);
  if (!fs.existsSync(damageMark(file))) {
    const db = openWhole(file, key, schema);
    if (db) return db;
  }
  for (const part of PARTS) fs.rmSync(renewed + part, { force: true });
  const fresh = openDatabase(renewed, key);
  fresh.execute(schema);
  salvage(file, key, fresh, salvaged);
  fresh.close();
  const aside = `${file}.damaged-${Date.now()}`;
  moveParts(file, aside);
  moveParts(renewed, file);
  fs.rmSync(damageMark(file), { force: true });
  const db = openDatabase(file, key);
  db.execute(schema);
  onRenewed(aside);
  return db;
}

function moveParts(from: string, to: string): void {
  for (const part of PARTS) if (fs.existsSync(from + part)) fs.renameSync(from + part, to + part);
}

function openWhole(file: string, key: Uint8Array, schema: string): Database | undefined {
  let db: Database | undefined;
  try {
    db = openDatabase(file, key);
    db.execute(schema);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof DatabaseDamage) return undefined;
    throw error;
  }
}

function salvage(file: string, key: Uint8Array, fresh: Database, rows: readonly SalvagedRows[]): void {
  let old: Database;
  try {
    old = openDatabase(file, key);
  } catch {
    return;
  }
  try {
    // From both ends: damage in the middle costs what stands there.
    for (const { into, select, by } of rows)
      for (const order of ['ASC', 'DESC']) copyRows(old, fresh, into, `${select} ORDER BY ${by} ${order}`);
  } finally {
    old.close();
  }
}

function copyRows(from: Database, to: Database, into: string, select: string): void {
  to.transact(() => {
    try {
      if (!hasTable(to, into)) {
        // Made by whoever uses it, which is later.
        const made = from.prepare<{ sql: string }>(`SELECT sql FROM sqlite_master WHERE name = '${into}'`).get();
        if (!made) return;
        to.execute(made.sql);
      }
      for (const row of from.prepare(select).iterate()) {
        const values = Object.values(row);
        to.prepare(`INSERT OR IGNORE INTO ${into} VALUES (${values.map(() => '?').join(', ')})`).run(...values);
      }
    } catch {
      // As far as it can be read, and where the table is there at all.
    }
  });
}

const hasTable = (db: Database, name: string): boolean =>
  db.prepare(`SELECT 1 FROM sqlite_master WHERE name = '${name}'`).get() !== undefined;
