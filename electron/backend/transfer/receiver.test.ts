// The receiver with its archive: what arrived is told for who sent it, and rules send on what is new.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Archive } from '#backend/archive/archive.ts';
import type { IngestOutcome } from '#backend/archive/ingest-outcome.ts';
import { NodeStore } from '#backend/credentials/node-store.ts';
import { SecretVault } from '#backend/credentials/secret-vault.ts';
import type { JobQueue } from '#backend/jobs/job-queue.ts';
import { SettingsStore } from '#backend/settings/settings-store.ts';
import { COMMAND } from '#backend/sources/dimse/message/command-set.ts';
import { requestAssociation } from '#backend/sources/dimse/request-association.ts';
import { DEFAULT_SETTINGS } from '#backend/sources/dimse/settings.ts';
import { nodeAt } from '#backend/sources/dimse/testing/session.ts';
import { CT, EXPLICIT, instanceBytes, splitFile } from '#backend/sources/dimse/testing/wire.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { nodeSettings } from '#shared/contract/nodes.ts';
import { priorRules, receiverSettings, type RoutingRule } from '#shared/contract/receiver.ts';
import { createArchiveSink } from './archive-sink.ts';
import { ArrivalRules } from './arrival-rules.ts';
import { isKnownCaller } from './known-callers.ts';
import { Receiver } from './receiver.ts';
import type { Source } from '#backend/sources/source.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { Transfers } from './transfers.ts';

