import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ClockDoubt } from './clock-doubt.ts';
import { SettingsStore } from './settings-store.ts';

const DAY = 24 * 60 * 60 * 1000;
let folder = '';
let settings: SettingsStore;
let now = Date.UTC(2026, 0, 10);
const until = (): number | null => {
  const doubt = new ClockDoubt(settings, () => now);
  const said = doubt.until();
  // Who only asks changes nothing.
  expect(doubt.until()).toBe(said);
  expect(doubt.look()).toBe(said);
  return said;
};

beforeEach(() => {
  now = Date.UTC(2026, 0, 10);
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-clock-'));
  settings = new SettingsStore(path.join(folder, 'settings.db'), randomBytes(32));
});
afterEach(() => {
  settings.close();
  fs.rmSync(folder, { recursive: true });
});

test('a clock that goes on is believed, also after a week off', () => {
  for (const days of [0, 1, 7, 0.5]) {
    now += days * DAY;
    expect(until()).toBeNull();
  }
});

test('after a leap it is doubted for a day of that clock, over starts; then believed', () => {
  until();
  now += 400 * DAY;
  const leapt = now;
  expect(until()).toBe(leapt + DAY);
  now += DAY - 1;
  expect(until()).toBe(leapt + DAY);
  now += 1;
  expect(until()).toBeNull();
  now += 3 * DAY;
  expect(until()).toBeNull();
});

test('one that leaps again and again stays doubted; put right it is believed at once', () => {
  until();
  for (let start = 0; start < 3; start++) {
    now += 30 * DAY;
    expect(until()).toBe(now + DAY);
  }
  now -= 90 * DAY;
  expect(until()).toBeNull();
});

test('a look is noted once in an hour: each command looks, and a note is a flush of the disk', () => {
  let writes = 0;
  const off = settings.onChange('clock', () => writes++);
  for (const minutes of [0, 1, 30, 40, 10]) {
    now += minutes * 60 * 1000;
    new ClockDoubt(settings, () => now).look();
  }
  off();
  expect(writes).toBe(2);
});
