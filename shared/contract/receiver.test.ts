// What a person may set of the receiver.
import { expect, test } from 'vitest';
import { receiverChange } from './receiver.ts';

test('a setting that does not exist is refused: the one that was meant would fall back to its default', () => {
  expect(receiverChange.parse({ port: 11113 })).toMatchObject({ port: 11113, host: '127.0.0.1', secrets: {} });
  for (const change of [{ settings: { port: 11113 } }, { prot: 11113 }])
    expect(receiverChange.safeParse(change).error?.issues[0]?.code).toBe('unrecognized_keys');
});
