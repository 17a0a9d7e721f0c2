// What a disk that is full or fails is told as.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { damageMark, DatabaseDamage, lockFolder, openDatabase, type Database } from './database.ts';
import { fillDisk } from './testing.ts';

let folder = '';
let file = '';
let db: Database;
const KEY = randomBytes(32);
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-database-'));
  file = path.join(folder, 'notes.db');
  db = openDatabase(file, KEY);
  db.execute('CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT)');
});
afterEach(() => {
  vi.restoreAllMocks();
  db.close();
  fs.rmSync(folder, { recursive: true });
});
const write = (): unknown => db.prepare('INSERT INTO note (body) VALUES (?)').run('x');

test('a full disk is told as that, of a statement and of a transaction, and work goes on once there is space', () => {
  const makeSpace = fillDisk(db, 'note');
  const full = expect.objectContaining({
    code: 'disk-full',
    message: expect.stringContaining('notes.db') as string,
  }) as Error;
  expect(write).toThrow(full);
  expect(() => db.transact(write)).toThrow(full);
  makeSpace();
  db.transact(write);
  expect(db.prepare('SELECT id FROM note').all()).toHaveLength(1);
});

test('damage is told also where its mark cannot be left', () => {
  db.execute('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  const bytes = fs.readFileSync(file);
  db = openDatabase(file, KEY);
  fs.writeFileSync(file, bytes.fill(7, 4096));
  fs.mkdirSync(damageMark(file));
  expect(() => db.prepare('SELECT * FROM note').all()).toThrow(DatabaseDamage);
});

test('what may not be written or made says which file it is, why, and what to do', () => {
  const refused = (what: string): Error =>
    expect.objectContaining({
      code: 'not-written',
      message: expect.stringMatching(
        new RegExp(`notes.db of the data folder cannot be ${what}: .* See to its disk`),
      ) as string,
    }) as Error;
  // As for a file that is read-only, whoever asks.
  db.execute('PRAGMA query_only = ON');
  expect(write).toThrow(refused('written'));
  expect(() => db.transact(() => undefined)).toThrow(refused('written'));
  const below = path.join(folder, 'below', 'notes.db');
  fs.mkdirSync(below, { recursive: true });
  expect(() => openDatabase(below, KEY)).toThrow(refused('opened or made'));
  expect(() => lockFolder(below)).toThrow(refused('opened or made'));
});

test('on a disk that is full it is opened without a file for the index of its log, and what cannot be made says so', () => {
  write();
  db.close();
  const stats = fs.statfsSync(folder);
  vi.spyOn(fs, 'statfsSync').mockReturnValue({ ...stats, bavail: 0 });
  db = openDatabase(file, KEY);
  expect(db.prepare('SELECT id FROM note').all()).toHaveLength(1);
  expect(fs.existsSync(`${file}-shm`)).toBe(false);
  const below = path.join(folder, 'below', 'notes.db');
  fs.mkdirSync(below, { recursive: true });
  expect(() => openDatabase(below, KEY)).toThrow(expect.objectContaining({ code: 'disk-full' }) as Error);
});

test('the file of its log is kept for the next start, with room and without what is in the database already', () => {
  db.transact(() => {
    for (let count = 0; count < 3000; count++) db.prepare('INSERT INTO note (body) VALUES (?)').run('x'.repeat(1000));
  });
  const log = `${file}-wal`;
  const { ino } = fs.statSync(log);
  const flushes = vi.spyOn(fs, 'fsyncSync');
  const renames = vi.spyOn(fs, 'renameSync');
  db.close();
  // After a power cut in between, what it held would be laid over the database.
  expect(flushes.mock.invocationCallOrder[0]).toBeLessThan(renames.mock.invocationCallOrder[0] ?? 0);
  expect(fs.readdirSync(folder).sort()).toEqual(['notes.db', 'notes.db-wal']);
  expect(fs.statSync(log).ino).toBe(ino);
  expect(fs.readFileSync(log).equals(Buffer.alloc(1024 ** 2))).toBe(true);
  const before = fs.readFileSync(file);
  db = openDatabase(file, KEY);
  db.execute('DELETE FROM note WHERE id = 7');
  expect(fs.statSync(log).size).toBe(1024 ** 2);
  db.close();
  // As a backup is put back: nothing of the log goes into it.
  fs.writeFileSync(file, before);
  db = openDatabase(file, KEY);
  expect(db.prepare('SELECT id FROM note').all()).toHaveLength(3000);
});

test.skipIf(process.platform === 'win32')('a path that is too long is told as that, also behind a link', () => {
  const lock = 'lock.db';
  /** A folder in which that file has a path of `bytes`. */
  const deep = (bytes: number): string => {
    let made = fs.realpathSync(folder);
    const left = (): number => bytes - lock.length - 1 - Buffer.byteLength(made) - 1;
    while (left() > 200) made = path.join(made, `ü${'x'.repeat(98)}`);
    made = path.join(made, 'y'.repeat(left()));
    fs.mkdirSync(made, { recursive: true });
    return made;
  };
  lockFolder(path.join(deep(504), lock))?.release();
  const link = path.join(folder, 'link');
  fs.symlinkSync(deep(505), link);
  expect(() => lockFolder(path.join(link, lock))).toThrow(
    expect.objectContaining({
      code: 'not-written',
      message:
        'lock.db of the data folder cannot be opened or made: its path is too long, 505 where 504 is the most. Give a data folder whose path is shorter.',
    }) as Error,
  );
});
