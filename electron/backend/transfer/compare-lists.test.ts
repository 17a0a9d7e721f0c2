// A count that is reached says that the series is whole only where nothing speaks against it.
import { describe, expect, test } from 'vitest';
import { nodeWith, SERIES } from './testing/scripted-node.ts';

describe('a count of instances that is out of date', () => {
  const counts = { '1.2.1': 2 };
  const whole = { expected: 3, received: 3, failed: [] };

  test('makes nothing whole that broke off after so many', async () => {
    const node = nodeWith({ counts, breaksAfter: 2 });
    expect(await node.run(1, 1, '1.2.1')).toMatchObject(whole);
    expect(node.asked.map(({ sopInstanceUids }) => sopInstanceUids)).toEqual([undefined, ['c']]);
  });

  test('is no answer to a node that counts more as it gives them than came', async () => {
    const node = nodeWith({ counts, loses: ['c'] });
    expect(await node.run(1, 1, '1.2.1')).toMatchObject(whole);
    expect(node.asked.at(-1)?.sopInstanceUids).toEqual(['c']);
  });

  test.each([{}, { isHierarchical: true }])(
    'makes nothing whole that came short without an error, where nothing counts what is given: %o',
    async (lists) => {
      const node = nodeWith({ ...lists, counts, givesUncounted: true, loses: ['c'], saysNothing: true });
      expect(await node.run(1, 1, '1.2.1')).toMatchObject(whole);
      expect(node.asked.at(-1)?.sopInstanceUids).toEqual(['c']);
    },
  );
});

test('instances that others bring meanwhile fill no count', async () => {
  const node = nodeWith({
    others: { '1.2.1': ['x'] },
    unable: ['c'],
    isSilent: true,
    before: () => void node.here.add('x'),
  });
  expect(await node.run(1)).toMatchObject({ expected: 6, received: 5, failed: [{ sopInstanceUid: 'c' }] });
});

test('a node that lists no instances and broke off is asked once more, and told where it breaks off again', async () => {
  const parts = { counts: { '1.2.1': 2 }, breaksAfter: 2, listsNoInstances: true };
  const node = nodeWith(parts);
  expect(await node.run(1, 1, '1.2.1')).toMatchObject({ received: 2, warnings: ['It aborted.'] });
  expect(node.asked).toHaveLength(2);
});

test('lists of instances are read where they are needed: of the whole study while it comes, or not at all', async () => {
  const counted = nodeWith({});
  await counted.run(2);
  expect(counted.listed).toEqual([]);
  let isListedFirst = false;
  const uncounted = nodeWith({
    givesUncounted: true,
    saysNothing: true,
    before: () => void (isListedFirst ||= uncounted.listed.length === 1),
  });
  expect(await uncounted.run(2)).toMatchObject({ expected: 6, received: 6, failed: [] });
  expect([isListedFirst, uncounted.listed]).toEqual([true, ['']]);
  // A person allows one connection at a time: after it.
  const alone = nodeWith({ givesUncounted: true, saysNothing: true });
  expect(await alone.run(1)).toMatchObject({ expected: 6, received: 6, failed: [] });
  expect(alone.listed).toEqual(Object.keys(SERIES));
});
