// What comes in on a full disk, over the whole backend: routing and the audit log catch up once there is space.
import { expect, test } from 'vitest';
import { nodeSettings } from '#shared/contract/nodes.ts';
import { receiverSettings } from '#shared/contract/receiver.ts';
import { fillDisk } from './base/testing.ts';
import { backendForEachTest, instance } from './routes/testing.ts';
import { COMMAND } from './sources/dimse/message/command-set.ts';
import { requestAssociation } from './sources/dimse/request-association.ts';
import { DEFAULT_SETTINGS } from './sources/dimse/settings.ts';
import { startPeer } from './sources/dimse/testing/scripted-peer.ts';
import { nodeAt } from './sources/dimse/testing/session.ts';
import { CT, EXPLICIT, instanceBytes, splitFile } from './sources/dimse/testing/wire.ts';

const at = backendForEachTest();

test.each(['arrival', 'job'])('is sent on and recorded once there is space (no room in %s)', async (table) => {
  const { archive, audit, jobs, nodes, receiver, rules } = at.backend.open();
  nodes.add(nodeSettings.parse({ kind: 'dimse', name: 'pacs', aet: 'P', host: '127.0.0.1', port: 1, callingAet: 'L' }));
  rules.setRouting([{ name: 'on', when: [{ keyword: 'Modality', value: '*' }], sendTo: 'pacs' }]);
  await receiver.change(receiverSettings.parse({ isOn: true, aet: 'LECTERN', port: 0 }));
  const { association } = await requestAssociation(
    nodeAt(receiver.address!.port, { callingAet: 'CT1', aet: 'LECTERN' }),
    {
      proposals: [{ abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    },
  );
  const makeSpace = fillDisk(archive.index.db, table);
  const command = {
    commandField: COMMAND.storeRq,
    affectedSopClassUid: CT,
    affectedSopInstanceUid: '1.2.1',
    priority: 0,
  };
  await association.operate(1, command, splitFile(instanceBytes('1.2.1')).dataset).next();
  await association.release();
  await expect.poll(() => receiver.view().openAssociations).toBe(0);
  makeSpace();
  await receiver.stop();
  expect(jobs.inputs('send').map(({ input }) => input)).toMatchObject([{ node: 'pacs', uids: ['1.2.1'] }]);
  expect(JSON.stringify(audit.records())).toContain('received from CT1');
});

test('what came for a node that was not set up is sent once it is, over a restart; what was removed meanwhile is not missed', async () => {
  const sent: (string | undefined)[] = [];
  const peer = await startPeer({
    onRequest: (request, association) => {
      sent.push(request.command.affectedSopInstanceUid);
      return association.respond(request, { status: 0 });
    },
  });
  await at.take(at.put('1.dcm', instance(1, 1)), at.put('2.dcm', instance(2, 1)));
  const waits = async (): Promise<void> => {
    const { jobs } = at.backend.open();
    const words = 'There is no node pacs: this is sent once it is set up, or can be cancelled.';
    await expect.poll(() => jobs.list().map(({ message }) => message)).toEqual([words, words]);
  };
  const { archive, rules } = at.backend.open();
  rules.setRouting([{ name: 'on', when: [], sendTo: 'pacs' }]);
  const arrived = (study: number): { studyUid: string; sopInstanceUid: string; outcome: 'stored' } => ({
    studyUid: `1.2.3.${study}`,
    sopInstanceUid: `1.2.3.${study}.1`,
    outcome: 'stored',
  });
  rules.arrived('CT1', [arrived(1)]);
  rules.arrived('CT1', [arrived(2)]);
  await waits();
  await archive.removeStudy('1.2.3.2');
  await at.backend.close();
  await at.open();
  const { jobs, nodes } = at.backend.open();
  await expect
    .poll(() =>
      jobs
        .list()
        .map(({ state }) => state)
        .sort(),
    )
    .toEqual(['done', 'running']);
  nodes.add(
    nodeSettings.parse({
      kind: 'dimse',
      name: 'pacs',
      aet: 'P',
      host: '127.0.0.1',
      port: peer.port,
      callingAet: 'L',
    }),
  );
  await expect.poll(() => jobs.list().map(({ state }) => state)).toEqual(['done', 'done']);
  expect(sent).toEqual(['1.2.3.1.1']);
  await peer.close();
});