describe('what arrives', () => {
  let folder: string;
  let archive: Archive;
  let settings: SettingsStore;
  let receiver: Receiver;
  let rules: ArrivalRules;
  /** Calling AE title and instances, as told. */
  let told: [string, string[]][];
  /** Worklist entries, and studies of any patient, of every node. */
  let source: Source;
  let started: { title: string; input: unknown }[];
  let onTold: () => void;
  /** No job can be stored. */
  let isResident: boolean;
  let isDiskFull: boolean;

  /** Long for whatever takes its time on a busy machine. */
  let quietMs: number;
  beforeEach(async () => {
    quietMs = 60_000;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-receiver-'));
    const key = (): Buffer => randomBytes(32);
    const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
    archive = new Archive(path.join(folder, 'data'), keys);
    settings = new SettingsStore(path.join(folder, 'settings.db'), keys.settings);
    settings.write('receiver', receiverSettings.parse({ port: 0 }));
    const vault = new SecretVault(settings, undefined);
    told = [];
    onTold = () => undefined;
    started = [];
    isDiskFull = false;
    const onBug = (error: unknown): never => {
      throw error;
    };
    const start = (_kind: string, title: string, input: unknown): void => {
      if (isDiskFull) throw new LecternError('disk-full', 'The disk is full.');
      started.push({ title, input });
    };
    rules = new ArrivalRules({
      settings,
      archive,
      jobs: { start, inputs: () => [] } as unknown as JobQueue,
      transfers: { with: (_node: string, ask: (source: Source) => unknown) => ask(source) } as unknown as Transfers,
      nodes: { has: (name) => name !== 'gone' },
      onBug,
    });
    isResident = true;
    receiver = new Receiver({
      get isResident() {
        return isResident;
      },
      settings,
      vault,
      nodes: new NodeStore(settings, vault),
      sinkFor: (onTaken) => createArchiveSink(archive.ingest, onTaken),
      onArrived: (callingAet: string, arrived: readonly IngestOutcome[]) => {
        told.push([callingAet, arrived.map(({ sopInstanceUid = '' }) => sopInstanceUid)]);
        rules.arrived(callingAet, arrived);
        onTold();
      },
      get quietMs() {
        return quietMs;
      },
      onRefused: () => undefined,
      onLateCommitment: () => false,
      onBug,
    });
  });
  afterEach(async () => {
    await receiver.stop();
    await archive.close();
    settings.close();
    fs.rmSync(folder, { recursive: true });
  });

  test('what is no workstation keeps the settings, and does not listen until its end alone', async () => {
    isResident = false;
    await receiver.change(receiverSettings.parse({ isOn: true, port: 0 }));
    expect(receiver.settings.isOn).toBe(true);
    expect(receiver.view()).toMatchObject({ state: 'off', message: expect.stringContaining('not the workstation') });
    isResident = true;
    await receiver.change(receiverSettings.parse({ isOn: true, port: 0 }));
    expect(receiver.view().state).toBe('listening');
  });

  test('who was turned away is listed once, with how often and when last', async () => {
    settings.write('receiver', receiverSettings.parse({ port: 0, user: 'somebody' }));
    const { port } = await receiver.start();
    for (const caller of ['CT1', 'CT2', 'CT1', 'CT3', 'CT3'])
      await expect(callAs(caller, port)).rejects.toMatchObject({ code: 'peer-rejected' });
    expect(receiver.view().refused.map(({ callingAet, count }) => `${callingAet} ${count}`)).toEqual([
      'CT3 2',
      'CT1 2',
      'CT2 1',
    ]);
    expect(receiver.view().refused[0]).toMatchObject({ address: '127.0.0.1', canBeAllowed: false });
  });

  test('settings that it cannot listen by leave it listening by those before, and say why', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = await receiver.start();
    const { settings: before } = receiver;
    await expect(receiver.change({ ...before, port: (taken.address() as AddressInfo).port })).rejects.toThrow(
      /^Cannot listen on .*: another program listens there\. The settings are as they were\.$/,
    );
    expect(receiver.settings).toEqual(before);
    expect(receiver.view()).toMatchObject({ state: 'listening', address: { port }, message: null });
    await (await callAs('CT1', port)).release();
    taken.close();
  });

  async function callAs(callingAet: string, port: number) {
    const { association } = await requestAssociation(nodeAt(port, { callingAet, aet: 'LECTERN' }), {
      proposals: [{ abstractSyntaxUid: CT, transferSyntaxUids: [EXPLICIT] }],
      settings: DEFAULT_SETTINGS,
    });
    const send = async (sopInstanceUid: string): Promise<number> => {
      const command = {
        commandField: COMMAND.storeRq,
        affectedSopClassUid: CT,
        affectedSopInstanceUid: sopInstanceUid,
        priority: 0,
      };
      const { dataset } = splitFile(instanceBytes(sopInstanceUid));
      return (await association.operate(1, command, dataset).next()).status;
    };
    return { send, release: () => association.release() };
  }

  test('what is kept from the rules by an association that stays open is told once that is quiet', async () => {
    quietMs = 40;
    const { port } = await receiver.start();
    const ct = await callAs('CT1', port);
    const quiet = new Promise<void>((resolve) => (onTold = resolve));
    await ct.send('1.2.1');
    await quiet;
    expect(told).toEqual([['CT1', ['1.2.1']]]);
    await ct.send('1.2.3');
    await ct.release();
    await receiver.stop();
    expect(told.map(([, uids]) => uids)).toEqual([['1.2.1'], ['1.2.3']]);
  });

  test('two senders at once: each is told with its own instances', async () => {
    const { port } = await receiver.start();
    const [ct, mr] = [await callAs('CT1', port), await callAs('MR1', port)];
    // Kept, with the warning that they have no pixels.
    expect([await ct.send('1.2.1'), await mr.send('1.2.2'), await ct.send('1.2.3')]).toEqual([0xb007, 0xb007, 0xb007]);
    await ct.release();
    await mr.release();
    await receiver.stop();
    expect(told).toEqual([
      ['CT1', ['1.2.1', '1.2.3']],
      ['MR1', ['1.2.2']],
    ]);
  });

  test('a rule by sender applies to its instances only, and to each of them once', async () => {
    rules.setRouting([
      { name: 'on', when: [{ keyword: 'SendingApplicationEntityTitle', value: 'MR1' }], sendTo: 'pacs' },
    ]);
    const { port } = await receiver.start();
    const [ct, mr] = [await callAs('CT1', port), await callAs('MR1', port)];
    await mr.send('1.2.2');
    await ct.send('1.2.1');
    await ct.release();
    await mr.release();
    // Sent again, by a system that sends on what we send it: it must end.
    const again = await callAs('MR1', port);
    expect(await again.send('1.2.2')).toBe(0);
    await again.release();
    await receiver.stop();
    expect(told.map(([callingAet]) => callingAet)).toEqual(['CT1', 'MR1', 'MR1']);
    expect(started).toEqual([
      {
        title: 'No name: on to pacs',
        input: { node: 'pacs', uids: ['1.2.2'], commit: false, isByRule: true, studyUid: '1.2.3.4' },
      },
    ]);
  });

  test('what several rules send to one node goes there once, by the names of all that fit', async () => {
    const from = (value: string): RoutingRule['when'] => [{ keyword: 'SendingApplicationEntityTitle', value }];
    rules.setRouting([
      { name: 'all', when: [], sendTo: 'pacs' },
      { name: 'CTs', when: from('CT1'), sendTo: 'pacs' },
      { name: 'MRs', when: from('MR1'), sendTo: 'pacs' },
      { name: 'copy', when: from('CT1'), sendTo: 'vna' },
    ]);
    const { port } = await receiver.start();
    const ct = await callAs('CT1', port);
    await ct.send('1.2.1');
    await ct.release();
    await receiver.stop();
    expect(started).toMatchObject([
      { title: 'No name: all, CTs to pacs', input: { node: 'pacs', uids: ['1.2.1'] } },
      { title: 'No name: copy to vna', input: { node: 'vna', uids: ['1.2.1'] } },
    ]);
  });

  test('a rule whose node is not there says so, and starts its job all the same: that waits for the node', async () => {
    rules.setRouting([{ name: 'on', when: [], sendTo: 'gone' }]);
    expect(rules.routingProblems()).toEqual([
      'The rule on sends nothing on, since the node gone is not set up: what comes for it waits as jobs until it is.',
    ]);
    const { port } = await receiver.start();
    const ct = await callAs('CT1', port);
    await ct.send('1.2.1');
    await ct.release();
    await receiver.stop();
    expect(started).toMatchObject([{ input: { node: 'gone', uids: ['1.2.1'], isByRule: true } }]);
    rules.setRouting([{ name: 'on', when: [], sendTo: 'pacs' }]);
    expect(rules.routingProblems()).toEqual([]);
  });

  test('what a full disk keeps from being sent on is sent on once there is space, and ends nothing', async () => {
    quietMs = 40;
    rules.setRouting([
      { name: 'on', when: [{ keyword: 'SendingApplicationEntityTitle', value: 'MR1' }], sendTo: 'pacs' },
    ]);
    const { port } = await receiver.start();
    const mr = await callAs('MR1', port);
    isDiskFull = true;
    await mr.send('1.2.2');
    await mr.release();
    await expect.poll(() => told.length).toBeGreaterThan(0);
    expect(started).toEqual([]);
    const sentOn = new Promise<void>((resolve) => (onTold = resolve));
    isDiskFull = false;
    await sentOn;
    expect(started).toMatchObject([{ title: 'No name: on to pacs', input: { uids: ['1.2.2'] } }]);
  });

  test('priors that a full disk keeps from being fetched are looked for again', async () => {
    rules.setPriors(priorRules.parse({ isOn: true, nodes: ['pacs'], sameModality: false, worklistNode: 'ris' }));
    const text = (vr: string, value: string): { vr: string; Value: string[] } => ({ vr, Value: [value] });
    let asked = 0;
    const query: Source['query'] = async function* query({ level }) {
      if (level === 'study') asked++;
      const study = level === 'worklist' ? {} : { '0020000D': text('UI', '1.2.9') };
      yield { kind: 'match', dataset: { '00100020': text('LO', 'P1'), ...study }, repairs: [] };
    };
    source = { query } as Source;
    isDiskFull = true;
    await rules.fetchForWorklist('20261129');
    await expect.poll(() => asked).toBe(1);
    isDiskFull = false;
    await expect
      .poll(async () => {
        await rules.fetchForWorklist('20261129');
        return started.length;
      })
      .toBe(1);
  });

  test('a node that is renamed is still meant by the rules', () => {
    const when = [{ keyword: 'Modality', value: 'CT' }];
    rules.setRouting(['pacs', 'backup'].map((sendTo) => ({ name: `to ${sendTo}`, when, sendTo })));
    rules.setPriors(priorRules.parse({ isOn: true, nodes: ['backup', 'pacs'], worklistNode: 'pacs' }));
    rules.renameNode('pacs', 'vna');
    expect(rules.routing().map(({ sendTo }) => sendTo)).toEqual(['vna', 'backup']);
    expect(rules.priors()).toMatchObject({ nodes: ['backup', 'vna'], worklistNode: 'vna' });
  });

  test('a worklist that passes over the date brings the priors of today all the same', async () => {
    rules.setPriors(priorRules.parse({ isOn: true, nodes: ['pacs'], sameModality: false, worklistNode: 'ris' }));
    const text = (vr: string, value: string): { vr: string; Value: string[] } => ({ vr, Value: [value] });
    const step = (date: string): DicomJson => ({ '00400002': text('DA', date), '00080060': text('CS', 'CT') });
    const entry = (patientId: string, ...dates: string[]): DicomJson => ({
      '00100020': text('LO', patientId),
      '00400100': { vr: 'SQ', Value: dates.map(step) },
    });
    const query: Source['query'] = async function* query({ level, keys }) {
      const patientId = keys[0]?.value ?? '';
      const rows =
        level === 'worklist'
          ? [entry('P1', '20261128'), entry('P2', '20261128', '20261129'), entry('P3')]
          : [{ '0020000D': text('UI', `1.2.${patientId.slice(1)}`), '00100020': text('LO', patientId) }];
      for (const dataset of rows) yield { kind: 'match', dataset, repairs: [] };
    };
    source = { query } as Source;
    expect(await rules.fetchForWorklist('20261129')).toBe(2);
    await expect
      .poll(() => started.map(({ input }) => input))
      .toEqual([
        { node: 'pacs', studyUid: '1.2.2', patientId: 'P2', isPrior: true },
        { node: 'pacs', studyUid: '1.2.3', patientId: 'P3', isPrior: true },
      ]);
  });
});

