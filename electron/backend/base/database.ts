// Opens an encrypted SQLite file and gives the few calls the index needs; the only importer of the SQLite binding.
import fs from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3-multiple-ciphers';
import { LecternError } from '#shared/contract/errors.ts';
import { SEE_TO_DISK } from './not-written.ts';

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

/** A database file does not read as one under its key. */
export class DatabaseDamage extends LecternError {
  constructor(file: string, cause: unknown) {
    super(
      'database-damaged',
      `The file ${path.basename(file)} of the data folder is damaged. Start Lectern again: what can be read of it is kept, the rest is made anew.`,
      { cause },
    );
  }
}

/** Stands beside a database that was found damaged while it was in use, for the next start. */
export const damageMark = (file: string): string => `${file}.is-damaged`;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
const isDamage = (error: unknown): boolean =>
  codeOf(error) === 'SQLITE_NOTADB' || codeOf(error).startsWith('SQLITE_CORRUPT');

const REFUSED = [
  { code: 'SQLITE_READONLY', what: 'written' },
  { code: 'SQLITE_CANTOPEN', what: 'opened or made' },
  { code: 'SQLITE_PERM', what: 'opened or made' },
] as const;

/** File systems have some blocks left that a new file cannot have. */
const FULL_BYTES = 64 * 1024;
/** What the archive leaves free at least: beyond it others have filled the disk, and may go on. */
const NEARLY_FULL_BYTES = 16 * 1024 ** 2;
function freeBeside(file: string): number {
  try {
    const { bavail, bsize } = fs.statfsSync(path.dirname(file));
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** SQLite opens nothing beyond, for the names of its log and journal are longer: its own measure, in bytes; on Windows that of the
 * system, in characters. */
const LONGEST_PATH = process.platform === 'win32' ? 251 : 504;
/** Of the file as SQLite opens it, by no link. */
function pathLength(file: string): number {
  try {
    const real = path.join(fs.realpathSync(path.dirname(file)), path.basename(file));
    return process.platform === 'win32' ? real.length : Buffer.byteLength(real);
  } catch {
    return 0;
  }
}

/** A disk that is full, read-only or fails, in words; undefined for every other failure. */
function diskFailure(file: string, cause: unknown): LecternError | undefined {
  const name = `${path.basename(file)} of the data folder`;
  // A log that cannot be made for want of room has the code of one that may not be made.
  if (codeOf(cause) === 'SQLITE_FULL' || (codeOf(cause).startsWith('SQLITE_CANTOPEN') && freeBeside(file) < FULL_BYTES))
    return new LecternError(
      'disk-full',
      `The disk is full: ${name} cannot be written. Free some space, then try again.`,
      {
        cause,
      },
    );
  if (codeOf(cause).startsWith('SQLITE_CANTOPEN') && pathLength(file) > LONGEST_PATH)
    return new LecternError(
      'not-written',
      `${name} cannot be opened or made: its path is too long, ${pathLength(file)} where ${LONGEST_PATH} is the most. Give a data folder whose path is shorter.`,
      { cause },
    );
  // SQLite says no more than that.
  const refused = REFUSED.find(({ code }) => codeOf(cause).startsWith(code));
  if (refused)
    return new LecternError(
      'not-written',
      `${name} cannot be ${refused.what}: it or its disk is read-only, or this user lacks the permission. ${SEE_TO_DISK}`,
      { cause },
    );
  if (!codeOf(cause).startsWith('SQLITE_IOERR')) return undefined;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LecternError('internal', `${name} cannot be read or written: ${why}. The disk may be full or failing.`, {
    cause,
  });
}

/** Opens or makes the database at `file` under a 32-byte key. Throws DatabaseDamage where the file is none under this key,
 * LecternError 'disk-full', 'not-written' or 'internal' where the file system does not let it be opened or written. */
export function openDatabase(file: string, key: Uint8Array): Database {
  const db = openSqlite(file, key);
  db.pragma('synchronous=FULL');
  db.pragma('secure_delete=ON');
  db.pragma('temp_store=MEMORY');
  db.pragma('foreign_keys=OFF');
  db.pragma('cache_size=-8192');
  // 16 MB: the same few pages are written with each instance that comes in, and four times rarer go to the file itself.
  db.pragma('wal_autocheckpoint=4000');
  const statements = new Map<string, Statement<never>>();
  const telling = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (!isDamage(error)) throw diskFailure(file, error) ?? error;
      leaveMark(file);
      throw new DatabaseDamage(file, error);
    }
  };
  return {
    prepare<Row>(sql: string): Statement<Row> {
      let statement = statements.get(sql);
      if (!statement) {
        statement = tellingStatement(
          telling(() => db.prepare(sql) as Statement<never>),
          telling,
        );
        statements.set(sql, statement);
      }
      return statement;
    },
    execute: (sql) => void telling(() => db.exec(sql)),
    transact<T>(work: () => T, options?: { isFlushedLater: boolean }): T {
      if (!options?.isFlushedLater) return telling(() => db.transaction(work).immediate());
      db.exec('PRAGMA synchronous=NORMAL');
      try {
        return telling(() => db.transaction(work).immediate());
      } finally {
        db.exec('PRAGMA synchronous=FULL');
      }
    },
    close: () => closeKeepingLog(db, file),
  };
}

