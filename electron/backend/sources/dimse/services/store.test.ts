// C-STORE as user and provider over real sockets: bytes, statuses, back-pressure, windows; and who is let in.
import { randomFillSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { type SinkOutcome, type StoreOutcome } from '../../source.ts';
import { requestAssociation } from '../request-association.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { STORAGE_SOP_CLASSES } from '../tables/storage-sop-classes.ts';
import { TRANSFER_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import { memorySink } from '../testing/memory-sink.ts';
import { endAll, QUICK, nodeAt, nothing, peerWith, signal, startScp } from '../testing/session.ts';
import { CT, EXPLICIT, instanceBytes, outgoing, splitFile } from '../testing/wire.ts';
import { storeInstances } from './store-scu.ts';

afterEach(endAll);

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
    ['cut', { outcome: 'repaired', sizeBytes: 1, code: 'truncated-pixels', reason: 'cut' }, 0xb007],
    ['in place of a cut copy', { outcome: 'stored', sizeBytes: 1, code: 'continued', reason: 'the rest' }, 0],
    ['held already', { outcome: 'duplicate', sizeBytes: 1 }, 0],
    ['in conflict', { outcome: 'conflict', sizeBytes: 1 }, 0x0111],
    ['unreadable', { outcome: 'refused', sizeBytes: 1, code: 'malformed' }, 0xc000],
    ['found to be another one', { outcome: 'stored', sizeBytes: 1, sopInstanceUid: '9.9.9' }, 0xa900],
    ['without disk', new LecternError('disk-full', 'full'), 0xa700],
    ['hit by a disk that takes nothing', new LecternError('not-written', 'read-only'), 0x0110],
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
    expect(outcome?.outcome).toBe(status === 0 ? 'sent' : status === 0xb007 ? 'warning' : 'failed');
    expect(sink.aborted).toBe(result instanceof Error ? 1 : 0);
  });

  test.each([
    ['1.2.3.999', { outcome: 'warning', reason: 'The other system answered for another instance, 1.2.3.999.' }],
    ['1.2.1', { outcome: 'sent' }],
    [undefined, { outcome: 'sent' }],
  ])('success that names the instance %s', async (affectedSopInstanceUid, said) => {
    const { port } = await peerWith({
      onRequest: (request, association) =>
        association.respond(request, {
          status: 0,
          ...(affectedSopInstanceUid !== undefined && { affectedSopInstanceUid }),
        }),
    });
    expect(await storeInstances(nodeAt(port), [outgoing('1.2.1')], nothing, signal)).toMatchObject([said]);
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
    randomFillSync(bytes, bytes.length - 39_000_000);
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
    // The beginning, and what came along with it.
    expect(writes).toBe(2);
    release();
    expect((await sending)[0]?.outcome).toBe('sent');
    expect(sink.kept[0]?.file.subarray(-bytes.length).equals(bytes)).toBe(true);
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

  test.each([4, 1])('several associations share one list; a provider with room for %i loses nothing', async (room) => {
    const sink = memorySink();
    let most = 0;
    const scp = await startScp(sink, {
      scp: { maxAssociations: room },
      events: { onOpened: () => (most = Math.max(most, scp.openAssociations)) },
    });
    const instances = Array.from({ length: 60 }, (_, index) => outgoing(`1.2.${index}`));
    const outcomes = await storeInstances(nodeAt(scp.port, { storeAssociations: 3 }), instances, nothing, signal);
    expect(outcomes.map(({ outcome, sopInstanceUid }) => `${sopInstanceUid} ${outcome}`)).toEqual(
      instances.map(({ sopInstanceUid }) => `${sopInstanceUid} sent`),
    );
    expect(sink.kept).toHaveLength(60);
    expect(most).toBe(Math.min(3, room));
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

  test('private classes are taken where they are named, unknown ones and unknown syntaxes where everything is', async () => {
    const unknown = outgoing('1.2.1', { sopClassUid: '1.2.3.4.5', bytes: instanceBytes('1.2.1', 10, '1.2.3.4.5') });
    const odd = { ...unknown, transferSyntaxUid: '1.2.3.4.5.6' };
    for (const [scp, expected] of [
      [{}, ['refused', 'refused']],
      [{ privateSopClassUids: ['1.2.3.4.5'] }, ['sent', 'refused']],
      [{ takesUnknown: true }, ['sent', 'sent']],
    ] as const) {
      const { port } = await startScp(memorySink(), { scp });
      const outcomes = await storeInstances(nodeAt(port), [unknown, odd], nothing, signal);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(expected);
    }
  });

  test('an admission may hold its caller to a rate: at a thousand bytes a second, nothing large comes through in time', async () => {
    const sink = memorySink();
    const { port } = await startScp(sink, { policy: () => ({ isAdmitted: true, maxBytesPerSecond: 1000 }) });
    const instance = outgoing('1.2.1', { bytes: instanceBytes('1.2.1', 600_000) });
    const [outcome] = await storeInstances(nodeAt(port, { settings: QUICK }), [instance], nothing, signal);
    expect(outcome?.reason).toMatch(/did not answer|took no bytes/);
    expect(sink.kept).toHaveLength(0);
  });
});
