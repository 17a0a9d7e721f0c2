// What comes in on a full disk or before a kill, over the whole backend: routing and the audit log catch up.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { nodeSettings } from '#shared/contract/nodes.ts';
import { receiverSettings } from '#shared/contract/receiver.ts';
import { text } from '#shared/testing/dicom-builder.ts';
import { fillDisk } from './base/testing.ts';
import { backendForEachTest, instance } from './routes/testing.ts';
import { COMMAND } from './sources/dimse/message/command-set.ts';
import { requestAssociation } from './sources/dimse/request-association.ts';
import { DEFAULT_SETTINGS } from './sources/dimse/settings.ts';
import { startPeer } from './sources/dimse/testing/scripted-peer.ts';
import { nodeAt } from './sources/dimse/testing/session.ts';
import { CT, EXPLICIT, instanceBytes, splitFile } from './sources/dimse/testing/wire.ts';

const at = backendForEachTest();

/** A rule that sends everything on, and an open association of CT1 with the receiver. */
async function watching() {
  const { nodes, receiver, rules } = at.backend.open();
  nodes.add(pacsAt(1));
  rules.setRouting([{ name: 'on', when: [{ keyword: 'Modality', value: '*' }], sendTo: 'pacs' }]);
  await receiver.change(receiverSettings.parse({ isOn: true, aet: 'LECTERN', port: 0 }));
  return calling();
}