/** Looks through all of a database, the one at `file`. Throws DatabaseDamage, for the next start to renew it. */
export function checkDatabase(db: Database, file: string): void {
  const [found] = db.prepare<{ quick_check: string }>('PRAGMA quick_check(1)').all();
  if (found?.quick_check === 'ok') return;
  leaveMark(file);
  throw new DatabaseDamage(file, found?.quick_check);
}

function leaveMark(file: string): void {
  try {
    fs.writeFileSync(damageMark(file), '', { mode: 0o600 });
  } catch {
    // The disk takes no more, and what is told of is the damage: where that lasts, whoever meets it next tries again.
  }
}

/** `isAlone`: for this connection alone, and without the file that maps SQLite's index of its log: a full disk may have no room for it,
 * or for one of its pages, and a process that touches such a page dies without a word. */
function openSqlite(
  file: string,
  key: Uint8Array,
  isAlone = freeBeside(file) < NEARLY_FULL_BYTES,
): InstanceType<typeof Sqlite> {
  let db: InstanceType<typeof Sqlite> | undefined;
  try {
    db = new Sqlite(file);
    db.pragma("cipher='chacha20'");
    db.pragma(`key="raw:${Buffer.from(key).toString('hex')}"`);
    if (isAlone) db.pragma('locking_mode=EXCLUSIVE');
    db.pragma('journal_mode=WAL');
    // The first to look into the log.
    db.pragma('user_version');
    return db;
  } catch (cause) {
    db?.close();
    if (isDamage(cause)) throw new DatabaseDamage(file, cause);
    if (!isAlone && codeOf(cause).startsWith('SQLITE_IOERR')) return openSqlite(file, key, true);
    const failure = diskFailure(file, cause);
    if (failure) throw failure;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LecternError(
      'internal',
      `${path.basename(file)} of the data folder cannot be opened or written: ${why}.`,
      {
        cause,
      },
    );
  }
}

/** Room for what removes a study. */
const KEPT_LOG_BYTES = 1024 ** 2;

/** SQLite removes its log at the end and makes a new one at the start, for which a full disk has no room. So the file is kept, by a
 * second name, and left to the next start with some of its blocks and nothing in them, also of what was deleted: all of it is in the
 * database, or SQLite would not have removed it. */
function closeKeepingLog(db: InstanceType<typeof Sqlite>, file: string): void {
  const log = `${file}-wal`;
  const kept = `${file}-log`;
  try {
    fs.rmSync(kept, { force: true });
    fs.linkSync(log, kept);
  } catch {
    // There is none, or the file system has no second names: the next start makes one.
  }
  db.close();
  if (!fs.existsSync(kept)) return;
  try {
    if (fs.existsSync(log)) return fs.rmSync(kept);
    empty(kept);
    fs.renameSync(kept, log);
  } catch {
    // As above.
  }
}

/** Flushed before the file has its name again: the blocks of a log that is behind the database would be laid over it after a power cut. */
function empty(log: string): void {
  const size = Math.min(KEPT_LOG_BYTES, fs.statSync(log).size);
  const fd = fs.openSync(log, 'r+');
  try {
    fs.ftruncateSync(fd, size);
    fs.writeSync(fd, Buffer.alloc(size), 0, size, 0);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** A statement whose failures go through `telling`. */
function tellingStatement<Row>(plain: Statement<Row>, telling: <T>(work: () => T) => T): Statement<Row> {
  return {
    get: (...values) => telling(() => plain.get(...values)),
    all: (...values) => telling(() => plain.all(...values)),
    run: (...values) => telling(() => plain.run(...values)),
    *iterate(...values) {
      const rows = telling(() => plain.iterate(...values));
      try {
        for (let next = telling(() => rows.next()); !next.done; next = telling(() => rows.next())) yield next.value;
      } finally {
        rows.return?.();
      }
    },
  };
}

/** Holds a folder for this process alone until `release`, also against crashes (the lock is the system's, not a note on
 * disk); undefined when another process holds it. Throws LecternError 'disk-full',
 * 'not-written' or 'internal' where the file system does not let it be locked. */
export function lockFolder(file: string): { release(): void } | undefined {
  let db: InstanceType<typeof Sqlite> | undefined;
  try {
    db = new Sqlite(file, { timeout: 0 });
    const held = db;
    db.pragma('locking_mode=EXCLUSIVE');
    // A journal on disk would need room, and what is stored can be read without any.
    db.pragma('journal_mode=MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    return { release: () => void held.close() };
  } catch (error) {
    db?.close();
    if (codeOf(error).startsWith('SQLITE_BUSY')) return undefined;
    if (!isDamage(error)) {
      const failure = diskFailure(file, error);
      if (failure) throw failure;
      const why = error instanceof Error ? error.message : String(error);
      throw new LecternError('internal', `The folder ${path.dirname(file)} cannot be used for data: ${why}.`);
    }
    // Nobody holds it, or it could not have been read, and there is nothing in it to lose.
    fs.truncateSync(file);
    return lockFolder(file);
  }
}
