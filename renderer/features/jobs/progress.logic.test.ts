import { expect, test } from 'vitest';
import { needsLook, type Job } from '#shared/contract/views.ts';
import {
  linesAndRest,
  PaceMeter,
  progressText,
  remainingSeconds,
  showDuration,
  shownJobs,
  standText,
} from './progress.logic.ts';

const job = (changed: Partial<Job> = {}): Job => ({
  id: 'j1',
  kind: 'import',
  title: 'disc',
  state: 'running',
  itemsDone: 0,
  itemsTotal: 100,
  bytesDone: 0,
  bytesTotal: 1000e6,
  createdAt: 0,
  finishedAt: null,
  counts: {},
  message: null,
  ...changed,
});

test('pace and remaining time come from the last seconds, not from the start of the job', () => {
  const meter = new PaceMeter();
  expect(meter.note(job(), 0)).toBeUndefined();
  meter.note(job({ bytesDone: 10e6 }), 50_000);
  const now = job({ bytesDone: 110e6, itemsDone: 10 });
  const pace = meter.note(now, 51_000);
  expect(pace?.bytesPerSecond).toBeCloseTo(100e6, -1);
  expect(remainingSeconds(now, pace)).toBeCloseTo(8.9, 1);
  expect(progressText(now, pace)).toBe('10 of 100 files, 110 MB of 1000 MB, 100 MB/s, about 9 s left');
});

test('a transfer counts instances', () => {
  const retrieval = job({ kind: 'retrieve', itemsDone: 7, itemsTotal: 200, bytesDone: 3.5e6, bytesTotal: null });
  expect(progressText(retrieval, undefined)).toBe('7 of 200 instances, 3.5 MB');
});

test('what was cancelled or failed says how much of it there was; what is done has all', () => {
  const part = job({
    kind: 'retrieve',
    itemsDone: 36,
    itemsTotal: 200,
    bytesDone: 19e6,
    bytesTotal: null,
    finishedAt: 1,
  });
  expect(progressText({ ...part, state: 'cancelled' }, undefined)).toBe('36 of 200 instances, 19 MB');
  expect(progressText({ ...part, state: 'failed' }, undefined)).toBe('36 of 200 instances, 19 MB');
  expect(progressText({ ...part, state: 'done' }, undefined)).toBe('36 instances, 19 MB');
});

test('a pause is forgotten', () => {
  const meter = new PaceMeter();
  meter.note(job(), 0);
  meter.note(job({ state: 'paused' }), 60_000);
  expect(meter.note(job({ bytesDone: 1e6 }), 61_000)).toBeUndefined();
});

test('unknown totals are said, not guessed', () => {
  expect(progressText(job({ itemsTotal: null, bytesTotal: null }), undefined)).toBe('0 files, still counting');
  expect(remainingSeconds(job({ bytesTotal: null, itemsTotal: null }), { bytesPerSecond: 1, itemsPerSecond: 1 })).toBe(
    undefined,
  );
});

test('a ZIP that counts as one file is not said to have more than it has', () => {
  const zip = job({ itemsTotal: 1, itemsDone: 1016, bytesTotal: 2e6, bytesDone: 3.5e6 });
  const pace = { bytesPerSecond: 1e6, itemsPerSecond: 100 };
  expect(progressText(zip, pace)).toBe('1016 files, 3.5 MB, 1.0 MB/s');
  expect(progressText({ ...zip, bytesDone: 1e6 }, pace)).toBe('1016 files, 1.0 MB of 2.0 MB, 1.0 MB/s');
});

test('what failed or wants a look stays until it was seen, also after a reload', () => {
  const done = job({ id: 'a', state: 'done', finishedAt: 5 });
  const refused = job({ id: 'b', state: 'done', finishedAt: 5, counts: { refused: 1 } });
  const failed = job({ id: 'c', state: 'failed', finishedAt: 5 });
  const running = job({ id: 'd' });
  const all = [done, refused, failed, running];
  expect(needsLook(refused)).toBe(true);
  expect(shownJobs(all, new Set(), 10).map(({ id }) => id)).toEqual(['b', 'c', 'd']);
  expect(shownJobs(all, new Set(['b', 'c', 'd']), 10).map(({ id }) => id)).toEqual(['d']);
  expect(shownJobs(all, new Set(), 1).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
});

test('thousands that wait leave the foot to what runs, failed or was paused', () => {
  const waiting = Array.from({ length: 3000 }, (_, at) => job({ id: `w${at}`, message: 'There is no node PACS.' }));
  const queued = job({ id: 'q', state: 'queued' });
  const paused = job({ id: 'p', state: 'paused' });
  const running = job({ id: 'r' });
  const failed = job({ id: 'f', state: 'failed', finishedAt: 5 });
  const { lines, rest } = linesAndRest([...waiting, queued, paused, running, failed]);
  expect(lines.map(({ id }) => id)).toEqual(['w0', 'w1', 'p', 'r', 'f']);
  expect(standText(rest)).toBe('2999 waiting');
  expect(linesAndRest([queued, running])).toEqual({ lines: [queued, running], rest: [] });
  expect(standText([paused, running, queued, failed])).toBe('1 paused, 1 under way, 1 waiting, 1 to be looked at');
});

test.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [120, '2 min'],
  [3720, '1 h 2 min'],
])('%s s is %s', (seconds, text) => {
  expect(showDuration(seconds)).toBe(text);
});
