// C-GET and C-MOVE as user, over real sockets: bytes, counts, failed sub-operations, cancelling, arrivals.
import { afterEach, describe, expect, test } from 'vitest';
import type { RetrieveResult } from '../../source.ts';
import { type Association, type IncomingRequest } from '../association.ts';
import { encodeElements, uidElement } from '#backend/base/encode-elements.ts';
import { COMMAND } from '../message/command-set.ts';
import { requestAssociation } from '../request-association.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { memorySink } from '../testing/memory-sink.ts';
import { type PeerScript } from '../testing/scripted-peer.ts';
import { endAll, nodeAt, nothing, peerWith, signal, sourceAt, startScp } from '../testing/session.ts';
import { CT, EXPLICIT, instanceBytes, outgoing, splitFile } from '../testing/wire.ts';
import { storeInstances } from './store-scu.ts';

afterEach(endAll);

/** Sends instances as sub-operations and reports on them. */
async function subOperations(
  request: IncomingRequest,
  uids: readonly string[],
  store: (uid: string) => Promise<number>,
  association: Association,
  failedUids: string[] = [],
): Promise<void> {
  const { messageId = 0, affectedSopClassUid = '', commandField } = request.command;
  let completed = 0;
  const counts = (remaining: number): object => ({
    remainingSubOperations: remaining,
    completedSubOperations: completed,
    failedSubOperations: failedUids.length,
    warningSubOperations: 0,
  });
  for (const [index, uid] of uids.entries()) {
    if ((await store(uid)) === 0) completed++;
    else failedUids.push(uid);
    await association.send(request.contextId, {
      commandField: commandField | 0x8000,
      messageIdBeingRespondedTo: messageId,
      affectedSopClassUid,
      status: 0xff00,
      ...counts(uids.length - index - 1),
    });
  }
  const list = encodeElements(
    new Map([['00080058', uidElement(failedUids.join('\\'))]]),
    request.context.transferSyntaxUid,
  );
  await association.send(
    request.contextId,
    {
      commandField: commandField | 0x8000,
      messageIdBeingRespondedTo: messageId,
      affectedSopClassUid,
      status: failedUids.length ? 0xb000 : 0,
      ...counts(0),
    },
    failedUids.length ? list : undefined,
  );
}

const storeOn =
  (association: Association, unable: readonly string[] = []) =>
  async (uid: string): Promise<number> => {
    const context = association.contextFor(CT, EXPLICIT);
    if (!context || unable.includes(uid)) return 0xc000;
    const operation = association.operate(
      context.id,
      { commandField: COMMAND.storeRq, affectedSopClassUid: CT, affectedSopInstanceUid: uid, priority: 0 },
      instanceBytes(uid, 500_000),
    );
    return (await operation.next()).status;
  };

const UIDS = ['1.2.1', '1.2.2', '1.2.3', '1.2.4', '1.2.5'];
const SELECTION = { studyUid: '1.2.3.4' };

/** An archive that knows no queries and gives UIDS by C-GET. */
const getPeer = (unable: readonly string[] = []): PeerScript => ({
  onRequest: async (request, association) => {
    if (request.command.commandField === COMMAND.findRq) return association.respond(request, { status: 0xc000 });
    if (request.command.commandField !== COMMAND.getRq) return undefined;
    return subOperations(request, UIDS, storeOn(association, unable), association);
  },
});

