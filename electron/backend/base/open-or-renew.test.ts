// Damaged databases: what is kept of them, when they are set aside, and when they are not.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { damageMark, DatabaseDamage, lockFolder, type Database } from './database.ts';
import { openOrRenew } from './open-or-renew.ts';

const KEY = randomBytes(32);
const NOTES = {
  schema: 'CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, body TEXT NOT NULL)',
  salvaged: [
    { into: 'note', select: 'SELECT * FROM note', by: 'id' },
    { into: 'later', select: 'SELECT * FROM later', by: '1' },
    { into: 'never', select: 'SELECT * FROM never', by: '1' },
  ],
};
const ROWS = 400;

let folder = '';
let file = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-renew-'));
  file = path.join(folder, 'notes.db');
  const db = openOrRenew(file, KEY, NOTES);
  db.execute('CREATE TABLE later (name TEXT PRIMARY KEY) WITHOUT ROWID');
  db.prepare('INSERT INTO later VALUES (?)').run('kept');
  db.transact(() => {
    for (let id = 1; id <= ROWS; id++) db.prepare('INSERT INTO note VALUES (?, ?)').run(id, 'x'.repeat(1000));
  });
  db.close();
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function harm(from: number, length: number): void {
  const bytes = fs.readFileSync(file);
  bytes.fill(7, from, from + length);
  fs.writeFileSync(file, bytes);
}
const ids = (db: Database): number[] =>
  db
    .prepare<{ id: number }>('SELECT id FROM note ORDER BY id')
    .all()
    .map(({ id }) => id);

test('damage in the middle is told in words when it is met, and the next start keeps the rows on both sides of it', () => {
  harm(Math.floor(fs.statSync(file).size / 2 / 4096) * 4096, 8192);
  const db = openOrRenew(file, KEY, NOTES);
  expect(() => ids(db)).toThrow(DatabaseDamage);
  expect(() => [...db.prepare('SELECT * FROM note').iterate()]).toThrow('notes.db of the data folder is damaged');
  db.close();
  const asides: string[] = [];
  const renewed = openOrRenew(file, KEY, NOTES, (aside) => asides.push(aside));
  const kept = ids(renewed);
  expect(kept.length).toBeGreaterThan(ROWS - 20);
  expect(kept.length).toBeLessThan(ROWS);
  expect([kept[0], kept.at(-1)]).toEqual([1, ROWS]);
  expect(renewed.prepare('SELECT name FROM later').all()).toEqual([{ name: 'kept' }]);
  renewed.close();
  expect(asides.map((aside) => fs.existsSync(aside))).toEqual([true]);
  const again = openOrRenew(file, KEY, NOTES, (aside) => asides.push(aside));
  expect(ids(again)).toEqual(kept);
  again.close();
  expect(asides).toHaveLength(1);
});

test('a file whose beginning is damaged is set aside, and a new one is empty', () => {
  harm(0, 4096);
  const db = openOrRenew(file, KEY, NOTES);
  expect(ids(db)).toEqual([]);
  db.close();
});

test('a crash between the two renames loses nothing', () => {
  fs.writeFileSync(damageMark(file), '');
  fs.renameSync(file, `${file}.new`);
  const db = openOrRenew(file, KEY, NOTES);
  expect(ids(db)).toHaveLength(ROWS);
  db.close();
});

test('what the file system refuses is no damage: nothing is set aside', () => {
  fs.rmSync(folder, { recursive: true });
  fs.mkdirSync(file, { recursive: true });
  expect(() => openOrRenew(file, KEY, NOTES)).toThrow('notes.db of the data folder cannot be opened');
  expect(fs.readdirSync(folder)).toEqual(['notes.db']);
});

test('a lock file that is damaged is not taken for another Lectern', () => {
  const lock = path.join(folder, 'lock.db');
  fs.writeFileSync(lock, randomBytes(8192));
  const held = lockFolder(lock);
  expect(held).toBeDefined();
  expect(lockFolder(lock)).toBeUndefined();
  held?.release();
});
