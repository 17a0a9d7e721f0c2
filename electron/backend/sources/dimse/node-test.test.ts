// The test of a node, over real sockets, with archives that do not do all that others do.
import { afterEach, expect, test } from 'vitest';
import { text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import type { TestStep } from '../source.ts';
import { textOf } from '#shared/dicom/json-values.ts';
import type { Association, IncomingRequest } from './association.ts';
import { readIdentifier } from './identifier/read-identifier.ts';
import { COMMAND } from './message/command-set.ts';
import { requestAssociation } from './request-association.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { memorySink } from './testing/memory-sink.ts';
import type { PeerScript } from './testing/scripted-peer.ts';
import { endAll, nodeAt, peerWith, signal, sourceAt, startScp } from './testing/session.ts';
import { CT, EXPLICIT, instanceBytes } from './testing/wire.ts';

afterEach(endAll);

const ROWS: Record<string, Dataset> = {
  STUDY: { '0020000D': text('UI', '1.2') },
  SERIES: { '0020000D': text('UI', '1.2'), '0020000E': text('UI', '1.2.1'), '00080060': text('CS', 'CT') },
};

/** Answers C-FIND for studies and series, and gives a series; no level of instances. */
function withoutInstances(scpPort: () => number, moves: { isNamed: boolean }): PeerScript & { asked: string[] } {
  const asked: string[] = [];
  const store = async (association: Association, request: IncomingRequest, isMove: boolean): Promise<void> => {
    const { messageId = 0 } = request.command;
    const context = association.contextFor(CT, EXPLICIT);
    const command = { commandField: COMMAND.storeRq, affectedSopClassUid: CT, priority: 0 };
    const named = isMove && moves.isNamed ? { moveOriginatorAet: 'LECTERN', moveOriginatorMessageId: messageId } : {};
    for (const uid of ['1.2.1.1', '1.2.1.2'])
      await association
        .operate(context?.id ?? 1, { ...command, ...named, affectedSopInstanceUid: uid }, instanceBytes(uid))
        .next();
  };
  const onRequest: PeerScript['onRequest'] = async (request, association, dataset) => {
    const read = readIdentifier(dataset ?? Buffer.alloc(0), request.context.transferSyntaxUid);
    const level = read.ok ? (textOf(read.value.dataset, '00080052') ?? '') : '';
    const { commandField, messageId = 0, affectedSopClassUid = '' } = request.command;
    const done = { completedSubOperations: 2, failedSubOperations: 0, warningSubOperations: 0 };
    if (commandField === COMMAND.findRq) {
      const found = ROWS[level];
      if (!found) return association.respond(request, { status: 0xa900 });
      const row = writeFile(found, {
        transferSyntaxUid: request.context.transferSyntaxUid,
        hasPreamble: false,
        hasMeta: false,
      });
      const pending = { messageIdBeingRespondedTo: messageId, affectedSopClassUid, status: 0xff00 };
      await association.send(request.contextId, { commandField: COMMAND.findRsp, ...pending }, row);
      return association.respond(request, { status: 0 });
    }
    if (commandField === COMMAND.echoRq) return association.respond(request, { status: 0 });
    if (commandField === COMMAND.getRq) {
      asked.push(`get ${level}`);
      await store(association, request, false);
      return association.respond(request, { status: 0, ...done });
    }
    if (commandField !== COMMAND.moveRq) return undefined;
    asked.push(`move ${level}`);
    const open = await requestAssociation(nodeAt(scpPort(), { aet: 'LECTERN', callingAet: 'PEER' }), {
      proposals: [{ abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    });
    await store(open.association, request, true);
    await open.association.release();
    return association.respond(request, { status: 0, ...done });
  };
  return { onRequest, asked };
}

test.each([true, false])(
  'a node that lists no instances is tried by a series (moves are named: %s)',
  async (isNamed) => {
    const unasked = memorySink();
    const scp = await startScp(unasked);
    const script = withoutInstances(() => scp.port, { isNamed });
    const peer = await peerWith(script);
    const steps: TestStep[] = [];
    for await (const step of sourceAt(peer.port, {}, scp).test(signal)) steps.push(step);
    const found = Object.fromEntries(steps.map(({ step, outcome, detail }) => [step, { outcome, detail }]));
    expect(found['find']).toMatchObject({
      outcome: 'warning',
      detail: expect.stringContaining('C-FIND finds studies and series, but no instances') as string,
    });
    expect(found['get']).toEqual({ outcome: 'ok', detail: 'One instance was fetched.' });
    expect(script.asked).toEqual(['get SERIES', 'move SERIES']);
    // What names no move may have been sent unasked: it is not thrown away.
    expect(unasked.kept).toHaveLength(isNamed ? 0 : 2);
    expect(found['return-path']?.outcome).toBe(isNamed ? 'ok' : 'warning');
  },
);
