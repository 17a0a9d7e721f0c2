// Peers that misbehave against our provider: each fault ends in one named error, lets go of what was begun, harms nobody else.
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { encodePdu } from './pdu/encode-pdu.ts';
import { parsePdu } from './pdu/parse-pdu.ts';
import { requestAssociation } from './request-association.ts';
import { DimseScp } from './scp/scp.ts';
import { type ScpEvents } from './scp/scp-settings.ts';
import { storeInstances } from './services/store-scu.ts';
import { DEFAULT_SETTINGS, type AssociationSettings } from './settings.ts';
import { memorySink, type MemorySink } from './testing/memory-sink.ts';
import { callAs, type Parrot } from './testing/parrot.ts';
import { endAll, endLater, nodeAt, signal, startScp } from './testing/session.ts';
import {
  associateRequest,
  commandPdu,
  CT,
  dataPdu,
  EXPLICIT,
  instanceBytes,
  outgoing,
  storeCommand,
  VERIFICATION,
} from './testing/wire.ts';

afterEach(endAll);

interface Told {
  closed: (string | undefined)[];
  refused: string[];
  next(): Promise<void>;
}

/** `settings`: the patience that a test waits to end; whatever else is slow, as a busy machine is, gets the usual one. */
async function scpWith(
  sink: MemorySink,
  settings: Partial<AssociationSettings> = {},
): Promise<{ port: number; told: Told; scp: DimseScp }> {
  let wake: () => void = () => undefined;
  const told: Told = { closed: [], refused: [], next: () => new Promise((resolve) => (wake = resolve)) };
  const events: ScpEvents = {
    onClosed: (_caller, error) => {
      told.closed.push(error);
      wake();
    },
    onRefused: (_caller, why) => {
      told.refused.push(why);
      wake();
    },
  };
  const scp = new DimseScp(
    { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 4, settings: { ...DEFAULT_SETTINGS, ...settings } },
    { sink, policy: () => ({ isAdmitted: true }), events },
  );
  const { port } = await scp.listen();
  endLater(() => scp.close());
  return { port, told, scp };
}

test('a caller who had not asked yet when this system closed was not refused by it', async () => {
  const { port, told, scp } = await scpWith(memorySink());
  const caller = net.connect(port, '127.0.0.1');
  await once(caller, 'connect');
  // The one connected after it has been answered: so the first is known too.
  await requestAssociation(nodeAt(port), {
    proposals: [{ abstractSyntaxUid: VERIFICATION, transferSyntaxUids: [EXPLICIT] }],
    settings: DEFAULT_SETTINGS,
  });
  await scp.close();
  expect(told).toMatchObject({ refused: [], closed: ['This system is closing.'] });
  caller.destroy();
});

test.each([
  // Of TEST-NET-3, which no computer has (RFC 5737).
  ['203.0.113.1', 'this computer does not have that address'],
  ['127.0.0.1', 'another program listens there'],
])('why it cannot listen on %s is said in words', async (host, words) => {
  const { port } = await scpWith(memorySink());
  const parts = { sink: memorySink(), policy: () => ({ isAdmitted: true }) as const };
  await expect(new DimseScp({ aet: 'LECTERN', host, port, maxAssociations: 4 }, parts).listen()).rejects.toMatchObject({
    code: 'conflict',
    message: `Cannot listen on ${host}:${port}: ${words}.`,
  });
});

async function associated(port: number): Promise<Parrot> {
  const peer = await callAs(port);
  endLater(async () => peer.socket.destroy());
  peer.say(associateRequest([CT, VERIFICATION]));
  expect((await peer.hear())?.[0]).toBe(2);
  return peer;
}
/** The abort that the other side sends, as `source.reason`. */
async function heardAbort(peer: Parrot): Promise<string> {
  const pdu = await peer.hear();
  const parsed = pdu && parsePdu(pdu);
  return parsed?.ok && parsed.value.kind === 'abort'
    ? `${parsed.value.source}.${parsed.value.reason}`
    : String(pdu?.[0]);
}

