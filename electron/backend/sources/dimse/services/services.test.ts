// The services as user and provider, over real sockets in one process: bytes, counts, statuses, and what is said about them.
import { afterEach, describe, expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import type { QueryAnswer, QueryRequest, SinkOutcome, Source, StoreOutcome } from '../../source.ts';
import type { Association, IncomingRequest } from '../association.ts';
import { createDimseSource } from '../dimse-source.ts';
import { encodeElements, uidElement } from '../identifier/encode-elements.ts';
import { readIdentifier } from '../identifier/read-identifier.ts';
import { COMMAND } from '../message/command-set.ts';
import type { DimseNode } from '../node.ts';
import { requestAssociation } from '../request-association.ts';
import { DimseScp } from '../scp/scp.ts';
import type { Admission, ScpEvents, ScpSettings } from '../scp/scp-settings.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { STORAGE_COMMITMENT } from '../tables/sop-classes.ts';
import { STORAGE_SOP_CLASSES } from '../tables/storage-sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import { memorySink, type MemorySink } from '../testing/memory-sink.ts';
import { startPeer, type PeerScript, type ScriptedPeer } from '../testing/scripted-peer.ts';
import { CT, EXPLICIT, IMPLICIT, instanceBytes, outgoing, splitFile } from '../testing/wire.ts';
import { storeInstances } from './store-scu.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
const signal = new AbortController().signal;
const nothing = (): void => undefined;

async function startScp(
  sink: MemorySink,
  more: { scp?: Partial<ScpSettings>; policy?: () => Admission; events?: ScpEvents } = {},
): Promise<DimseScp & { port: number }> {
  const scp = new DimseScp(
    { aet: 'LECTERN', host: '127.0.0.1', port: 0, maxAssociations: 4, ...more.scp },
    { sink, policy: more.policy ?? (() => ({ isAdmitted: true })), ...(more.events && { events: more.events }) },
  );
  const { port } = await scp.listen();
  ends.push(() => scp.close());
  return Object.assign(scp, { port });
}
const nodeAt = (port: number, more: Partial<DimseNode> = {}): DimseNode => ({
  aet: 'PEER',
  callingAet: 'LECTERN',
  host: '127.0.0.1',
  port,
  retrieve: 'get',
  ...more,
});
async function peerWith(script: PeerScript): Promise<ScriptedPeer> {
  const peer = await startPeer(script);
  ends.push(() => peer.close());
  return peer;
}
function sourceAt(port: number, more: Partial<DimseNode> = {}, scp?: DimseScp, parts: object = {}): Source {
  const source = createDimseSource(nodeAt(port, more), { ...parts, ...(scp && { scp }) });
  ends.push(() => source.close());
  return source;
}

describe('storing', () => {
  test('every size and transfer syntax arrives byte for byte, also in small PDUs', async () => {
    const sink = memorySink();
    const { port } = await startScp(sink, { scp: { settings: { maxPduBytes: 1000 } } });
    const sizes = [0, 2, 800, 990, 1000, 65_536, 262_144, 300_002, 1_500_000];
    const instances = sizes.map((size, index) => {
      const transferSyntaxUid = TRANSFER_SYNTAXES[index] ?? EXPLICIT;
      const uid = `1.2.${index + 1}`;
      return outgoing(uid, { transferSyntaxUid, bytes: instanceBytes(uid, size, CT, transferSyntaxUid) });
    });
    const outcomes = await storeInstances(nodeAt(port), instances, nothing, signal);
    expect(outcomes.map(({ outcome, reason }) => reason ?? outcome)).toEqual(sizes.map(() => 'sent'));
    for (const [index, { announced, file }] of sink.kept.entries()) {
      const instance = instances[index];
      const offset = file.length - (instance?.sizeBytes ?? 0);
      expect(file.subarray(0, 132).toString('latin1').slice(128)).toBe('DICM');
      const sent: Uint8Array[] = [];
      for await (const piece of instance?.dataset() ?? []) sent.push(piece);
      expect(file.subarray(offset).equals(Buffer.concat(sent))).toBe(true);
      expect(announced).toMatchObject({
        transferSyntaxUid: instance?.transferSyntaxUid,
        peer: 'LECTERN',
        sopClassUid: CT,
      });
      // Deflated and encapsulated ones are not what they say; the others read back with the syntax they came in.
      if (index < 2) expect(splitFile(file).transferSyntaxUid).toBe(instance?.transferSyntaxUid);
    }
  });

  test('more than 128 contexts go on several associations; each SOP class of the standard is taken', async () => {
    const sink = memorySink();
    const { port } = await startScp(sink);
    const instances = STORAGE_SOP_CLASSES.map(({ uid }, index) =>
      outgoing(`1.2.3.${index}`, { sopClassUid: uid, bytes: instanceBytes(`1.2.3.${index}`, 10, uid) }),
    );
    const outcomes = await storeInstances(nodeAt(port), instances, nothing, signal);
    expect(outcomes.filter(({ outcome }) => outcome !== 'sent')).toEqual([]);
    expect(sink.kept).toHaveLength(instances.length);
    expect(instances.length).toBeGreaterThan(190);
  });

  test('a class that is not taken is named and does not stop the others', async () => {
    const { port } = await startScp(memorySink());
    const told: StoreOutcome[] = [];
    const instances = [outgoing('1.2.1'), outgoing('1.2.2', { sopClassUid: '1.2.3.4.5' }), outgoing('1.2.3')];
    const outcomes = await storeInstances(nodeAt(port), instances, (outcome) => told.push(outcome), signal);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['sent', 'refused', 'sent']);
    expect(outcomes[1]?.reason).toContain('1.2.3.4.5 in Explicit VR Little Endian: SOP class not supported');
    expect(told).toHaveLength(3);
  });

  test.each<[string, SinkOutcome | LecternError | Error, number]>([
    ['stored', { outcome: 'stored', sizeBytes: 1 }, 0],
    ['repaired', { outcome: 'repaired', sizeBytes: 1, reason: 'mended' }, 0],
    ['held already', { outcome: 'duplicate', sizeBytes: 1 }, 0],
    ['in conflict', { outcome: 'conflict', sizeBytes: 1 }, 0x0111],
    ['unreadable', { outcome: 'refused', sizeBytes: 1, code: 'malformed' }, 0xc000],
    ['found to be another one', { outcome: 'stored', sizeBytes: 1, sopInstanceUid: '9.9.9' }, 0xa900],
    ['without disk', new LecternError('disk-full', 'full'), 0xa700],
    ['hit by a bug', new Error('bug'), 0x0110],
  ])('what is %s is answered with its status', async (_name, result, status) => {
    const sink = memorySink({
      onFinish: () => {
        if (result instanceof Error) throw result;
        return result;
      },
    });
    const { port } = await startScp(sink);
    const [outcome] = await storeInstances(nodeAt(port), [outgoing('1.2.1')], nothing, signal);
    expect(outcome?.status).toBe(status);
    expect(outcome?.outcome).toBe(status === 0 ? 'sent' : 'failed');
    expect(sink.aborted).toBe(result instanceof Error ? 1 : 0);
  });

  test('a full disk in mid-transfer: 0xA700, the writer is let go, the association goes on', async () => {
    const sink = memorySink({
      onWrite: ({ sopInstanceUid }) => {
        if (sopInstanceUid === '1.2.1') throw new LecternError('disk-full', 'full');
      },
    });
    const { port } = await startScp(sink);
    const big = outgoing('1.2.1', { bytes: instanceBytes('1.2.1', 3_000_000) });
    const outcomes = await storeInstances(nodeAt(port), [big, outgoing('1.2.2')], nothing, signal);
    expect(outcomes.map(({ status }) => status)).toEqual([0xa700, 0]);
    expect([sink.aborted, sink.kept.length]).toEqual([1, 1]);
  });

  test('a data set of another SOP class or instance: 0xA900, nothing kept', async () => {
    const sink = memorySink();
    const { port } = await startScp(sink);
    const instances = [
      outgoing('1.2.1', { bytes: instanceBytes('1.2.1', 10, '1.2.840.10008.5.1.4.1.1.4') }),
      outgoing('1.2.2', { bytes: instanceBytes('7.7.7') }),
    ];
    const outcomes = await storeInstances(nodeAt(port), instances, nothing, signal);
    expect(outcomes.map(({ status }) => status)).toEqual([0xa900, 0xa900]);
    expect(sink.kept).toEqual([]);
  });

  test('a slow sink holds the sender: no more than a few buffers wait', async () => {
    let release: () => void = nothing;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let writes = 0;
    let reached: () => void = nothing;
    const first = new Promise<void>((resolve) => (reached = resolve));
    const sink = memorySink({
      onWrite: async () => {
        writes++;
        reached();
        await gate;
      },
    });
    const { port } = await startScp(sink);
    const bytes = instanceBytes('1.2.1', 40_000_000);
    let read = 0;
    const instance = outgoing('1.2.1', {
      bytes,
      async *dataset() {
        for (let at = 0; at < bytes.length; at += 100_000) {
          read = at;
          yield bytes.subarray(at, at + 100_000);
        }
      },
    });
    const sending = storeInstances(nodeAt(port), [instance], nothing, signal);
    await first;
    // The sender stops by itself: what it has read by then is bounded by the buffers on the way, not by the instance.
    for (let last = -1; last !== read;) {
      last = read;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(read).toBeLessThan(20_000_000);
    expect(writes).toBe(1);
    release();
    expect((await sending)[0]?.outcome).toBe('sent');
    expect(sink.kept[0]?.file.length).toBeGreaterThan(40_000_000);
  });

  test.each([
    [0xb000, 'warning', 'coerced'],
    [0xb006, 'warning', 'discarded'],
    [0xb007, 'warning', 'does not fit'],
    [0xa700, 'failed', 'out of resources'],
    [0xc001, 'failed', 'cannot be understood'],
  ])('a peer that answers %i: %s, in words', async (status, outcome, words) => {
    const peer = await peerWith({ onRequest: (request, association) => association.respond(request, { status }) });
    const [found] = await storeInstances(nodeAt(peer.port), [outgoing('1.2.1')], nothing, signal);
    expect(found).toMatchObject({ outcome, status });
    expect(found?.reason).toContain(words);
  });

  test('with a window, several requests are under way; without one, one after the other', async () => {
    for (const [maxInvoked, expected] of [
      [4, 4],
      [1, 1],
    ] as const) {
      let underway = 0;
      let most = 0;
      const waiting: (() => void)[] = [];
      const peer = await peerWith({
        user: () => ({ asyncWindow: { invoked: 4, performed: 1 } }),
        onRequest: async (request, association) => {
          most = Math.max(most, ++underway);
          if (underway < expected) await new Promise<void>((resolve) => waiting.push(resolve));
          else for (const go of waiting.splice(0)) go();
          underway--;
          await association.respond(request, { status: 0 });
        },
      });
      const instances = Array.from({ length: 8 }, (_, index) => outgoing(`1.2.${index + 1}`));
      const outcomes = await storeInstances(nodeAt(peer.port, { maxInvoked }), instances, nothing, signal);
      expect(outcomes.every(({ outcome }) => outcome === 'sent')).toBe(true);
      expect(most).toBe(expected);
    }
  });

  test('what cannot be read to its end is never passed off as whole', async () => {
    const sink = memorySink();
    const { port } = await startScp(sink);
    const torn = outgoing('1.2.2', { sizeBytes: 5000 });
    const broken = outgoing('1.2.3', {
      async *dataset() {
        yield instanceBytes('1.2.3');
        throw new LecternError('not-found', 'The file is damaged.');
      },
    });
    const outcomes = await storeInstances(
      nodeAt(port),
      [outgoing('1.2.1'), torn, outgoing('1.2.4'), broken, outgoing('1.2.5')],
      nothing,
      signal,
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['sent', 'failed', 'sent', 'failed', 'sent']);
    expect(outcomes[3]?.reason).toBe('The file is damaged.');
    expect(sink.kept.map(({ announced }) => announced.sopInstanceUid)).toEqual(['1.2.1', '1.2.4', '1.2.5']);
  });
});

describe('admission', () => {
  test.each([
    ['unknown-caller', 'calling AE title'],
    ['wrong-called-aet', 'called AE title'],
    ['busy', 'limit of associations'],
  ] as const)('%s is refused with its reason, and reported', async (reason, words) => {
    const refused: string[] = [];
    const { port } = await startScp(memorySink(), {
      policy: () => ({ isAdmitted: false, reason }),
      events: { onRefused: ({ callingAet, address }, why) => void refused.push(`${callingAet} ${address} ${why}`) },
    });
    await expect(storeInstances(nodeAt(port), [outgoing('1.2.1')], nothing, signal)).rejects.toThrow(words);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toContain('LECTERN 127.0.0.1');
  });

  test('associations beyond the limit are refused for now; room comes back', async () => {
    const { port } = await startScp(memorySink(), { scp: { maxAssociations: 1 } });
    const open = await requestAssociation(nodeAt(port), {
      proposals: [{ abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    });
    await expect(storeInstances(nodeAt(port), [outgoing('1.2.1')], nothing, signal)).rejects.toThrow('for now');
    await open.association.release();
    expect((await storeInstances(nodeAt(port), [outgoing('1.2.1')], nothing, signal))[0]?.outcome).toBe('sent');
  });
});

const rows = async (answers: AsyncIterable<QueryAnswer>): Promise<QueryAnswer[]> => {
  const all: QueryAnswer[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
};
const identifier = (dataset: Dataset, transferSyntaxUid: string): Buffer =>
  Buffer.from(writeFile(dataset, { transferSyntaxUid, hasPreamble: false, hasMeta: false }));
const match = async (
  association: Association,
  request: IncomingRequest,
  dataset: Dataset,
  status = 0xff00,
): Promise<void> => {
  const { messageId = 0, affectedSopClassUid = '' } = request.command;
  const command = { commandField: COMMAND.findRsp, messageIdBeingRespondedTo: messageId, affectedSopClassUid, status };
  await association.send(request.contextId, command, identifier(dataset, request.context.transferSyntaxUid));
};
const STUDIES: QueryRequest = { level: 'study', keys: [], include: [] };

describe('queries', () => {
  test('keys, level and character set as asked; matches decoded in theirs', async () => {
    const asked: unknown[] = [];
    const peer = await peerWith({
      onRequest: async (request, association, dataset) => {
        const read = readIdentifier(dataset ?? Buffer.alloc(0), request.context.transferSyntaxUid);
        asked.push(read.ok ? read.value.dataset : read.error);
        await match(association, request, {
          '00080005': text('CS', 'ISO_IR 192'),
          '00100010': text('PN', 'Müller^Jörg'),
        });
        await match(association, request, { '00080005': text('CS', 'ISO_IR 192'), '00100010': text('PN', 'Ελένη^Π') });
        await association.respond(request, { status: 0 });
      },
    });
    const request: QueryRequest = {
      level: 'worklist',
      keys: [
        { path: ['00100010'], vr: 'PN', value: 'mü*' },
        { path: ['00400100', '00080060'], vr: 'CS', value: 'CT' },
        { path: ['00400100', '00400002'], vr: 'DA', value: '20261125-' },
      ],
      include: ['00400100.00400007', '00321060'],
    };
    const answers = await rows(sourceAt(peer.port, { charset: 'ISO_IR 100' }).query(request, signal));
    expect(answers.map((answer) => (answer.kind === 'match' ? answer.dataset['00100010']?.Value : answer))).toEqual([
      [{ Alphabetic: 'Müller^Jörg' }],
      [{ Alphabetic: 'Ελένη^Π' }],
    ]);
    expect(asked).toEqual([
      {
        '00080005': { vr: 'CS', Value: ['ISO_IR 100'] },
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'mü*' }] },
        '00321060': { vr: 'LO' },
        '00400100': {
          vr: 'SQ',
          Value: [
            {
              '00080060': { vr: 'CS', Value: ['CT'] },
              '00400002': { vr: 'DA', Value: ['20261125-'] },
              '00400007': { vr: 'LO' },
            },
          ],
        },
      },
    ]);
    expect(peer.requests[0]?.contexts[0]?.abstractSyntaxUid).toBe('1.2.840.10008.5.1.4.31');
  });

  test('a character that the node has no place for is said before anybody is called', async () => {
    const peer = await peerWith({ onRequest: nothing });
    const request = { ...STUDIES, keys: [{ path: ['00100010'], vr: 'PN', value: '王*' }] };
    await expect(rows(sourceAt(peer.port, { charset: 'ISO_IR 100' }).query(request, signal))).rejects.toThrow(
      '王 cannot be written in ISO_IR 100',
    );
    expect(peer.requests).toHaveLength(0);
  });

  /** Sends matches until it is cancelled. */
  function endless(seen: { cancelled: boolean; sent: number }): PeerScript {
    return {
      onRequest: async (request, association) => {
        if (request.command.commandField === COMMAND.cancelRq) {
          seen.cancelled = true;
          return;
        }
        while (!seen.cancelled && association.isOpen) {
          seen.sent++;
          await match(association, request, { '0020000D': text('UI', `1.2.${seen.sent}`) });
          await new Promise((resolve) => setImmediate(resolve));
        }
        await association.respond(request, { status: 0xfe00 });
      },
    };
  }

  test('a limit cuts the list visibly, and cancels at the peer', async () => {
    const seen = { cancelled: false, sent: 0 };
    const peer = await peerWith(endless(seen));
    const answers = await rows(sourceAt(peer.port).query({ ...STUDIES, limit: 3 }, signal));
    expect(answers.map(({ kind }) => kind)).toEqual(['match', 'match', 'match', 'notice']);
    expect(answers[3]).toMatchObject({ code: 'cut' });
    expect(seen.cancelled).toBe(true);
  });

  test('leaving early cancels; so does the signal, with its reason', async () => {
    const seen = { cancelled: false, sent: 0 };
    const peer = await peerWith(endless(seen));
    for await (const answer of sourceAt(peer.port).query(STUDIES, signal)) if (answer.kind === 'match') break;
    expect(seen.cancelled).toBe(true);
    const again = { cancelled: false, sent: 0 };
    const other = await peerWith(endless(again));
    const controller = new AbortController();
    const reading = (async () => {
      for await (const answer of sourceAt(other.port).query(STUDIES, controller.signal))
        if (answer.kind === 'match') controller.abort(new Error('enough'));
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(again.cancelled).toBe(true);
  });

  test('a slow reader holds the peer', async () => {
    const seen = { cancelled: false, sent: 0 };
    const peer = await peerWith(endless(seen));
    const iterator = sourceAt(peer.port).query(STUDIES, signal)[Symbol.asyncIterator]();
    await iterator.next();
    for (let last = -1; last !== seen.sent;) {
      last = seen.sent;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(seen.sent).toBeGreaterThan(200);
    await iterator.return?.();
    expect(seen.cancelled).toBe(true);
  });

  test.each([
    [0xa700, 'out of resources'],
    [0xc001, 'unable to process'],
    [0x0122, 'SOP class not supported'],
  ])('failure %i is thrown in words', async (status, words) => {
    const peer = await peerWith({
      onRequest: (request, association) => association.respond(request, { status, errorComment: 'database down' }),
    });
    await expect(rows(sourceAt(peer.port).query(STUDIES, signal))).rejects.toThrow(words);
    await expect(rows(sourceAt(peer.port).query(STUDIES, signal))).rejects.toThrow('database down');
  });

  test('unsupported keys and an early end are notices', async () => {
    const peer = await peerWith({
      onRequest: async (request, association) => {
        await match(association, request, { '0020000D': text('UI', '1.2.3') }, 0xff01);
        await association.respond(request, { status: 0xb000 });
      },
    });
    const answers = await rows(sourceAt(peer.port).query(STUDIES, signal));
    expect(answers.map((answer) => (answer.kind === 'notice' ? answer.code : answer.kind))).toEqual([
      'keys-unsupported',
      'match',
      'cut',
    ]);
  });

  test('a service that is not offered is named', async () => {
    const peer = await peerWith({
      onRequest: nothing,
      answer: ({ id }) => ({ id, result: 3, transferSyntaxUid: IMPLICIT }),
    });
    await expect(rows(sourceAt(peer.port).query({ ...STUDIES, level: 'worklist' }, signal))).rejects.toThrow(
      'does not offer the modality worklist',
    );
  });
});

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
        announced.sopInstanceUid === '1.2.4'
          ? { outcome: 'conflict', sizeBytes: 1, reason: 'Other content is held.' }
          : undefined,
    });
    const result = await sourceAt(peer.port).retrieve(SELECTION, sink, nothing, signal);
    expect(result).toMatchObject({ expected: 5, received: 3 });
    expect(result.failed).toEqual([
      { sopInstanceUid: '1.2.4', reason: 'Other content is held. It is kept aside.' },
      { sopInstanceUid: '1.2.2', reason: 'The other system could not send it.' },
    ]);
    expect(result.warnings[0]).toContain('0xB000');
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

  test('a peer that grants no role says so', async () => {
    const peer = await peerWith({ ...getPeer(), user: () => ({ roles: [] }) });
    await expect(sourceAt(peer.port).retrieve(SELECTION, memorySink(), nothing, signal)).rejects.toThrow(
      'sends no SOP class',
    );
  });
});

