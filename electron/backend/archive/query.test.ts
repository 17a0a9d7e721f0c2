import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readInstance } from '#shared/dicom/read-instance.ts';
import { text, writeFile } from '#shared/testing/dicom-builder.ts';
import { openDatabase } from '#backend/base/database.ts';
import { ArchiveIndex } from './archive-index.ts';
import type { NewInstance } from './index-rows.ts';
import { recordOf } from './instance-record.ts';
import { memorySource } from './read-for-index.ts';
import { runLongQuery, runQuery, type Query } from './query.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-query-'));
const db = openDatabase(path.join(folder, 'index.db'), randomBytes(32));
const index = new ArchiveIndex(db);
afterAll(() => {
  db.close();
  fs.rmSync(folder, { recursive: true });
});

function instance(study: number, number: number): NewInstance {
  const parsed = readInstance(
    memorySource(
      writeFile({
        '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
        '00080018': text('UI', `1.2.3.${study}.${number}`),
        '00080020': text('DA', `2024010${study % 3}`),
        '0020000D': text('UI', `1.2.3.${study}`),
        '0020000E': text('UI', `1.2.3.${study}.0.${number % 2}`),
        '00200013': text('IS', String(number)),
      }),
    ),
  );
  if (!parsed.ok) throw new Error(parsed.error.detail);
  const name = randomBytes(20).toString('hex');
  const sha256 = randomBytes(32).toString('hex');
  return { record: recordOf(parsed.value), name, sha256, sizeBytes: 1, datasetOffset: 0, isDemo: false };
}

const all: Query = { level: 'instance', keys: [], include: [], isFuzzy: false, limit: 1e9, offset: 0 };
const uids = (query: Query): unknown[] => runQuery(index, query).results.map((each) => each['00080018']?.Value?.[0]);

test('a query that no index narrows lets others read and write in between, and answers the same', async () => {
  for (let study = 1; study <= 5; study++)
    index.commit(
      Array.from({ length: 300 }, (_, number) => instance(study, number)),
      [],
    );
  const before = runQuery(index, all);
  expect(before.results).toHaveLength(1500);
  let turns = 0;
  const other = setInterval(() => {
    turns++;
    index.commit([instance(9, turns)], []);
  });
  const during = await runLongQuery(index, all);
  clearInterval(other);
  expect(turns).toBeGreaterThan(0);
  expect(during.results.slice(0, 1500)).toEqual(before.results);
});

test('batches keep the order of each level, and parts of an answer fit together', () => {
  for (const level of ['study', 'series', 'instance'] as const) {
    const whole = runQuery(index, { ...all, level }).results;
    const parts = [0, 700, 1400].flatMap((offset) => runQuery(index, { ...all, level, offset, limit: 700 }).results);
    expect(parts).toEqual(whole.slice(0, 2100));
    const date = whole.map((each) => String(each['00080020']?.Value?.[0]));
    if (level !== 'instance') expect(date).toEqual([...date].sort().reverse());
  }
  expect(runQuery(index, { ...all, limit: 10 }).isCut).toBe(true);
  const ofOne = { path: ['0020000E'], vr: 'UI', value: '1.2.3.2.0.1' };
  expect(uids({ ...all, keys: [ofOne], limit: 2 })).toEqual(['1.2.3.2.1', '1.2.3.2.3']);
});

test('whoever asked and went away is not answered to the end', async () => {
  const left = new AbortController();
  const asked = runLongQuery(index, all, left.signal);
  left.abort(new Error('the client is gone'));
  await expect(asked).rejects.toThrow('the client is gone');
});
