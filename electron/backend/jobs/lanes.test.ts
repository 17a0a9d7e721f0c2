// Places of a lane: who gets the next one, and what no node, and nothing that is less urgent, takes from others.
import { expect, test } from 'vitest';
import type { Urgency } from '#shared/contract/network.ts';
import { Places, URGENCY, type Waiter } from './lanes.ts';

const NETWORK = { name: 'network', atOnce: 4, atOneNode: 2 };

/** Who has a place, once all that wait were looked at. */
function waiting() {
  const places = new Places();
  const running: string[] = [];
  const come = (name: string, urgency: Urgency, node?: string): Waiter => {
    const waiter: Waiter = {
      lane: NETWORK,
      ...(node !== undefined && { node }),
      urgency: () => URGENCY[urgency],
      go: () => void running.push(name),
    };
    places.wait(waiter);
    return waiter;
  };
  return { places, come, running: () => Promise.resolve().then(() => running) };
}

test('a node that does not answer holds no more than its share: others go on, what is looked at first of all', async () => {
  const { places, come, running } = waiting();
  const [first] = ['1', '2', '3'].map((name) => come(name, 'study', 'dead'));
  come('4', 'study', 'well');
  expect(await running()).toEqual(['1', '2', '4']);
  places.leave(first as Waiter);
  expect(await running()).toEqual(['1', '2', '4', '3']);
  come('5', 'study', 'well');
  come('6', 'visible', 'well');
  expect(await running()).toEqual(['1', '2', '4', '3', '6']);
});

test('what is looked at has a place beside two of its own node', async () => {
  const { come, running } = waiting();
  for (const name of ['1', '2']) come(name, 'bulk', 'pacs');
  come('3', 'visible', 'pacs');
  come('4', 'visible', 'pacs');
  expect(await running()).toEqual(['3', '4']);
  const other = waiting();
  for (const name of ['1', '2', '3']) other.come(name, 'bulk', 'pacs');
  await other.running();
  other.come('4', 'visible', 'pacs');
  expect(await other.running()).toEqual(['1', '2', '4']);
});
