// To which C-MOVE an arriving C-STORE belongs, and whether it may be answered before it is durable.
import { expect, test } from 'vitest';
import { EarlyAnswers } from '../services/early-answers.ts';
import { memorySink } from '../testing/memory-sink.ts';
import { MoveArrivals, type MoveExpectation } from './move-arrivals.ts';

const move = (messageId: number, peerAet = 'PACS'): MoveExpectation => ({
  originatorAet: 'LECTERN',
  messageId,
  peerAet,
  takesUnnamed: true,
  sink: memorySink(),
  early: new EarlyAnswers(),
  onStored: () => undefined,
});
const named = { callingAet: 'PACS', sopInstanceUid: '1.2.1', originatorAet: 'LECTERN' };

test('a C-STORE belongs to the move that it names', () => {
  const arrivals = new MoveArrivals();
  const [first, second] = [move(1), move(2)];
  arrivals.expect(first);
  const forget = arrivals.expect(second);
  expect(arrivals.find({ ...named, messageId: 2 })).toBe(second);
  expect(arrivals.find({ ...named, messageId: 3 })).toBeUndefined();
  expect(arrivals.find({ callingAet: 'PACS', sopInstanceUid: '1.2.1' })).toBeUndefined();
  forget();
  expect(arrivals.find({ ...named, messageId: 2 })).toBeUndefined();
});

test('no two moves under way have the same message ID, which begins anew after 65535', () => {
  const arrivals = new MoveArrivals();
  const open = move(arrivals.nextMessageId());
  arrivals.expect(open);
  const ids = Array.from({ length: 0xffff }, () => arrivals.nextMessageId());
  expect([open.messageId, ids[0], ids.at(-2), ids.at(-1)]).toEqual([1, 2, 0xffff, 2]);
  expect(arrivals.find({ ...named, callingAet: 'STORE', messageId: 1 })).toBe(open);
});

test('one that names none counts for the only move with its sender, and is answered only once it is durable', () => {
  const arrivals = new MoveArrivals();
  const only = move(1);
  arrivals.expect(only);
  arrivals.expect(move(1, 'OTHER'));
  const found = arrivals.find({ callingAet: 'PACS', sopInstanceUid: '1.2.1' });
  expect(found?.onStored).toBe(only.onStored);
  expect(found?.early).toBeUndefined();
  expect(arrivals.find({ callingAet: 'CT1', sopInstanceUid: '1.2.1' })).toBeUndefined();
});

test('one that names none and was not asked for is none of the move, and so does not go where the test of a node lets all go', () => {
  const arrivals = new MoveArrivals();
  const test = { ...move(1), sopInstanceUids: new Set(['1.2.1']) };
  arrivals.expect(test);
  expect(arrivals.find({ callingAet: 'PACS', sopInstanceUid: '1.2.1' })?.sink).toBe(test.sink);
  expect(arrivals.find({ callingAet: 'PACS', sopInstanceUid: '1.2.2' })).toBeUndefined();
  expect(arrivals.find({ ...named, sopInstanceUid: '1.2.2', messageId: 1 })).toBe(test);
});