describe('provider against peers that break the protocol', () => {
  const release = encodePdu({ kind: 'release-rq' });
  test.each<[string, (peer: Parrot) => void, string, RegExp]>([
    ['nonsense', (peer) => peer.say(Buffer.from('GET / HTTP/1.1\r\n\r\n')), '2.1', /no PDU of type/],
    ['a PDU longer than agreed', (peer) => peer.say(dataPdu(1, 3, Buffer.alloc(200_000))), '2.6', /limit/],
    ['a PDU that claims 4 GB', (peer) => peer.say(Buffer.from('0400ffffffff', 'hex')), '2.6', /limit/],
    [
      'a fragment longer than its PDU',
      (peer) => peer.say(Buffer.from('040000000010000000ff0103', 'hex')),
      '2.6',
      /fragment states/,
    ],
    ['a second association request', (peer) => peer.say(associateRequest([CT])), '2.2', /associate-rq/],
    [
      'an answer to a release nobody asked for',
      (peer) => peer.say(encodePdu({ kind: 'release-rp' })),
      '2.2',
      /release-rp/,
    ],
    ['a context that was not accepted', (peer) => peer.say(commandPdu(99, storeCommand('1.2.3'))), '0.0', /context 99/],
    ['a data set without a command', (peer) => peer.say(dataPdu(1, 2, Buffer.alloc(10))), '0.0', /without its command/],
    [
      'a command where data is due',
      (peer) => peer.say(commandPdu(1, storeCommand('1.2.3')), commandPdu(1, storeCommand('1.2.4'))),
      '0.0',
      /where a data set was due/,
    ],
    [
      'two contexts mixed',
      (peer) => peer.say(commandPdu(1, storeCommand('1.2.3')), dataPdu(3, 0, Buffer.alloc(8))),
      '0.0',
      /mixed/,
    ],
    [
      'a command that cannot be read',
      (peer) => peer.say(dataPdu(1, 3, Buffer.from('00000000ffffffff', 'hex'))),
      '0.0',
      /inside a value/,
    ],
    [
      'an endless command',
      (peer) => peer.say(...Array.from({ length: 9 }, () => dataPdu(1, 1, Buffer.alloc(10_000)))),
      '0.0',
      /longer than/,
    ],
    [
      'a request without an ID',
      (peer) => peer.say(commandPdu(1, { commandField: 0x30, dataSetType: 0x101 })),
      '0.0',
      /no message ID/,
    ],
    [
      'an answer to nothing',
      (peer) =>
        peer.say(commandPdu(1, { commandField: 0x8030, messageIdBeingRespondedTo: 4, status: 0, dataSetType: 0x101 })),
      '0.0',
      /not open/,
    ],
  ])('%s: aborted, with the reason', async (_name, act, abort, words) => {
    const sink = memorySink();
    const { port, told, scp } = await scpWith(sink);
    const peer = await associated(port);
    const closed = told.next();
    act(peer);
    expect(await heardAbort(peer)).toBe(abort);
    await closed;
    expect(told.closed[0]).toMatch(words);
    expect([scp.openAssociations, sink.kept.length]).toEqual([0, 0]);
  });

  test('a peer that does not close what was aborted is closed by the timer of PS3.8 9.1.5', async () => {
    const { port } = await scpWith(memorySink(), { artimTimeoutMs: 1000 });
    const peer = await associated(port);
    peer.say(encodePdu({ kind: 'release-rp' }));
    expect(await heardAbort(peer)).toBe('2.2');
    await peer.gone;
  });

  test('unknown operations are answered as such, and the association goes on', async () => {
    const { port } = await scpWith(memorySink());
    const peer = await associated(port);
    peer.say(commandPdu(3, { commandField: 0x0140, messageId: 5, dataSetType: 0x101 }));
    expect((await peer.hear())?.includes(Buffer.from([0x11, 0x02]))).toBe(true);
    peer.say(
      commandPdu(3, { commandField: 0x30, messageId: 6, affectedSopClassUid: VERIFICATION, dataSetType: 0x101 }),
    );
    expect((await peer.hear())?.[0]).toBe(4);
    peer.say(release);
    expect((await peer.hear())?.[0]).toBe(6);
  });

  test.each<[string, (peer: Parrot) => void]>([
    ['closes', (peer) => peer.socket.end()],
    ['resets', (peer) => peer.socket.resetAndDestroy()],
    ['aborts', (peer) => peer.say(encodePdu({ kind: 'abort', source: 0, reason: 0 }))],
    ['releases', (peer) => peer.say(release)],
    ['stops', () => undefined],
  ])('a sender that %s in mid-instance leaves nothing behind', async (_name, act) => {
    const sink = memorySink();
    const { port, told } = await scpWith(sink, { messageTimeoutMs: 1000 });
    const peer = await associated(port);
    const closed = told.next();
    peer.say(commandPdu(1, storeCommand('1.2.3')), dataPdu(1, 0, instanceBytes('1.2.3', 16_000).subarray(0, 10_000)));
    act(peer);
    await closed;
    await vi.waitFor(() => expect([sink.aborted, sink.kept.length]).toEqual([1, 0]), 50_000);
  });

  test('slow loris before the association: the connection is closed in time, however it drips', async () => {
    const { port, told } = await scpWith(memorySink(), { artimTimeoutMs: 60 });
    const peer = await callAs(port);
    const request = associateRequest([CT]);
    let at = 0;
    const drip = setInterval(() => peer.say(request.subarray(at, ++at)), 10);
    await peer.gone;
    clearInterval(drip);
    expect(at).toBeLessThan(request.length);
    expect(told.refused[0]).toContain('no association was asked for');
  });

  test('slow loris in mid-message: a PDU must come within its time, however it drips', async () => {
    const sink = memorySink();
    const { port, told } = await scpWith(sink, { messageTimeoutMs: 1000 });
    const peer = await associated(port);
    const closed = told.next();
    peer.say(commandPdu(1, storeCommand('1.2.3')));
    const data = dataPdu(1, 2, instanceBytes('1.2.3', 5000));
    let at = 0;
    const drip = setInterval(() => peer.say(data.subarray(at, ++at)), 10);
    await closed;
    clearInterval(drip);
    expect(told.closed[0]).toContain('half a PDU');
    expect(sink.kept).toHaveLength(0);
  });

  test('an idle association is ended', async () => {
    const { port, told } = await scpWith(memorySink(), { idleTimeoutMs: 60, responseTimeoutMs: 60 });
    const closed = told.next();
    const peer = await associated(port);
    await closed;
    expect(await heardAbort(peer)).toBe('0.0');
    expect(told.closed[0]).toContain('did not answer');
  });

  test('connections beyond the limit are dropped, and the rest is served', async () => {
    const { port } = await scpWith(memorySink());
    const idle = await Promise.all(Array.from({ length: 25 }, () => callAs(port)));
    await Promise.race(idle.map(({ gone }) => gone));
    for (const { socket } of idle) socket.destroy();
    await Promise.all(idle.map(({ gone }) => gone));
    const [outcome] = await storeInstances(
      { aet: 'LECTERN', callingAet: 'ME', host: '127.0.0.1', port, retrieve: 'get' },
      [outgoing('1.2.1')],
      () => undefined,
      signal,
    );
    expect(outcome?.outcome).toBe('sent');
  });
});

