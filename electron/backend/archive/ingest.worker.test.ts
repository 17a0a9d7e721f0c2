import { createSecretKey, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { WorkerPool, workerEntry } from '#backend/workers/worker-pool.ts';
import type { IngestAnswers, IngestCall } from './ingest-messages.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-ingest-'));
const pool = new WorkerPool<IngestCall, IngestAnswers>({
  entry: workerEntry('ingest.worker', import.meta.url),
  size: 1,
  workerData: {
    keys: { files: createSecretKey(randomBytes(32)), names: createSecretKey(randomBytes(32)) },
    temporaryDir: folder,
    objects: folder,
    folders: new Map(),
  },
  patienceMs: 60_000,
  maxHeapMb: 128,
});
afterAll(async () => {
  await pool.close();
  fs.rmSync(folder, { recursive: true });
});
const bytes = new Uint8Array(1000);

test('a worker that took the place of a lost one does not take the middle of a stream for its beginning', async () => {
  await pool.call({ kind: 'stream-write', streamId: 1, isFirst: true, bytes });
  await pool.call({ kind: 'stream-write', streamId: 1, isFirst: false, bytes });
  await expect(pool.call({ kind: 'stream-write', streamId: 2, isFirst: false, bytes })).rejects.toThrow('lost');
  await expect(pool.call({ kind: 'stream-finish', streamId: 2, isFirst: false, isNew: false, bytes })).rejects.toThrow(
    'lost',
  );
});

test('once a megabyte has shown that it is no DICOM file, no more of it is wanted', async () => {
  const half = new Uint8Array(600_000).fill(1);
  const wanted = [];
  for (const isFirst of [true, false, false])
    wanted.push(await pool.call({ kind: 'stream-write', streamId: 3, isFirst, bytes: half }));
  expect(wanted).toEqual([true, false, false]);
});

test('what another worker held is not found', async () => {
  const target = path.join(folder, 'target');
  await expect(pool.call({ kind: 'place', id: '1', target })).rejects.toThrow('nothing is held');
  expect(fs.existsSync(target)).toBe(false);
});