async function calling() {
  const { receiver } = at.backend.open();
  const { association } = await requestAssociation(
    nodeAt(receiver.address!.port, { callingAet: 'CT1', aet: 'LECTERN' }),
    {
      proposals: [{ abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    },
  );
  return {
    /** Status of the answer. */
    store: async (): Promise<number | undefined> => {
      const command = {
        commandField: COMMAND.storeRq,
        affectedSopClassUid: CT,
        affectedSopInstanceUid: '1.2.1',
        priority: 0,
      };
      return (await association.operate(1, command, splitFile(instanceBytes('1.2.1')).dataset).next())?.status;
    },
    release: async (): Promise<void> => {
      await association.release();
      await expect.poll(() => receiver.view().openAssociations).toBe(0);
    },
  };
}
const pacsAt = (port: number) =>
  nodeSettings.parse({ kind: 'dimse', name: 'pacs', aet: 'P', host: '127.0.0.1', port, callingAet: 'L' });
const sentOn = (): unknown[] =>
  at.backend
    .open()
    .jobs.inputs('send')
    .map(({ input }) => input);
const ON = { node: 'pacs', uids: ['1.2.1'] };

test('is sent on and recorded once there is space (no room for jobs)', async () => {
  const { archive, audit, receiver } = at.backend.open();
  const caller = await watching();
  const makeSpace = fillDisk(archive.index.db, 'job');
  await caller.store();
  await caller.release();
  makeSpace();
  await receiver.stop();
  expect(sentOn()).toMatchObject([ON]);
  expect(JSON.stringify(audit.records())).toContain('received from CT1');
});

test('is not taken in where there is no room to note that it is to be sent on: it comes again', async () => {
  const { archive } = at.backend.open();
  const caller = await watching();
  const makeSpace = fillDisk(archive.index.db, 'arrival');
  expect(await caller.store()).toBe(0xa700);
  expect(archive.index.locateAll({})).toEqual([]);
  makeSpace();
  await caller.store();
  await caller.release();
  expect(sentOn()).toMatchObject([ON]);
});

test.each(['before', 'after'])(
  'is sent on by the next start where the program was killed just %s it came into the index, and not once more when it comes again',
  async (moment) => {
    const data = path.join(at.folder, 'data');
    const killed = path.join(at.folder, 'killed');
    // The folder as a kill leaves it.
    const keep = (): void => fs.cpSync(data, killed, { recursive: true, filter: (file) => !file.endsWith('lock.db') });
    const { index } = at.backend.open().archive;
    const commit = index.commit.bind(index);
    vi.spyOn(index, 'commit').mockImplementation((...rows) => {
      if (moment === 'before') keep();
      commit(...rows);
      if (moment === 'after') keep();
    });
    const caller = await watching();
    await caller.store();
    await caller.release();
    await at.backend.close();
    fs.rmSync(data, { recursive: true });
    fs.renameSync(killed, data);
    await at.open();
    expect(sentOn()).toMatchObject([ON]);
    const again = await calling();
    expect(await again.store()).toBe(0);
    await again.release();
    expect(sentOn()).toHaveLength(1);
    expect(at.backend.open().archive.index.db.prepare('SELECT * FROM arrival').all()).toEqual([]);
  },
);

/** Nothing of the last second before a power cut is in the index; the files are. */
async function cutPower(): Promise<void> {
  const data = path.join(at.folder, 'data');
  const { db } = at.backend.open().archive.index;
  db.execute('DELETE FROM job; DELETE FROM arrival; DELETE FROM instance; DELETE FROM instance_detail');
  await at.backend.close();
  fs.renameSync(path.join(data, 'shut'), path.join(data, 'open'));
  await at.open();
}

test('what a power cut took the note of is told, since no rule has seen it', async () => {
  const caller = await watching();
  await caller.store();
  await caller.release();
  await cutPower();
  const { archive, jobs } = at.backend.open();
  expect(archive.index.locate('1.2.1')).toBeDefined();
  expect(jobs.list()).toMatchObject([{ title: 'Routing rules', state: 'failed' }]);
  expect(jobs.list()[0]?.message).toMatch(/The rules have not seen the last that came, 1 instance: send on by hand/);
});

test('nothing is told of what came otherwise while nobody sent anything, or fits no rule', async () => {
  const caller = await watching();
  await caller.store();
  await caller.release();
  const { rules } = at.backend.open();
  const [rule] = rules.routing();
  rules.setRouting([{ ...rule!, when: [{ keyword: 'Modality', value: 'none such' }] }]);
  await cutPower();
  expect(at.backend.open().jobs.list()).toEqual([]);
  // Nothing was sent since that start.
  at.backend.open().rules.setRouting([rule!]);
  await at.take(at.put('1.dcm', instance(1, 1)));
  await cutPower();
  expect(at.backend.open().archive.index.locateAll({ studyUid: '1.2.3.1' })).toHaveLength(1);
  expect(at.backend.open().jobs.list()).toEqual([]);
});

test('a disk that takes no word of that keeps the archive from nothing', async () => {
  const data = path.join(at.folder, 'data');
  const caller = await watching();
  await caller.store();
  await caller.release();
  const { db } = at.backend.open().archive.index;
  db.execute('DELETE FROM job; DELETE FROM arrival; DELETE FROM instance; DELETE FROM instance_detail');
  fillDisk(db, 'job');
  await at.backend.close();
  fs.renameSync(path.join(data, 'shut'), path.join(data, 'open'));
  await at.open();
  expect(at.backend.open().archive.index.locate('1.2.1')).toBeDefined();
  expect(at.bugs.splice(0)).toEqual([expect.objectContaining({ code: 'disk-full' })]);
});

test('what comes for a study whose sending waits joins that job, over a restart; its name says patient and study first', async () => {
  const got = new Set<string | undefined>();
  const peer = await startPeer({
    onRequest: (request, association) => {
      got.add(request.command.affectedSopInstanceUid);
      return association.respond(request, { status: 0 });
    },
  });
  const uids = [1, 2, 3].map((sop) => `1.2.3.1.${sop}`);
  const description = { '00081030': text('LO', 'Knee') };
  await at.take(...uids.map((uid, sop) => at.put(uid, instance(1, sop + 1, description))), at.put('2', instance(2, 1)));
  at.backend.open().rules.setRouting([{ name: 'on', when: [], sendTo: 'pacs' }]);
  const arrived = (...all: string[]): void =>
    at.backend.open().rules.arrived(
      'CT1',
      all.map((sopInstanceUid) => ({
        sopInstanceUid,
        studyUid: sopInstanceUid.split('.').slice(0, 4).join('.'),
        outcome: 'stored',
      })),
    );
  const titles = (): string[] =>
    at.backend
      .open()
      .jobs.list()
      .map(({ title }) => title);
  arrived(uids[0]!);
  arrived(uids[1]!, '1.2.3.2.1');
  expect(titles().sort()).toEqual(['Patient, 1, P1, OT, Knee: on to pacs', 'Patient, 2, P2, OT: on to pacs']);
  await at.backend.close();
  await at.open();
  arrived(uids[2]!);
  expect(sentOn()).toContainEqual(expect.objectContaining({ uids }));
  at.backend.open().nodes.add(pacsAt(peer.port));
  await expect
    .poll(() =>
      at.backend
        .open()
        .jobs.list()
        .map(({ state, itemsDone, itemsTotal }) => `${state} ${itemsDone}/${itemsTotal}`)
        .sort(),
    )
    .toEqual(['done 1/1', 'done 3/3']);
  expect(got).toEqual(new Set([...uids, '1.2.3.2.1']));
  // What has ended takes no more.
  arrived(uids[0]!);
  expect(titles()).toHaveLength(3);
  await peer.close();
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
  nodes.add(pacsAt(peer.port));
  await expect.poll(() => jobs.list().map(({ state }) => state)).toEqual(['done', 'done']);
  expect(sent).toEqual(['1.2.3.1.1']);
  await peer.close();
});
