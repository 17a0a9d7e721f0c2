// Peers that misbehave, on both sides: each fault ends in one named error, lets go of what was begun, and harms nobody else.
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import { openTransport } from './connect.ts';
import { encodePdu } from './pdu/encode-pdu.ts';
import { parsePdu } from './pdu/parse-pdu.ts';
import type { DimseNode } from './node.ts';
import { requestAssociation } from './request-association.ts';
import { DimseScp } from './scp/scp.ts';
import type { ScpEvents } from './scp/scp-settings.ts';
import { find } from './services/find.ts';
import { storeInstances } from './services/store-scu.ts';
import { DEFAULT_SETTINGS, type AssociationSettings } from './settings.ts';
import { memorySink, type MemorySink } from './testing/memory-sink.ts';
import { callAs, listenAs, type Parrot } from './testing/parrot.ts';
import { startPeer } from './testing/scripted-peer.ts';
import {
  associateAccept,
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

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
const signal = new AbortController().signal;
/** Patience short enough for a test. */
const QUICK: AssociationSettings = {
  ...DEFAULT_SETTINGS,
  connectTimeoutMs: 300,
  associateTimeoutMs: 60,
  artimTimeoutMs: 60,
  messageTimeoutMs: 60,
  responseTimeoutMs: 60,
  idleTimeoutMs: 60,
};

interface Told {
  closed: (string | undefined)[];
  refused: string[];
  next(): Promise<void>;
}

async function quickScp(
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
    { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 4, settings: { ...QUICK, ...settings } },
    { sink, policy: () => ({ isAdmitted: true }), events },
  );
  const { port } = await scp.listen();
  ends.push(() => scp.close());
  return { port, told, scp };
}

async function associated(port: number): Promise<Parrot> {
  const peer = await callAs(port);
  ends.push(async () => peer.socket.destroy());
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
    const { port, told, scp } = await quickScp(sink);
    const peer = await associated(port);
    const closed = told.next();
    act(peer);
    expect(await heardAbort(peer)).toBe(abort);
    await closed;
    expect(told.closed[0]).toMatch(words);
    // The timer of PS3.8 9.1.5 closes what the peer does not.
    await peer.gone;
    expect([scp.openAssociations, sink.kept.length]).toEqual([0, 0]);
  });

  test('unknown operations are answered as such, and the association goes on', async () => {
    const { port } = await quickScp(memorySink());
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
    const { port, told } = await quickScp(sink);
    const peer = await associated(port);
    const closed = told.next();
    peer.say(commandPdu(1, storeCommand('1.2.3')), dataPdu(1, 0, instanceBytes('1.2.3', 16_000).subarray(0, 10_000)));
    act(peer);
    await closed;
    await new Promise((resolve) => setImmediate(resolve));
    expect([sink.aborted, sink.kept.length]).toEqual([1, 0]);
  });

  test('slow loris before the association: the connection is closed in time, however it drips', async () => {
    const { port, told } = await quickScp(memorySink());
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
    const { port, told } = await quickScp(sink);
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
    const { port, told } = await quickScp(memorySink());
    const closed = told.next();
    const peer = await associated(port);
    await closed;
    expect(await heardAbort(peer)).toBe('0.0');
    expect(told.closed[0]).toContain('did not answer');
  });

  test('connections beyond the limit are dropped, and the rest is served', async () => {
    const { port } = await quickScp(memorySink(), { artimTimeoutMs: 2000 });
    const idle = await Promise.all(Array.from({ length: 25 }, () => callAs(port)));
    await Promise.race(idle.map(({ gone }) => gone));
    for (const { socket } of idle) socket.destroy();
    await Promise.all(idle.map(({ gone }) => gone));
    const [outcome] = await storeInstances(node(port), [outgoing('1.2.1')], () => undefined, signal);
    expect(outcome?.outcome).toBe('sent');
  });
});