test('connections beyond what is kept open are dropped, and told', async () => {
  const { port, told } = await scpWith(memorySink(), { artimTimeoutMs: 60_000 });
  const peers: Parrot[] = [];
  // Four associations and sixteen that have not asked for one.
  for (let count = 0; count < 21; count++) peers.push(await callAs(port));
  endLater(async () => peers.forEach(({ socket }) => socket.destroy()));
  const dropped = (): string[] => told.refused.filter((why) => why === 'the limit of connections is reached');
  while (dropped().length === 0) await told.next();
  expect(dropped()).toHaveLength(1);
});

test('who is on no list is told apart: it can be allowed', async () => {
  const refused: unknown[] = [];
  const scp = await startScp(memorySink(), {
    policy: () => ({ isAdmitted: false, reason: 'unknown-caller' }),
    events: { onRefused: ({ callingAet }, why, reason) => refused.push([callingAet, why, reason]) },
  });
  const calling = requestAssociation(nodeAt(scp.port, { callingAet: 'CT1' }), {
    proposals: [{ abstractSyntaxUid: VERIFICATION, transferSyntaxUids: [EXPLICIT] }],
    settings: DEFAULT_SETTINGS,
  });
  await expect(calling).rejects.toMatchObject({ code: 'peer-rejected' });
  expect(refused).toEqual([['CT1', 'it is not on the list of those who may call', 'unknown-caller']]);
});
