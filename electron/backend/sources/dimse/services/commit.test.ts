// Storage commitment as user, over real sockets: reports on either association, failures, silence.
import { afterEach, describe, expect, test } from 'vitest';
import type { CommitResult } from '#backend/sources/source.ts';
import { encodeElements, uidElement } from '#backend/base/encode-elements.ts';
import { readIdentifier } from '../identifier/read-identifier.ts';
import { COMMAND } from '../message/command-set.ts';
import { requestAssociation } from '../request-association.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { STORAGE_COMMITMENT } from '../tables/sop-classes.ts';
import { memorySink } from '../testing/memory-sink.ts';
import { CommitmentReports } from './commitment-reports.ts';
import { endAll, nodeAt, peerWith, signal, sourceAt, startScp } from '../testing/session.ts';
import { CT, EXPLICIT } from '../testing/wire.ts';

afterEach(endAll);

describe('storage commitment', () => {
  const REFERENCES = ['1.2.1', '1.2.2', '1.2.3'].map((sopInstanceUid) => ({ sopClassUid: CT, sopInstanceUid }));
  const report = (transactionUid: string, failedUid = '1.2.2'): Buffer => {
    const item = (uid: string): Map<string, ReturnType<typeof uidElement>> =>
      new Map([
        ['00081150', uidElement(CT)],
        ['00081155', uidElement(uid)],
      ]);
    const failed = new Map([
      ...item(failedUid),
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

  test('an instance that is answered for as one of another SOP class is not answered for', async () => {
    const peer = await peerWith({
      onRequest: async (request, association, dataset) => {
        await association.respond(request, { status: 0 });
        await association.operate(request.contextId, eventReport, report(transactionOf(dataset))).next();
      },
    });
    const [asked, ...others] = REFERENCES.map((each) => ({ ...each }));
    const references = [
      { sopInstanceUid: asked?.sopInstanceUid ?? '', sopClassUid: '1.2.840.10008.5.1.4.1.1.4' },
      ...others,
    ];
    const result = await sourceAt(peer.port).commit(references, signal);
    expect(result.committed).toEqual([]);
    expect(result.failed[0]).toEqual({ ...references[0], reason: `It answers for it as ${CT}, another SOP class.` });
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

  test('a report that is repeated is taken again, one that says otherwise is told', async () => {
    const scp = await startScp(memorySink());
    let transactionUid = '';
    const peer = await peerWith({
      onRequest: async (request, association, dataset) => {
        await association.respond(request, { status: 0 });
        transactionUid = transactionOf(dataset);
        await association.operate(request.contextId, eventReport, report(transactionUid)).next();
      },
    });
    const others: CommitResult[] = [];
    await sourceAt(peer.port, {}, scp).commit(REFERENCES, signal, (other) => void others.push(other));
    const open = await requestAssociation(nodeAt(scp.port), {
      proposals: [{ abstractSyntaxUid: STORAGE_COMMITMENT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    });
    const again = async (failed: string): Promise<number> =>
      (await open.association.operate(1, eventReport, report(transactionUid, failed)).next()).status;
    expect(await again('1.2.2')).toBe(0);
    expect(others).toEqual([]);
    expect(await again('1.2.3')).toBe(0);
    await open.association.release();
    expect(others).toMatchObject([{ failed: [{ sopInstanceUid: '1.2.3' }], unanswered: [REFERENCES[1]] }]);
  });

  test('a report that never comes is said, and one that nobody waits for is handed on', async () => {
    const unknown: string[] = [];
    const scp = await startScp(memorySink(), {
      commitments: new CommitmentReports(({ transactionUid }, peer) => unknown.push(`${transactionUid} ${peer}`) > 1),
    });
    const peer = await peerWith({ onRequest: (request, association) => association.respond(request, { status: 0 }) });
    const source = sourceAt(peer.port, {}, scp, { commitLingerMs: 5, commitTimeoutMs: 60 });
    await expect(source.commit(REFERENCES, signal)).rejects.toThrow('has not reported');
    const open = await requestAssociation(nodeAt(scp.port), {
      proposals: [{ abstractSyntaxUid: STORAGE_COMMITMENT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    });
    const statusOf = async (uid: string): Promise<number> =>
      (await open.association.operate(1, eventReport, report(uid)).next()).status;
    // Else the peer takes it for delivered.
    expect(await statusOf('1.2.98')).toBe(0x0110);
    expect(await statusOf('1.2.99')).toBe(0);
    await open.association.release();
    expect(unknown).toEqual(['1.2.98 LECTERN', '1.2.99 LECTERN']);
  });

  test('a refused request is a failure in words', async () => {
    const peer = await peerWith({
      onRequest: (request, association) => association.respond(request, { status: 0x0213 }),
    });
    await expect(sourceAt(peer.port).commit(REFERENCES, signal)).rejects.toThrow('resource limitation');
  });
});
