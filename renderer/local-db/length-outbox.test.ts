// Lengths on their way to the backend: none is lost when it is away or the page goes, none is sent over a later one.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { StoredLength } from '#shared/contract/marks.ts';
import { LengthOutbox, type Fate, type LengthOutboxOptions } from './length-outbox.ts';

const [A, B] = ['6f9619ff-8b86-4d11-b42d-00c04fc964ff', '7a2c1f60-0b5e-4c61-9a55-1d0f3b8f2e10'];
const length = (uid: string, label = ''): StoredLength => ({
  uid,
  studyUid: '1.2.3',
  seriesUid: '1.2.3.1',
  sopInstanceUid: '1.2.3.1.7',
  frameIndex: 0,
  ends: [[3.25, 4.5], [20, 31.125]], // prettier-ignore
  label,
  text: '12 mm',
  drawnAt: uid === A ? 1 : 2,
});

let stored: Map<string, string>;
let held: Map<string, StoredLength>;
let sent: string[];
let refuse: ((uid: string) => Fate | undefined) | undefined;

class Refused extends Error {
  readonly fate: Fate;
  constructor(fate: Fate) {
    super(fate);
    this.fate = fate;
  }
}
const storage: LengthOutboxOptions['storage'] = {
  getItem: (name) => stored.get(name) ?? null,
  setItem: (name, value) => void stored.set(name, value),
  removeItem: (name) => void stored.delete(name),
  key: (at) => [...stored.keys()][at] ?? null,
  get length() {
    return stored.size;
  },
};
const attempt = async (uid: string, work: () => void): Promise<void> => {
  sent.push(uid);
  const fate = refuse?.(uid);
  if (fate) throw new Refused(fate);
  await Promise.resolve();
  work();
};
const transport: LengthOutboxOptions['transport'] = {
  keep: (made) => attempt(made.uid, () => held.set(made.uid, made)),
  forget: (_, uid) => attempt(uid, () => held.delete(uid)),
};
const outbox = (changed: Partial<LengthOutboxOptions> = {}): LengthOutbox =>
  new LengthOutbox({ transport, storage, fateOf: (error) => (error as Refused).fate, ...changed });

beforeEach(() => {
  vi.useFakeTimers();
  [stored, held, sent, refuse] = [new Map(), new Map(), [], undefined];
});
afterEach(() => void vi.useRealTimers());

test('a change waits in the storage until the backend has it; a drag is sent where it stops', async () => {
  const box = outbox();
  for (const label of ['a', 'b', 'c']) box.keep(length(A, label));
  expect([stored.size, held.size]).toEqual([1, 0]);
  await vi.runAllTimersAsync();
  expect([stored.size, held.get(A)?.label, sent]).toEqual([0, 'c', [A]]);
  box.forget('1.2.3', A);
  expect(stored.size).toBe(1);
  await vi.runAllTimersAsync();
  expect([stored.size, held.size]).toEqual([0, 0]);
});

test('what the backend does not have yet is read as if it were there', () => {
  const box = outbox();
  box.keep(length(B));
  box.forget('1.2.3', A);
  box.keep({ ...length(A), uid: '00000000-0000-4000-8000-000000000000', studyUid: '1.2.4' });
  expect(box.over('1.2.3', [length(A), length(B, 'older')])).toEqual([length(B)]);
});

test('a backend that is away is tried again until it has everything, also by the next page', async () => {
  refuse = () => 'again';
  const told: [number, string | undefined][] = [];
  const box = outbox();
  box.follow(({ waitingCount, failure }) => told.push([waitingCount, failure]));
  box.keep(length(A));
  box.keep(length(B));
  await vi.advanceTimersByTimeAsync(4000);
  expect([stored.size, sent, told.at(-1)]).toEqual([2, [A, A], [2, 'again']]);
  refuse = undefined;
  const next = outbox();
  await vi.runAllTimersAsync();
  expect([held.size, stored.size, next.over('1.2.3', []).length]).toEqual([2, 0, 0]);
  expect(told.at(-1)).toEqual([0, undefined]);
});

test('what an earlier page left behind is sent and taken away, in whatever order its fields were written', async () => {
  const entry = JSON.stringify({ length: length(A), uid: A, studyUid: '1.2.3' });
  stored.set(`lectern.length.${A}`, entry);
  const { uid, ...others } = length(B);
  stored.set(`lectern.length.${B}`, JSON.stringify({ studyUid: '1.2.3', uid, length: { ...others, uid } }));
  const next = outbox();
  expect(next.over('1.2.3', [])).toEqual([length(A), length(B)]);
  await vi.runAllTimersAsync();
  expect([[...held.values()], stored.size]).toEqual([[length(A), length(B)], 0]);
});