describe('isKnownCaller', () => {
  const node = nodeSettings.parse({
    kind: 'dimse',
    name: 'pacs',
    aet: 'PACS',
    host: 'pacs.hospital.example',
    port: 104,
    callingAet: 'LECTERN',
  });
  const names: Record<string, string[]> = { 'pacs.hospital.example': ['10.0.0.7', '2001:db8::7'] };
  const resolve = (host: string): Promise<string[]> => Promise.resolve(names[host] ?? []);
  const isKnown = (callingAet: string, address: string, callers: { aet?: string; address?: string }[] = []) =>
    isKnownCaller({ callingAet, address }, callers, [node], resolve);

  test('a node that is set up by its host name may send from the addresses of that name', async () => {
    expect(await isKnown('PACS', '10.0.0.7')).toBe(true);
    expect(await isKnown('PACS', '2001:db8::7')).toBe(true);
    expect(await isKnown('PACS', '10.0.0.8')).toBe(false);
    expect(await isKnown('OTHER', '10.0.0.7')).toBe(false);
  });

  test('addresses are the same in each of their forms', async () => {
    expect(await isKnown('CT1', '2001:db8::1', [{ address: '2001:0DB8:0:0::1 ' }])).toBe(true);
    expect(await isKnown('CT1', '::ffff:10.0.0.9', [{ address: '10.0.0.9' }])).toBe(true);
    expect(await isKnown('CT1', '10.0.0.9', [{ address: '::FFFF:10.0.0.9' }])).toBe(true);
    expect(await isKnown('CT1', 'fe80::1%eth0', [{ address: 'fe80::1' }])).toBe(true);
    expect(await isKnown('CT1', '10.0.0.9', [{ aet: 'CT2', address: '10.0.0.9' }])).toBe(false);
  });

  test('a range takes the addresses that lie in it; what is no range takes none', async () => {
    expect(await isKnown('CT1', '10.200.0.9', [{ address: '10.0.0.0/8' }])).toBe(true);
    expect(await isKnown('CT1', '::ffff:10.0.0.200', [{ address: '10.0.0.7/24' }])).toBe(true);
    expect(await isKnown('CT1', '10.0.1.9', [{ address: '10.0.0.0/24' }])).toBe(false);
    expect(await isKnown('CT1', '2001:db8::1', [{ address: '10.0.0.0/8' }])).toBe(false);
    expect(await isKnown('CT1', '2001:db8:ff::1', [{ address: '2001:DB8::/32' }])).toBe(true);
    expect(await isKnown('CT1', '2001:db9::1', [{ address: '2001:db8::/32' }])).toBe(false);
    expect(await isKnown('CT1', '10.0.0.9', [{ aet: 'CT2', address: '10.0.0.0/8' }])).toBe(false);
    // As programs before this one kept them.
    for (const address of ['10.0.0.*', '10.0.0/8', '10.0.0.0/', '10.0.0.0/33', '/8', ''])
      expect(await isKnown('CT1', '10.0.0.9', [{ address }]), address).toBe(false);
  });

  test('this machine may always send', async () => {
    expect(await isKnown('ANY', '127.0.0.1')).toBe(true);
    expect(await isKnown('ANY', '::1')).toBe(true);
  });
});