describe('C-MOVE', () => {
  const movePeer = (scpPort: () => number, hasOriginator: boolean, destination = 'LECTERN'): PeerScript => ({
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

  test('a destination that the peer does not know is named', async () => {
    const scp = await startScp(memorySink());
    const peer = await peerWith(movePeer(() => scp.port, true, 'SOMEBODY'));
    const retrieving = sourceAt(peer.port, { retrieve: 'move' }, scp).retrieve(
      SELECTION,
      memorySink(),
      nothing,
      signal,
    );
    await expect(retrieving).rejects.toThrow('PEER does not know the destination LECTERN');
  });

  test('without a receiver it is refused here', async () => {
    const peer = await peerWith({ onRequest: nothing });
    await expect(
      sourceAt(peer.port, { retrieve: 'move' }).retrieve(SELECTION, memorySink(), nothing, signal),
    ).rejects.toThrow('not running');
  });
});

describe('storage commitment', () => {
  const REFERENCES = ['1.2.1', '1.2.2', '1.2.3'].map((sopInstanceUid) => ({ sopClassUid: CT, sopInstanceUid }));
  const report = (transactionUid: string): Buffer => {
    const item = (uid: string): Map<string, ReturnType<typeof uidElement>> =>
      new Map([
        ['00081150', uidElement(CT)],
        ['00081155', uidElement(uid)],
      ]);
    const failed = new Map([
      ...item('1.2.2'),
      ['00081197', { vr: 'US', value: Uint8Array.from([0x12, 0x01]) }] as const,
    ]);
    return encodeElements(
      new Map<string, { vr: string; value: Uint8Array | Map<string, { vr: string; value: Uint8Array }>[] }>([
        ['00081195', uidElement(transactionUid)],
        ['00081199', { vr: 'SQ', value: [item('1.2.1')] }],
        ['00081198', { vr: 'SQ', value: [failed] }],
      ]),
      EXPLICIT,
    );
  };
  const eventReport = {
    commandField: COMMAND.eventReportRq,
    affectedSopClassUid: STORAGE_COMMITMENT,
    affectedSopInstanceUid: '1.2.840.10008.1.20.1.1',
    eventTypeId: 2,
  };
  const transactionOf = (dataset: Buffer | undefined): string => {
    const read = readIdentifier(dataset ?? Buffer.alloc(0), EXPLICIT);
    return read.ok ? String(read.value.dataset['00081195']?.Value?.[0]) : '';
  };
  const EXPECTED = {
    committed: [REFERENCES[0]],
    failed: [{ ...REFERENCES[1], status: 0x0112, reason: 'Failure reason status 0x0112, no such instance.' }],
    unanswered: [REFERENCES[2]],
  };

  test('reported on the same association', async () => {
    const answers: number[] = [];
    const peer = await peerWith({
      onRequest: async (request, association, dataset) => {
        await association.respond(request, { status: 0 });
        const operation = association.operate(request.contextId, eventReport, report(transactionOf(dataset)));
        answers.push((await operation.next()).status);
      },
    });
    expect(await sourceAt(peer.port).commit(REFERENCES, signal)).toMatchObject(EXPECTED);
    expect(answers).toEqual([0]);
  });

  test('reported on an association of its own, after the asking one has gone', async () => {
    const scp = await startScp(memorySink());
    const peer = await peerWith({
      onRequest: async (request, association, dataset) => {
        await association.respond(request, { status: 0 });
        await association.ended;
        const open = await requestAssociation(nodeAt(scp.port, { callingAet: 'PEER' }), {
          proposals: [{ abstractSyntaxUid: STORAGE_COMMITMENT, transferSyntaxUids: [EXPLICIT] }],
          roles: [{ sopClassUid: STORAGE_COMMITMENT, isScu: false, isScp: true }],
          settings: DEFAULT_SETTINGS,
        });
        expect(open.roles).toEqual([{ sopClassUid: STORAGE_COMMITMENT, isScu: false, isScp: true }]);
        await open.association.operate(1, eventReport, report(transactionOf(dataset))).next();
        await open.association.release();
      },
    });
    const source = sourceAt(peer.port, {}, scp, { commitLingerMs: 20 });
    expect(await source.commit(REFERENCES, signal)).toMatchObject(EXPECTED);
  });

  test('a report that never comes is said, and one that nobody waits for is handed on', async () => {
    const unknown: string[] = [];
    const scp = await startScp(memorySink(), {
      events: { onUnknownCommitment: (_caller, { transactionUid }) => void unknown.push(transactionUid) },
    });
    const peer = await peerWith({ onRequest: (request, association) => association.respond(request, { status: 0 }) });
    const source = sourceAt(peer.port, {}, scp, { commitLingerMs: 5, commitTimeoutMs: 60 });
    await expect(source.commit(REFERENCES, signal)).rejects.toThrow('has not reported');
    const open = await requestAssociation(nodeAt(scp.port), {
      proposals: [{ abstractSyntaxUid: STORAGE_COMMITMENT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    });
    expect((await open.association.operate(1, eventReport, report('1.2.99')).next()).status).toBe(0);
    await open.association.release();
    expect(unknown).toEqual(['1.2.99']);
  });

  test('a refused request is a failure in words', async () => {
    const peer = await peerWith({
      onRequest: (request, association) => association.respond(request, { status: 0x0213 }),
    });
    await expect(sourceAt(peer.port).commit(REFERENCES, signal)).rejects.toThrow('resource limitation');
  });
});
