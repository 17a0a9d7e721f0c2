import { expect, test } from 'vitest';
import { shareByNode } from './shared-stream.ts';

interface Event {
  node: string;
  value: number;
}
const all = async (events: AsyncIterable<Event> | undefined): Promise<number[]> => {
  const found: number[] = [];
  for await (const { value } of events ?? []) found.push(value);
  return found;
};
const isLast = ({ value }: Event): boolean => value === 0;

test('each node has its events and ends with its last, while another has not answered', async () => {
  const { promise: never, resolve } = Promise.withResolvers<void>();
  async function* stream(): AsyncGenerator<Event> {
    yield { node: 'A', value: 2 };
    yield { node: 'B', value: 7 };
    yield { node: 'A', value: 1 };
    yield { node: 'A', value: 0 };
    await never;
  }
  const shared = shareByNode(['A', 'B'], stream(), isLast);
  expect(await all(shared.get('A'))).toEqual([2, 1, 0]);
  const other = all(shared.get('B'));
  resolve();
  // The stream ended without a last event of it.
  expect(await other).toEqual([7]);
});

test('a stream that breaks off fails those that were not done, after what had come', async () => {
  async function* stream(): AsyncGenerator<Event> {
    yield { node: 'A', value: 0 };
    yield { node: 'B', value: 5 };
    await Promise.resolve();
    throw new Error('cut');
  }
  const shared = shareByNode(['A', 'B'], stream(), isLast);
  expect(await all(shared.get('A'))).toEqual([0]);
  const seen: number[] = [];
  await expect(async () => {
    for await (const { value } of shared.get('B') ?? []) seen.push(value);
  }).rejects.toThrow('cut');
  expect(seen).toEqual([5]);
});

test('what names none of the nodes is said to each that was not done', async () => {
  async function* stream(): AsyncGenerator<Event> {
    yield { node: 'A', value: 0 };
    yield { node: '', value: 0 };
  }
  const shared = shareByNode(['A', 'B'], stream(), isLast);
  expect(await all(shared.get('A'))).toEqual([0]);
  expect(await all(shared.get('B'))).toEqual([0]);
});
