import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#backend/base/database.ts';
import { AuditLog } from './audit-log.ts';

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
