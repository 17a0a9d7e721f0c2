// What time is noted for what is received, by a clock that is put back and leaps ahead.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { text, writeFile } from '#shared/testing/dicom-builder.ts';
import { Archive } from './archive.ts';

const DAY = 24 * 60 * 60 * 1000;
const START = Date.UTC(2026, 10, 30);
let folder = '';
let archive: Archive;
let studies = 0;
const key = (): Buffer => randomBytes(32);
const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-received-'));
  archive = new Archive(path.join(folder, 'data'), keys);
});
afterEach(async () => {
  await archive.close();
  vi.useRealTimers();
  fs.rmSync(folder, { recursive: true });
});

/** Takes in a new study at this time of the clock; gives its UID. */
async function receiveAt(now: number): Promise<string> {
  vi.setSystemTime(now);
  const studyUid = `1.2.3.${++studies}`;
  const stream = archive.ingest.stream({ path: 'a file' });
  await stream.write(
    writeFile({
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
      '00080018': text('UI', `${studyUid}.1.1`),
      '0020000D': text('UI', studyUid),
      '0020000E': text('UI', `${studyUid}.1`),
    }),
  );
  await stream.finish();
  return studyUid;
}
const receivedAt = (studyUid: string): number | undefined =>
  archive.index.db.prepare<{ at: number }>('SELECT received_at AS at FROM study WHERE uid = ?').get(studyUid)?.at;

test('what comes while the clock is behind is not older than what came before, over starts too', async () => {
  await receiveAt(START);
  await archive.close();
  archive = new Archive(path.join(folder, 'data'), keys);
  expect(receivedAt(await receiveAt(START - 300 * DAY))).toBe(START);
  expect(receivedAt(await receiveAt(START - 290 * DAY))).toBe(START);
  expect(receivedAt(await receiveAt(START + DAY))).toBe(START + DAY);
});

test('the time counts that was noted while nothing came, and what an older program received', async () => {
  const first = await receiveAt(START);
  vi.setSystemTime(START + 5 * DAY);
  archive.index.noteTime();
  expect(receivedAt(await receiveAt(START))).toBe(START + 5 * DAY);
  archive.index.db.prepare("DELETE FROM setting WHERE name = 'received-time'").run();
  archive.index.db.prepare('UPDATE study SET received_at = ? WHERE uid = ?').run(START + 6 * DAY, first);
  expect(receivedAt(await receiveAt(START))).toBe(START + 6 * DAY);
});

test('a clock that was ten years ahead for an hour leaves nothing behind', async () => {
  await receiveAt(START);
  const ahead = await receiveAt(START + 3650 * DAY);
  expect(receivedAt(ahead)).toBe(START + 3650 * DAY);
  expect(receivedAt(await receiveAt(START + DAY))).toBe(START + DAY);
  expect(receivedAt(ahead)).toBe(START + DAY);
  const latest = archive.index.db.prepare<{ at: number }>('SELECT max(received_at) AS at FROM instance').get();
  expect(latest?.at).toBe(START + DAY);
});

test('one that was ahead for longer is believed once it has gone on for a month after it was put back', async () => {
  await receiveAt(START);
  const ahead = START + 3650 * DAY;
  const wrong = [await receiveAt(ahead), await receiveAt(ahead + 2 * DAY), await receiveAt(START + 3 * DAY)];
  expect(wrong.map(receivedAt)).toEqual([ahead, ahead + 2 * DAY, ahead + 2 * DAY]);
  expect(receivedAt(await receiveAt(START + 32 * DAY))).toBe(ahead + 2 * DAY);
  expect(receivedAt(await receiveAt(START + 33 * DAY))).toBe(START + 33 * DAY);
  expect(wrong.map(receivedAt)).toEqual([33, 33, 33].map((days) => START + days * DAY));
  expect(receivedAt(await receiveAt(START + 40 * DAY))).toBe(START + 40 * DAY);
});
