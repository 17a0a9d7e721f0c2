// What each look at the session asks of the index, on an archive of 20,000 studies too.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { openDatabase } from '#backend/base/database.ts';
import { ArchiveIndex } from './archive-index.ts';

test('size of the archive and demo studies are told without reading the rows of studies', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-index-looks-'));
  const db = openDatabase(path.join(folder, 'index.db'), Buffer.alloc(32, 7));
  try {
    const index = new ArchiveIndex(db);
    const prepare = vi.spyOn(db, 'prepare');
    index.totals();
    index.demoStudies();
    const asked = prepare.mock.calls.map(([sql]) => sql);
    expect(asked).toHaveLength(2);
    for (const sql of asked) {
      const plan = db.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all();
      expect(plan.map(({ detail }) => detail).join('\n')).toMatch(/^SCAN study USING COVERING INDEX \S+$/);
    }
  } finally {
    db.close();
    fs.rmSync(folder, { recursive: true });
  }
});
