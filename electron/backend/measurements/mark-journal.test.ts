// The journal of lengths: the last change counts, none is lost, a deleted study takes all of its own along.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#backend/base/database.ts';
import type { StoredLength } from '#shared/contract/marks.ts';
import { lengthJournal, type LengthJournal } from './journals.ts';
import { MarkDatabase } from './mark-database.ts';

const KEY = randomBytes(32);
const [A, B] = ['6f9619ff-8b86-4d11-b42d-00c04fc964ff', '7a2c1f60-0b5e-4c61-9a55-1d0f3b8f2e10'];
let folder = '';
let file = '';
let database: MarkDatabase;
let journal: LengthJournal;
const openJournal = (): void => {
  database = new MarkDatabase(file, KEY);
  journal = lengthJournal(database);
};

const length = (uid: string, changed: Partial<StoredLength> = {}): StoredLength => ({
  uid,
  studyUid: '1.2.3',
  seriesUid: '1.2.3.1',
  sopInstanceUid: '1.2.3.1.7',
  frameIndex: 2,
  ends: [[3.25, 4.5], [20, 31.125]], // prettier-ignore
  label: '',
  text: '12 mm',
  drawnAt: 1000,
  ...changed,
});

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-lengths-'));
  file = path.join(folder, 'marks.db');
  openJournal();
});
afterEach(() => {
  database.close();
  fs.rmSync(folder, { recursive: true });
});

test('looking for lengths where none was ever kept makes no file', () => {
  expect([journal.of('1.2.3'), journal.counts().size]).toEqual([[], 0]);
  journal.removeStudy('1.2.3');
  expect(fs.existsSync(file)).toBe(false);
});

test('the last state of each length comes back after a restart, oldest first', () => {
  journal.keep(length(B, { drawnAt: 2000 }), 'local');
  journal.keep(length(A), 'local');
  journal.keep(length(A, { label: 'Lesion', ends: [[1, 2], [3, 4]] }), 'local'); // prettier-ignore
  database.close();
  openJournal();
  expect(journal.of('1.2.3')).toEqual([
    length(A, { label: 'Lesion', ends: [[1, 2], [3, 4]] }), // prettier-ignore
    length(B, { drawnAt: 2000 }),
  ]);
  expect(journal.of('1.2.4')).toEqual([]);
});

test('every change stays on record with who made it; the same said again is none', () => {
  journal.keep(length(A), 'first');
  journal.keep(length(A), 'again');
  journal.forget('1.2.3', A, 'second');
  journal.forget('1.2.3', A, 'again');
  journal.forget('1.2.3', B, 'never kept');
  expect([journal.of('1.2.3'), journal.counts().size]).toEqual([[], 0]);
  const db = openDatabase(file, KEY);
  const rows = db.prepare<{ person: string; body: string | null }>('SELECT person, body FROM length_change').all();
  db.close();
  expect(rows.map(({ person, body }) => [person, body !== null])).toEqual([
    ['first', true],
    ['second', false],
  ]);
});

test('a deleted study takes its lengths and their history along, and no others', () => {
  const other = length(B, { studyUid: '1.2.4' });
  const changed: string[] = [];
  journal.keep(length(A), 'local');
  journal.forget('1.2.3', A, 'local');
  journal.keep(length(A), 'local');
  journal.keep(other, 'local');
  journal.onChange((studyUid) => changed.push(studyUid));
  journal.removeStudy('1.2.3');
  expect([journal.of('1.2.3'), journal.of('1.2.4'), [...journal.counts()], changed]).toEqual([
    [],
    [other],
    [['1.2.4', 1]],
    ['1.2.3'],
  ]);
  const db = openDatabase(file, KEY);
  expect(db.prepare('SELECT 1 FROM length_change WHERE study_uid = ?').all('1.2.3')).toEqual([]);
  db.close();
});

test('a length that this version cannot read is named, not left out', () => {
  journal.keep(length(A), 'local');
  const db = openDatabase(file, KEY);
  db.prepare('UPDATE length_change SET body = ?').run('{"uid":"x"}');
  db.close();
  expect(() => journal.of('1.2.3')).toThrow(A);
});
