import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { AuditLog } from './audit-log.ts';

vi.mock(import('#backend/base/open-or-renew.ts'), async (original) => {
  const { openOrRenew } = await original();
  return {
    // As a file that is read-only is opened; an administrator may write those all the same.
    openOrRenew: (...given) => {
      const db = openOrRenew(...given);
      db.execute('PRAGMA query_only = ON');
      return db;
    },
  };
});

test('nothing is opened without a record where the log is read-only', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-audit-'));
  const open = (): unknown => new AuditLog(path.join(folder, 'audit.db'), randomBytes(32));
  expect(open).toThrow(/^audit\.db of the data folder cannot be written: it or its disk is read-only/);
  fs.rmSync(folder, { recursive: true });
});
