// Peers that misbehave against our own requests, and places that cannot be reached: each fault ends in one named error.
import net from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import { openTransport } from './connect.ts';
import { encodePdu } from './pdu/encode-pdu.ts';
import { type DimseNode } from './node.ts';
import { requestAssociation } from './request-association.ts';
import { echo } from './services/echo.ts';
import { find } from './services/find.ts';
import { storeInstances } from './services/store-scu.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { callAs, listenAs, type Parrot } from './testing/parrot.ts';
import { memorySink } from './testing/memory-sink.ts';
import { startPeer } from './testing/scripted-peer.ts';
import { endAll, endLater, nodeAt, QUICK, signal, startScp } from './testing/session.ts';
import {
  associateAccept,
  associateRequest,
  commandPdu,
  CT,
  dataPdu,
  EXPLICIT,
  instanceBytes,
  outgoing,
  VERIFICATION,
} from './testing/wire.ts';

afterEach(endAll);

async function associated(port: number): Promise<Parrot> {
  const peer = await callAs(port);
  endLater(async () => peer.socket.destroy());
  peer.say(associateRequest([CT, VERIFICATION]));
  expect((await peer.hear())?.[0]).toBe(2);
  return peer;
}

const node = (port: number, more: Partial<DimseNode> = {}): DimseNode => ({
  aet: 'PARROT',
  callingAet: 'LECTERN',
  host: '127.0.0.1',
  port,
  retrieve: 'get',
  settings: DEFAULT_SETTINGS,
  ...more,
});
async function parrotAt(play: (peer: Parrot) => Promise<void> | void): Promise<number> {
  const server = await listenAs(play);
  endLater(() => server.close());
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
    [
      'has no room for now',
      (peer) => peer.say(encodePdu({ kind: 'associate-rj', result: 2, source: 3, reason: 2 })),
      'peer-aborted',
      /for now: it has reached its limit/,
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
    const settings = code === 'peer-timeout' ? QUICK : DEFAULT_SETTINGS;
    const failure = await failureOf(ask(await parrotAt(play), { settings }));
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
    endLater(() => acceptor.close());
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
    const outcomes = await storeInstances(node(port, { settings: QUICK }), instances, () => undefined, signal);
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
    await expect(storeInstances(node(port), [outgoing('1.2.1')], () => undefined, controller.signal)).rejects.toThrow(
      'enough',
    );
  });
});

describe('places that cannot be reached', () => {
  test('a name that does not exist', async () => {
    expect(await failureOf(ask(104, { host: 'no-such-host.invalid' }))).toMatchObject({
      code: 'peer-unreachable',
      message: expect.stringContaining('cannot be resolved') as string,
    });
  });

  test('a name of which one address answers is reached there, one of which none does is told', async () => {
    const resolve = async (): Promise<{ address: string; family: number }[]> => [
      { address: '::1', family: 6 },
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const { port } = await startScp(memorySink());
    const place = { ...nodeAt(port), host: 'pacs.example' };
    const transport = await openTransport(place, { timeoutMs: 5000, resolve });
    const proposals = [{ abstractSyntaxUid: VERIFICATION, transferSyntaxUids: [EXPLICIT] }];
    const { association } = await requestAssociation(place, { proposals, settings: DEFAULT_SETTINGS, transport });
    await echo(association, 1);
    await association.release();
    await endAll();
    await expect(openTransport(place, { timeoutMs: 5000, resolve })).rejects.toMatchObject({
      code: 'peer-unreachable',
      message: `Nothing listens on pacs.example:${port}. Check the port, and whether the other system runs.`,
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
