// What a disk that is full or fails is told as.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { damageMark, DatabaseDamage, openDatabase, type Database } from './database.ts';
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
