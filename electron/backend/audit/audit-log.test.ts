import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { damageMark, openDatabase, type Database } from '#backend/base/database.ts';
import { fillDisk } from '#backend/base/testing.ts';
import { AuditLog } from './audit-log.ts';
import type { LogEnd } from './log-end.ts';

const key = randomBytes(32);
const person = { id: 'local', name: 'reader' };
let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-audit-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('keeps records in the terms of PS3.15 A.5 and survives a restart', () => {
  const file = path.join(folder, 'audit.db');
  const log = new AuditLog(file, key);
  log.record({ event: 'application-start', person, outcome: 0 });
  log.close();
  const again = new AuditLog(file, key);
  again.record({ event: 'study-deleted', person, outcome: 0, studyUids: ['1.2.3'] });
  expect(again.records()).toMatchObject([
    { eventId: '110100', eventType: '110120', outcome: 0 },
    { eventId: '110105', action: 'D', studyUids: ['1.2.3'], activeParticipant: { userName: 'reader' } },
  ]);
  expect(again.firstBroken()).toBeUndefined();
  again.close();
});

test.each([
  ['changed', "UPDATE record SET body = replace(body, '1.2.3', '1.2.4') WHERE id = 2", 2],
  ['removed in the middle', 'DELETE FROM record WHERE id = 2', 2],
  ['removed at the end', 'DELETE FROM record WHERE id = 3', 3],
])('a record that was %s shows', (_name, sql, broken) => {
  const file = path.join(folder, 'audit.db');
  const log = new AuditLog(file, key);
  for (let i = 0; i < 3; i++) log.record({ event: 'instances-accessed', person, outcome: 0, studyUids: ['1.2.3'] });
  const db = openDatabase(file, key);
  db.execute(sql);
  db.close();
  expect(log.firstBroken()).toBe(broken);
  log.close();
});

test('of a damaged log what can be read is kept, the chain is broken where records are missing, and goes on', () => {
  const file = path.join(folder, 'audit.db');
  const log = new AuditLog(file, key);
  for (let count = 1; count <= 200; count++)
    log.record({ event: 'query', person, outcome: 0, detail: `${count} ${'x'.repeat(200)}` });
  log.close();
  const bytes = fs.readFileSync(file);
  fs.writeFileSync(file, bytes.fill(7, 8 * 4096, 9 * 4096));
  fs.writeFileSync(damageMark(file), '');
  const asides: string[] = [];
  const renewed = new AuditLog(file, key, (aside) => asides.push(aside));
  renewed.record({ event: 'security-alert', person, outcome: 8 });
  const count = renewed.records().length;
  expect(count).toBeGreaterThan(170);
  expect(count).toBeLessThan(201);
  expect(renewed.latest(2)).toMatchObject([{ id: 201 }, { id: 200 }]);
  expect(renewed.firstBroken()).toBeGreaterThan(1);
  expect(asides).toHaveLength(1);
  renewed.close();
});

describe('an older copy that is put back', () => {
  const file = (): string => path.join(folder, 'audit.db');
  let marked: { end?: LogEnd };
  const open = (): AuditLog =>
    new AuditLog(file(), key, undefined, { read: () => marked.end, write: (end) => void (marked.end = end) });
  const write = (log: AuditLog, count: number): void => {
    for (let i = 0; i < count; i++) log.record({ event: 'query', person, outcome: 0 });
  };
  beforeEach(() => {
    marked = {};
    const log = open();
    expect(log.lacksFrom).toBeUndefined();
    write(log, 3);
    log.close();
    fs.copyFileSync(file(), `${file()}.old`);
    const more = open();
    expect(more.lacksFrom).toBeUndefined();
    write(more, 2);
    more.close();
    expect(marked.end?.id).toBe(5);
  });

  test('shows when it is opened, and the gap stays', () => {
    fs.copyFileSync(`${file()}.old`, file());
    for (const _ of ['nothing was written', 'asked again']) {
      const log = open();
      expect(log.lacksFrom).toBe(4);
      expect(log.firstBroken()).toBe(4);
      log.close();
    }
    const log = open();
    write(log, 2);
    expect(log.latest(3)).toMatchObject([{ id: 7 }, { id: 6 }, { id: 3 }]);
    log.close();
    const again = open();
    expect(again.lacksFrom).toBeUndefined();
    expect(again.firstBroken()).toBe(4);
    again.close();
  });

  test('shows once, also where the program is cut off just after', () => {
    fs.copyFileSync(`${file()}.old`, file());
    const cut = open();
    write(cut, 2);
    fs.copyFileSync(file(), `${file()}.then`);
    fs.copyFileSync(`${file()}-wal`, `${file()}.then-wal`);
    const then = { ...marked };
    cut.close();
    fs.copyFileSync(`${file()}.then`, file());
    fs.copyFileSync(`${file()}.then-wal`, `${file()}-wal`);
    marked = then;
    const log = open();
    expect([log.lacksFrom, log.firstBroken()]).toEqual([undefined, 4]);
    log.close();
  });

  test('shows too where somebody wrote on in it, so that it is as long', () => {
    fs.copyFileSync(`${file()}.old`, file());
    const unmarked = new AuditLog(file(), key);
    write(unmarked, 4);
    unmarked.close();
    const log = open();
    expect(log.lacksFrom).toBe(5);
    write(log, 1);
    expect(log.firstBroken()).toBe(8);
    log.close();
  });

  test('is not what a program was cut off from marking: a log that is ahead is whole', () => {
    const unmarked = new AuditLog(file(), key);
    write(unmarked, 2);
    unmarked.close();
    const log = open();
    expect(log.lacksFrom).toBeUndefined();
    expect(log.firstBroken()).toBeUndefined();
    log.close();
  });
});

describe('on a full disk', () => {
  let log: AuditLog;
  let other: Database;
  let makeSpace: () => void;
  const access = (studyUid: string): void =>
    log.record({ event: 'instances-accessed', person, outcome: 0, studyUids: [studyUid] });
  beforeEach(() => {
    const file = path.join(folder, 'audit.db');
    log = new AuditLog(file, key);
    access('1.1');
    other = openDatabase(file, key);
    makeSpace = fillDisk(other, 'record');
  });
  afterEach(() => other.close());

  test('records wait, and are written in order and in one chain once there is space', () => {
    for (const study of ['1.2', '1.3']) access(study);
    expect(log.records()).toHaveLength(1);
    expect(log.firstBroken()).toBeUndefined();
    makeSpace();
    access('1.4');
    expect(log.records().map((record) => (record as { studyUids: string[] }).studyUids)).toEqual(
      ['1.1', '1.2', '1.3', '1.4'].map((uid) => [uid]),
    );
    expect(log.firstBroken()).toBeUndefined();
    expect(log.close()).toBe(0);
  });

  test('they are written without anybody asking', () => {
    vi.useFakeTimers();
    access('1.2');
    makeSpace();
    vi.runAllTimers();
    vi.useRealTimers();
    expect(other.prepare('SELECT id FROM record').all()).toHaveLength(2);
    log.close();
  });

  test('of more than can wait the number is kept', () => {
    for (let i = 0; i < 10_003; i++) access('1.2');
    makeSpace();
    expect(log.latest(1)).toMatchObject([
      { outcome: 8, detail: '3 records more could not be kept while the disk was full' },
    ]);
    expect(log.records()).toHaveLength(10_002);
    expect(log.firstBroken()).toBeUndefined();
    log.close();
  });

  test('a program that ends there says how many are lost', () => {
    access('1.2');
    expect(log.close()).toBe(1);
  });
});
