import { expect, test } from 'vitest';
import { readAhead } from './read-ahead.ts';

/** `count` pieces of one byte; tells how far it was read and whether it was let go. */
function source(count: number, failAt = Number.POSITIVE_INFINITY) {
  const state = { read: 0, isClosed: false };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < count; at++) {
        if (at === failAt) throw new Error('the disk is gone');
        state.read++;
        yield Uint8Array.of(at);
      }
    } finally {
      state.isClosed = true;
    }
  }
  return { state, pieces };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('reads some before anybody asks, then as fast as it is asked, and gives all in order', async () => {
  const { state, pieces } = source(40);
  const ahead = readAhead(pieces());
  await settled();
  expect(state.read).toBe(8);
  const got: number[] = [];
  for await (const piece of ahead.pieces) got.push(...piece);
  expect(got).toEqual(Array.from({ length: 40 }, (_, at) => at));
  expect(state.isClosed).toBe(true);
});

test('a failure comes where it happened, not before', async () => {
  const { pieces } = source(40, 3);
  const ahead = readAhead(pieces());
  await settled();
  const got: number[] = [];
  const all = async (): Promise<void> => {
    for await (const piece of ahead.pieces) got.push(...piece);
  };
  await expect(all()).rejects.toThrow('the disk is gone');
  expect(got).toEqual([0, 1, 2]);
});

test('closed before its end, it lets go of what it reads from', async () => {
  const { state, pieces } = source(40);
  readAhead(pieces()).close();
  await settled();
  expect(state.isClosed).toBe(true);
  expect(state.read).toBeLessThan(40);
});
