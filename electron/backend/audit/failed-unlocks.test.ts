import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { FailedUnlocks } from './failed-unlocks.ts';

test('failed unlocks that the disk does not take wait for the next unlock too', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-unlocks-'));
  const file = path.join(folder, 'failed-unlocks.txt');
  const unlocks = new FailedUnlocks(folder);
  // No file can be written there, as on a full disk.
  fs.mkdirSync(file);
  unlocks.note();
  fs.rmdirSync(file);
  unlocks.note();
  const told: string[] = [];
  unlocks.handOver((at) => told.push(at));
  expect(told).toHaveLength(2);
  unlocks.handOver((at) => told.push(at));
  expect(told).toHaveLength(2);
  fs.rmSync(folder, { recursive: true });
});
