// What a person may set of the receiver.
import { expect, test } from 'vitest';
import { receiverChange, receiverSettings } from './receiver.ts';

test('a setting that does not exist is refused: the one that was meant would fall back to its default', () => {
  expect(receiverChange.parse({ port: 11113 })).toMatchObject({ port: 11113, host: '127.0.0.1', secrets: {} });
  for (const change of [{ settings: { port: 11113 } }, { prot: 11113 }])
    expect(receiverChange.safeParse(change).error?.issues[0]?.code).toBe('unrecognized_keys');
});

test('a caller is set with an address or a range that can be compared; what an older program kept is read', () => {
  const callers = [
    '10.0.0.7',
    '10.0.0.0/8',
    '2001:DB8::7',
    '2001:db8::/32',
    '::ffff:10.0.0.9',
    ' 10.0.0.8 ',
    'fe80::1%eth0',
  ];
  const withCallers = (...addresses: string[]) => ({ callers: addresses.map((address) => ({ address })) });
  expect(receiverChange.parse(withCallers(...callers)).callers.map(({ address }) => address)).toEqual([
    ...callers.slice(0, 5),
    '10.0.0.8',
    'fe80::1',
  ]);
  for (const address of ['10.0.0.*', 'not an ip', '', 'ct1.hospital.example', '10.0.0.0/33', '10.0.0/8']) {
    const refused = receiverChange.safeParse(withCallers(address));
    expect(refused.error?.issues.map(({ message }) => message)).toEqual([expect.stringMatching(/^The address of a/)]);
    expect(receiverSettings.parse({ port: 4242, ...withCallers(address) })).toMatchObject({ port: 4242 });
  }
  expect(receiverChange.safeParse({ callers: [{}] }).error?.issues[0]?.message).toMatch(/is needed/);
});