describe('C-GET', () => {
  test('all come on the same association, counted as announced', async () => {
    const peer = await peerWith(getPeer());
    const sink = memorySink();
    const seen: number[] = [];
    const result = await sourceAt(peer.port).retrieve(SELECTION, sink, ({ received }) => seen.push(received), signal);
    expect(result).toMatchObject({ expected: 5, received: 5, failed: [], warnings: [] });
    expect(sink.kept.map(({ file }) => splitFile(file).dataset.equals(instanceBytes(UIDS[0] ?? '', 500_000)))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(result.bytes).toBe(sink.kept.reduce((sum, { file }) => sum + file.length, 0));
    expect(seen).toContain(3);
    const request = peer.requests.at(-1);
    expect(request?.contexts.length).toBeLessThanOrEqual(128);
    expect(request?.user.roles).toContainEqual({ sopClassUid: CT, isScu: false, isScp: true });
    for (const { transferSyntaxUids } of request?.contexts ?? [])
      expect(transferSyntaxUids.length).toBeLessThanOrEqual(20);
  });

  test('sub-operations that fail one by one are named, theirs and ours', async () => {
    const peer = await peerWith(getPeer(['1.2.2']));
    const sink = memorySink({
      onFinish: ({ announced }) =>
        ({
          '1.2.3': {
            outcome: 'repaired',
            code: 'truncated-pixels',
            sizeBytes: 1,
            reason: 'It is cut, and held.',
          } as const,
          '1.2.4': { outcome: 'conflict', sizeBytes: 1, reason: 'Other content is held.' } as const,
        })[announced.sopInstanceUid ?? ''],
    });
    const result = await sourceAt(peer.port).retrieve(SELECTION, sink, nothing, signal);
    expect(result).toMatchObject({ expected: 5, received: 3 });
    expect(result.failed).toEqual([
      { sopInstanceUid: '1.2.4', reason: 'Other content is held.' },
      { sopInstanceUid: '1.2.2', reason: 'The other system could not send it.' },
    ]);
    expect(result.warnings[0]).toContain('0xB000');
  });

  test('instances are asked for by the SOP classes that the peer lists for them, private ones too', async () => {
    const odd = '1.2.826.0.1.3680043.2.1';
    const listed = new Map([
      ['1.2.1', CT],
      ['1.2.2', odd],
    ]);
    const script = getPeer();
    const peer = await peerWith({
      onRequest: async (request, association, ...rest) => {
        if (request.command.commandField !== COMMAND.findRq) return script.onRequest(request, association, ...rest);
        const { messageId = 0, affectedSopClassUid = '' } = request.command;
        const pending = {
          commandField: COMMAND.findRq | 0x8000,
          messageIdBeingRespondedTo: messageId,
          affectedSopClassUid,
          status: 0xff00,
        };
        for (const [uid, sopClassUid] of listed) {
          const match = new Map([
            ['00080016', uidElement(sopClassUid)],
            ['00080018', uidElement(uid)],
          ]);
          await association.send(request.contextId, pending, encodeElements(match, request.context.transferSyntaxUid));
        }
        return association.respond(request, { status: 0 });
      },
    });
    const classesOf = async (uid: string): Promise<(string | undefined)[]> => {
      const selection = { ...SELECTION, seriesUid: '1.2.3.4.1', sopInstanceUids: [uid] };
      await sourceAt(peer.port).retrieve(selection, memorySink(), nothing, signal);
      return (peer.requests.at(-1)?.contexts ?? []).slice(1, 60).map(({ abstractSyntaxUid }) => abstractSyntaxUid);
    };
    expect(new Set(await classesOf('1.2.2'))).toEqual(new Set([odd]));
    expect(new Set(await classesOf('1.2.1'))).toEqual(new Set([CT]));
  });

  test('cancelled in mid-transfer: a C-CANCEL goes out, what came stays', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const peer = await peerWith({
      onRequest: async (request, association) => {
        seen.push(request.command.commandField);
        if (request.command.commandField === COMMAND.findRq) return association.respond(request, { status: 0xc000 });
        if (request.command.commandField !== COMMAND.getRq) return undefined;
        for (const uid of UIDS) {
          if (seen.includes(COMMAND.cancelRq))
            return association.respond(request, { status: 0xfe00, remainingSubOperations: 3 });
          await storeOn(association)(uid);
          if (uid === '1.2.2') await new Promise((resolve) => setTimeout(resolve, 30));
        }
        return undefined;
      },
    });
    const sink = memorySink({
      onFinish: ({ announced }) => void (announced.sopInstanceUid === '1.2.2' && controller.abort(new Error('stop'))),
    });
    await expect(sourceAt(peer.port).retrieve(SELECTION, sink, nothing, controller.signal)).rejects.toThrow('stop');
    expect(seen).toContain(COMMAND.cancelRq);
    expect(sink.kept).toHaveLength(2);
  });

  test('a peer that answers no role is tried; one that refuses them, or sends nothing, says so', async () => {
    const silent = { user: () => ({ roles: [] }) };
    const sending = await peerWith({ ...getPeer(), ...silent });
    const retrieve = (port: number): Promise<RetrieveResult> =>
      sourceAt(port).retrieve(SELECTION, memorySink(), nothing, signal);
    expect(await retrieve(sending.port)).toMatchObject({ expected: 5, received: 5, failed: [] });
    const refusing = await peerWith({
      ...getPeer(),
      user: () => ({ roles: [{ sopClassUid: CT, isScu: true, isScp: false }] }),
    });
    await expect(retrieve(refusing.port)).rejects.toThrow('sends no SOP class');
    const unable = await peerWith({ ...getPeer(UIDS), ...silent });
    await expect(retrieve(unable.port)).rejects.toThrow('Set this node to C-MOVE');
  });

  test('a series that fails keeps none of the others back', async () => {
    let asked = 0;
    const script = getPeer();
    const peer = await peerWith({
      onRequest: (request, association, ...rest) =>
        request.command.commandField === COMMAND.getRq && asked++ === 0
          ? association.respond(request, { status: 0xc000 })
          : script.onRequest(request, association, ...rest),
    });
    const selection = { ...SELECTION, seriesUids: ['1.2.3.4.1', '1.2.3.4.2'] };
    const result = await sourceAt(peer.port).retrieve(selection, memorySink(), nothing, signal);
    expect(result).toMatchObject({ received: 5, warnings: [expect.stringContaining('0xC000')] });
  });
});

