// Opens an encrypted SQLite file and gives the few calls the index needs; the only importer of the SQLite binding.
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { LecternError } from '#shared/contract/errors.ts';

export type SqlValue = string | number | bigint | Buffer | null;

/** A prepared statement; rows are plain objects whose shape the caller states. */
export interface Statement<Row> {
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
  iterate(...values: SqlValue[]): IterableIterator<Row>;
  run(...values: SqlValue[]): { changes: number; lastInsertRowid: number };
}

export interface Database {
  /** Prepared once per text and kept. */
  prepare<Row = Record<string, SqlValue>>(sql: string): Statement<Row>;
  execute(sql: string): void;
  /** Runs `work` in one transaction, durable on return (WAL, synchronous FULL); with `isFlushedLater`, once a later one is. */
  transact<T>(work: () => T, options?: { isFlushedLater: boolean }): T;
  close(): void;
}

/** Opens or makes the database at `path` under a 32-byte key. Throws LecternError 'wrong-passphrase' if the key does not fit. */
export function openDatabase(path: string, key: Uint8Array): Database {
  const db = new Sqlite(path);
  try {
    db.pragma("cipher='chacha20'");
    db.pragma(`key="raw:${Buffer.from(key).toString('hex')}"`);
    db.pragma('journal_mode=WAL');
  } catch (cause) {
    db.close();
    throw new LecternError('wrong-passphrase', 'The index does not open with this key.', { cause });
  }
  db.pragma('synchronous=FULL');
  db.pragma('secure_delete=ON');
  db.pragma('temp_store=MEMORY');
  db.pragma('foreign_keys=OFF');
  db.pragma('cache_size=-8192');
  const statements = new Map<string, Statement<never>>();
  return {
    prepare<Row>(sql: string): Statement<Row> {
      let statement = statements.get(sql);
      if (!statement) {
        statement = db.prepare(sql) as Statement<never>;
        statements.set(sql, statement);
      }
      return statement;
    },
    execute: (sql) => void db.exec(sql),
    transact<T>(work: () => T, options?: { isFlushedLater: boolean }): T {
      if (!options?.isFlushedLater) return db.transaction(work).immediate();
      db.exec('PRAGMA synchronous=NORMAL');
      try {
        return db.transaction(work).immediate();
      } finally {
        db.exec('PRAGMA synchronous=FULL');
      }
    },
    close: () => void db.close(),
  };
}

/** Holds a folder for this process alone until `release`, also against crashes (the lock is the system's, not a note on
 * disk); undefined when another process holds it. */
export function lockFolder(file: string): { release(): void } | undefined {
  const db = new Sqlite(file, { timeout: 0 });
  try {
    db.pragma('locking_mode=EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch {
    db.close();
    return undefined;
  }
  return { release: () => void db.close() };
}