const node = (port: number, more: Partial<DimseNode> = {}): DimseNode => ({
  aet: 'PARROT',
  callingAet: 'LECTERN',
  host: '127.0.0.1',
  port,
  retrieve: 'get',
  settings: QUICK,
  ...more,
});
async function parrotAt(play: (peer: Parrot) => Promise<void> | void): Promise<number> {
  const server = await listenAs(play);
  ends.push(() => server.close());
  return server.port;
}
const ask = async (port: number, more: Partial<DimseNode> = {}): Promise<void> => {
  for await (const answer of find(node(port, more), { level: 'study', keys: [], include: [] }, signal))
    expect(answer).toBeDefined();
};
async function failureOf(work: Promise<unknown>): Promise<{ code: ErrorCode; message: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof LecternError) return { code: error.code, message: error.message };
  throw error instanceof Error ? error : new Error('it did not fail');
}

describe('user against peers that break the protocol', () => {
  const accepted = async (peer: Parrot): Promise<void> => {
    await peer.hear();
    peer.say(associateAccept(1));
    await peer.hear();
  };
  const response = (command: object): Buffer =>
    commandPdu(1, { commandField: 0x8020, messageIdBeingRespondedTo: 1, dataSetType: 0x101, status: 0, ...command });

  test.each<[string, (peer: Parrot) => Promise<void> | void, ErrorCode, RegExp]>([
    ['closes at once', (peer) => void peer.socket.end(), 'peer-closed', /closed/],
    ['says nothing', () => undefined, 'peer-timeout', /did not answer/],
    [
      'speaks HTTP',
      (peer) => peer.say(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
      'peer-protocol',
      /no PDU of type/,
    ],
    [
      'refuses',
      (peer) => peer.say(encodePdu({ kind: 'associate-rj', result: 1, source: 1, reason: 3 })),
      'peer-rejected',
      /calling AE title/,
    ],
    ['aborts', (peer) => peer.say(encodePdu({ kind: 'abort', source: 2, reason: 0 })), 'peer-aborted', /aborted/],
    ['answers a request with a request', (peer) => peer.say(associateRequest([CT])), 'peer-protocol', /associate-rq/],
    [
      'accepts what was not proposed',
      (peer) => peer.say(associateAccept(1).subarray(0, -1)),
      'peer-timeout',
      /half a PDU/,
    ],
    [
      'takes PDUs of 10 bytes',
      async (peer) => {
        await peer.hear();
        peer.say(associateAccept(1, 10));
      },
      'peer-protocol',
      /10 bytes/,
    ],
    ['stalls after accepting', accepted, 'peer-timeout', /did not answer/],
    [
      'closes after accepting',
      async (peer) => {
        await accepted(peer);
        peer.socket.end();
      },
      'peer-closed',
      /closed/,
    ],
    [
      'resets after accepting',
      async (peer) => {
        await accepted(peer);
        peer.socket.resetAndDestroy();
      },
      'peer-closed',
      /ECONNRESET/,
    ],
    [
      'releases in mid-work',
      async (peer) => {
        await accepted(peer);
        peer.say(encodePdu({ kind: 'release-rq' }));
      },
      'peer-closed',
      /released/,
    ],
    [
      'answers another message',
      async (peer) => {
        await accepted(peer);
        peer.say(response({ messageIdBeingRespondedTo: 77 }));
      },
      'peer-protocol',
      /not open/,
    ],
    [
      'answers without a status',
      async (peer) => {
        await accepted(peer);
        peer.say(dataPdu(1, 3, Buffer.from('000000010200000020800000200102000000010000000008020000000101', 'hex')));
      },
      'peer-protocol',
      /no status/,
    ],
    [
      'promises data and stops',
      async (peer) => {
        await accepted(peer);
        peer.say(response({ dataSetType: 1, status: 0xff00 }));
      },
      'peer-timeout',
      /did not answer/,
    ],
  ])('one that %s', async (_name, play, code, words) => {
    const failure = await failureOf(ask(await parrotAt(play)));
    expect(failure.message).toMatch(words);
    expect(failure.code).toBe(code);
  });

  test('release collision: both ask at once, both get their answer', async () => {
    const heard: (number | undefined)[] = [];
    let over: () => void = () => undefined;
    const played = new Promise<void>((resolve) => (over = resolve));
    const port = await parrotAt(async (peer) => {
      await accepted(peer);
      await peer.hear();
      peer.say(response({}));
      heard.push((await peer.hear())?.[0]);
      peer.say(encodePdu({ kind: 'release-rq' }));
      heard.push((await peer.hear())?.[0]);
      peer.say(encodePdu({ kind: 'release-rp' }));
      await peer.gone;
      over();
    });
    await ask(port);
    await played;
    expect(heard).toEqual([5, 6]);
  });

  test('release collision as acceptor: our answer waits for theirs', async () => {
    const acceptor = await startPeer({
      onRequest: async (request, association) => {
        await association.respond(request, { status: 0 });
        await association.release();
      },
    });
    ends.push(() => acceptor.close());
    const peer = await associated(acceptor.port);
    peer.say(
      commandPdu(3, { commandField: 0x30, messageId: 6, affectedSopClassUid: VERIFICATION, dataSetType: 0x101 }),
    );
    expect((await peer.hear())?.[0]).toBe(4);
    expect((await peer.hear())?.[0]).toBe(5);
    peer.say(encodePdu({ kind: 'release-rq' }));
    peer.say(encodePdu({ kind: 'release-rp' }));
    expect((await peer.hear())?.[0]).toBe(6);
    peer.socket.end();
    await peer.gone;
  });

  test('a peer that takes no bytes is given up; the rest of the list is not lost in silence', async () => {
    const port = await parrotAt(async (peer) => {
      await peer.hear();
      peer.say(associateAccept(1));
      peer.socket.pause();
    });
    const instances = [
      outgoing('1.2.1', { bytes: instanceBytes('1.2.1', 30_000_000) }),
      outgoing('1.2.2'),
      outgoing('1.2.3'),
    ];
    const outcomes = await storeInstances(node(port), instances, () => undefined, signal);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed']);
    expect(outcomes[0]?.reason).toContain('took no bytes');
    expect(outcomes[2]?.reason).toContain('Not sent');
  });

  test('a peer that breaks off at one instance gets the others on a new association', async () => {
    let calls = 0;
    const port = await parrotAt(async (peer) => {
      calls++;
      await peer.hear();
      peer.say(associateAccept(1));
      for (let count = 0; ;) {
        const pdu = await peer.hear();
        if (!pdu) return;
        if (pdu[0] === 5) return peer.say(encodePdu({ kind: 'release-rp' }));
        // Commands are PDUs of their own; the last fragment of a data set has control 2.
        if (pdu[11] !== 2) continue;
        if (++count === 2 && calls === 1) return peer.say(encodePdu({ kind: 'abort', source: 2, reason: 0 }));
        peer.say(
          commandPdu(1, { commandField: 0x8001, messageIdBeingRespondedTo: count, dataSetType: 0x101, status: 0 }),
        );
      }
    });
    const instances = ['1.2.1', '1.2.2', '1.2.3', '1.2.4'].map((uid) => outgoing(uid));
    const outcomes = await storeInstances(node(port), instances, () => undefined, signal);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['sent', 'failed', 'sent', 'sent']);
    expect(calls).toBe(2);
  });

  test('cancelled while it sends: the reason of the signal, and nothing stays open', async () => {
    const controller = new AbortController();
    const port = await parrotAt(async (peer) => {
      await peer.hear();
      peer.say(associateAccept(1));
      await peer.hear();
      controller.abort(new Error('enough'));
    });
    await expect(
      storeInstances(node(port, { settings: {} }), [outgoing('1.2.1')], () => undefined, controller.signal),
    ).rejects.toThrow('enough');
  });
});

describe('places that cannot be reached', () => {
  test('a name that does not exist', async () => {
    expect(await failureOf(ask(104, { host: 'no-such-host.invalid' }))).toMatchObject({
      code: 'peer-unreachable',
      message: expect.stringContaining('cannot be resolved') as string,
    });
  });

  test('a port where nothing listens', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await failureOf(ask(port))).toMatchObject({
      code: 'peer-unreachable',
      message: expect.stringContaining('Nothing listens') as string,
    });
  });

  test('a signal that is aborted already, or while it connects', async () => {
    const done = AbortSignal.abort(new Error('no'));
    await expect(openTransport({ host: '127.0.0.1', port: 1 }, { timeoutMs: 100, signal: done })).rejects.toThrow('no');
    const port = await parrotAt(() => undefined);
    const controller = new AbortController();
    const opening = requestAssociation(node(port), {
      proposals: [{ abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
      signal: controller.signal,
    });
    setImmediate(() => controller.abort(new Error('changed my mind')));
    await expect(opening).rejects.toThrow('changed my mind');
  });
});