describe('C-MOVE', () => {
  const movePeer = (
    scpPort: () => number,
    hasOriginator: boolean,
    destination = 'LECTERN',
    meanwhile: () => Promise<void> = () => Promise.resolve(),
  ): PeerScript => ({
    onRequest: async (request, association) => {
      if (request.command.commandField !== COMMAND.moveRq) return undefined;
      if (request.command.moveDestination !== destination) return association.respond(request, { status: 0xa801 });
      const node = nodeAt(scpPort(), { aet: 'LECTERN', callingAet: 'PEER' });
      const open = await requestAssociation(node, {
        proposals: [{ abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
        settings: DEFAULT_SETTINGS,
      });
      const store = async (uid: string): Promise<number> => {
        const command = {
          commandField: COMMAND.storeRq,
          affectedSopClassUid: CT,
          affectedSopInstanceUid: uid,
          priority: 0,
        };
        const originator = hasOriginator
          ? { moveOriginatorAet: 'LECTERN', moveOriginatorMessageId: request.command.messageId ?? 0 }
          : {};
        return (await open.association.operate(1, { ...command, ...originator }, instanceBytes(uid)).next()).status;
      };
      await meanwhile();
      await subOperations(request, UIDS, store, association);
      return open.association.release();
    },
  });

  test.each([true, false])('arrivals are matched to the move (originator named: %s)', async (hasOriginator) => {
    const unasked = memorySink();
    const scp = await startScp(unasked);
    const peer = await peerWith(movePeer(() => scp.port, hasOriginator));
    const sink = memorySink();
    const result = await sourceAt(peer.port, { retrieve: 'move' }, scp).retrieve(SELECTION, sink, nothing, signal);
    expect(result).toMatchObject({ expected: 5, received: 5, failed: [] });
    expect([sink.kept.length, unasked.kept.length]).toEqual([5, 0]);
    // Once it is over, the same caller's instances are unasked again.
    await storeInstances(nodeAt(scp.port, { callingAet: 'PEER' }), [outgoing('1.2.9')], nothing, signal);
    expect(unasked.kept).toHaveLength(1);
  });

  test('two at a time from one node are told apart, each with its own count', async () => {
    const unasked = memorySink();
    const scp = await startScp(unasked);
    let both: () => void = () => undefined;
    const areBothAsked = new Promise<void>((resolve) => (both = resolve));
    let asked = 0;
    const meanwhile = (): Promise<void> => (++asked === 2 && both(), areBothAsked);
    const peer = await peerWith(movePeer(() => scp.port, true, 'LECTERN', meanwhile));
    const source = sourceAt(peer.port, { retrieve: 'move' }, scp);
    const sinks = [memorySink(), memorySink()];
    const results = await Promise.all(sinks.map((sink) => source.retrieve(SELECTION, sink, nothing, signal)));
    expect(results.map(({ received }) => received)).toEqual([5, 5]);
    expect([...sinks, unasked].map(({ kept }) => kept.length)).toEqual([5, 5, 0]);
  });

  test('what a node sends of its own accord, while it is asked for others, is kept as that', async () => {
    const unasked = memorySink();
    const scp = await startScp(unasked);
    const sendUnasked = async (): Promise<void> => {
      await storeInstances(nodeAt(scp.port, { callingAet: 'PEER' }), [outgoing('1.2.9')], nothing, signal);
    };
    const peer = await peerWith(movePeer(() => scp.port, false, 'LECTERN', sendUnasked));
    const sink = memorySink();
    const selection = { ...SELECTION, seriesUid: '1.2.3.4.1', sopInstanceUids: UIDS };
    const source = sourceAt(peer.port, { retrieve: 'move' }, scp);
    expect(await source.retrieve(selection, sink, nothing, signal)).toMatchObject({ expected: 5, received: 5 });
    expect(sink.kept.map(({ announced }) => announced.sopInstanceUid)).toEqual(UIDS);
    expect(unasked.kept.map(({ announced }) => announced.sopInstanceUid)).toEqual(['1.2.9']);
  });

  test('a destination that the peer does not know is named', async () => {
    const scp = await startScp(memorySink());
    const peer = await peerWith(movePeer(() => scp.port, true, 'SOMEBODY'));
    const retrieving = sourceAt(peer.port, { retrieve: 'move' }, scp).retrieve(
      SELECTION,
      memorySink(),
      nothing,
      signal,
    );
    await expect(retrieving).rejects.toMatchObject({
      code: 'peer-rejected',
      message: expect.stringContaining('PEER does not know the destination LECTERN') as string,
    });
  });

  test('a peer that fails without a reason: that it may not know us is said', async () => {
    const scp = await startScp(memorySink());
    const peer = await peerWith({
      onRequest: async (request, association) => association.respond(request, { status: 0xc000 }),
    });
    const source = sourceAt(peer.port, { retrieve: 'move' }, scp);
    await expect(source.retrieve(SELECTION, memorySink(), nothing, signal)).rejects.toMatchObject({
      code: 'peer-failed',
      message: expect.stringContaining('see whether PEER knows LECTERN with our host and port.') as string,
    });
  });

  test('without a receiver it is refused here', async () => {
    const peer = await peerWith({ onRequest: nothing });
    await expect(
      sourceAt(peer.port, { retrieve: 'move' }).retrieve(SELECTION, memorySink(), nothing, signal),
    ).rejects.toThrow('not running');
  });
});