test('a change of another page is left to that once it has sent it, or has a later one', async () => {
  refuse = () => 'again';
  const first = outbox();
  first.keep(length(A, 'early'));
  first.keep(length(B, 'early'));
  const second = outbox();
  await vi.advanceTimersByTimeAsync(1000);
  expect(second.over('1.2.3', []).map(({ label }) => label)).toEqual(['early', 'early']);
  refuse = undefined;
  first.keep(length(A, 'late'));
  await vi.advanceTimersByTimeAsync(500);
  expect([held.get(A)?.label, stored.size]).toEqual(['late', 0]);
  await vi.runAllTimersAsync();
  expect([held.get(A)?.label, held.get(B)?.label, second.over('1.2.3', []).length]).toEqual(['late', 'early', 0]);
});

test('waiting for the backend ends with its next answer, good or bad, and disturbs nobody who follows', async () => {
  const box = outbox();
  const told: number[] = [];
  await box.drain();
  refuse = () => 'again';
  box.keep(length(A));
  for (const after of [0, 300]) {
    // Once where it was not asked yet, once where it refused before.
    await vi.advanceTimersByTimeAsync(after);
    const ends = expect(box.drain()).rejects.toThrow('again');
    await vi.advanceTimersByTimeAsync(0);
    await ends;
  }
  refuse = undefined;
  box.follow(({ waitingCount }) => told.push(waitingCount));
  const ends = expect(box.drain()).resolves.toBeUndefined();
  await vi.advanceTimersByTimeAsync(0);
  await ends;
  box.keep(length(B));
  await vi.runAllTimersAsync();
  expect([held.size, told]).toEqual([2, [1, 0, 1, 0]]);
});

test('what is refused for good is told and let go; the others are kept', async () => {
  refuse = (uid) => (uid === A ? 'refused' : undefined);
  const told: [number, string | undefined][] = [];
  const box = outbox();
  box.follow(({ waitingCount, failure }) => told.push([waitingCount, failure]));
  box.keep(length(A));
  box.keep(length(B));
  await vi.runAllTimersAsync();
  expect([told, [...held.keys()], stored.size, sent]).toEqual([
    [[0, undefined], [1, undefined], [2, undefined], [0, 'refused']], // prettier-ignore
    [B],
    0,
    [A, B],
  ]);
});

test('a change during sending is neither taken for sent nor lost', async () => {
  let answer: (() => void) | undefined;
  const box = outbox({
    transport: {
      ...transport,
      keep: async (made) => {
        sent.push(made.label);
        if (sent.length === 1) await new Promise<void>((resolve) => (answer = resolve));
        held.set(made.uid, made);
      },
    },
  });
  box.keep(length(A, 'early'));
  await vi.advanceTimersByTimeAsync(300);
  box.keep(length(A, 'late'));
  await vi.advanceTimersByTimeAsync(600);
  expect(sent).toEqual(['early']);
  answer?.();
  await vi.runAllTimersAsync();
  expect([sent, held.get(A)?.label, stored.size]).toEqual([['early', 'late'], 'late', 0]);
});

test('what a page sends as it goes is taken away where it lives to see the answer, and sent again by the next where not', async () => {
  const box = outbox();
  box.keep(length(A));
  box.sendNow();
  await vi.advanceTimersByTimeAsync(0);
  expect([sent, stored.size]).toEqual([[A], 0]);
  box.keep(length(A, 'late'));
  const left = new Map(stored);
  box.sendNow();
  await vi.runAllTimersAsync();
  stored = left;
  outbox();
  await vi.runAllTimersAsync();
  expect([sent, held.get(A)?.label, stored.size]).toEqual([[A, A, A], 'late', 0]);
});

test('a page that goes sends at once; full or foreign storage breaks nothing', async () => {
  stored.set('lectern.length.x', '{"not": "ours"').set('other', 'left alone');
  const box = outbox({
    storage: {
      ...storage,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    },
  });
  box.keep(length(A));
  box.sendNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(held.size).toBe(1);
  await vi.runAllTimersAsync();
  expect([sent, stored.get('other')]).toEqual([[A], 'left alone']);
});
