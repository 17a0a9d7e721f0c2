// DIMSE against DCMTK's programs, both directions, with real files in all their transfer syntaxes. Where the programs or the
// sample files are absent the suite says so by being skipped. Orthanc: dimse-orthanc.test.ts.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthority, hasOpenssl } from '#backend/sources/dimse/testing/certificates.ts';
import { isIdentity } from '#backend/transfer/verify-identity.ts';
import { memorySink } from '#backend/sources/dimse/testing/memory-sink.ts';
import { isEncapsulated } from '#shared/dicom/transfer-syntaxes.ts';
import type { TestStep } from '#backend/sources/source.ts';
import {
  contentOf,
  dcmtk,
  digest,
  freePort,
  hasDcmtk,
  parsedFile,
  pixelsOf,
  PROPOSE_OPTIONS,
  realInstances,
  startDcmtk,
  type RealInstance,
} from '../support/dimse-peers.ts';
import {
  distinct,
  endAll,
  endLater,
  instances,
  named,
  UNKNOWN_TO_DCMTK,
  nothing,
  outcomesBy,
  query,
  receivedFiles,
  sample,
  signal,
  sorted,
  sourceAt,
  startScp,
  startStorescp,
  studiesOf,
} from '../support/dimse-session.ts';
import { hasSamples, temporaryFolder } from '../support/lectern.ts';
import { hasPeers, runPeer } from '../support/peers.ts';

const folder = temporaryFolder();
/** A deflated data set of odd length travels with a null byte behind it (PS3.5 A.5). */
const evened = (bytes: Buffer): Buffer => (bytes.length % 2 ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes);
afterEach(endAll);
afterAll(() => folder[Symbol.dispose]());

describe.skipIf(!hasDcmtk || !hasSamples)('DIMSE with DCMTK (needs dcmtk and the samples)', () => {
  test('the samples cover what the tests mean to show', () => {
    expect(new Set(instances.map(({ transferSyntaxUid }) => transferSyntaxUid)).size).toBeGreaterThanOrEqual(17);
    expect(distinct.length).toBeGreaterThan(20);
  });

  test('echoscu is answered; a wrong AE title is refused with its reason', async () => {
    const { port } = await startScp(memorySink());
    expect(await dcmtk('echoscu', '-aec', 'LECTERN', '127.0.0.1', String(port))).toMatchObject({ code: 0 });
    const refused = await dcmtk('echoscu', '-v', '-aec', 'NOBODY', '127.0.0.1', String(port));
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain('Called AE Title Not Recognized');
  });

  test('what storescp receives from us is, bit by bit, what the files hold, in each transfer syntax that it knows', async () => {
    const { port, received } = await startStorescp(folder.path);
    const outcomes = await sourceAt('STORESCP', port).store(instances, nothing, signal);
    expect(outcomesBy(outcomes, 'failed')).toEqual([]);
    const refused = outcomesBy(outcomes, 'refused');
    const expected = instances.filter((_, index) => outcomes[index]?.outcome === 'sent');
    for (const [index, { transferSyntaxUid }] of instances.entries())
      if (outcomes[index]?.outcome === 'refused') expect(transferSyntaxUid).toMatch(UNKNOWN_TO_DCMTK);
    expect(expected.length).toBeGreaterThan(80);
    for (const { reason } of refused)
      expect(reason).toMatch(/does not take .* in (HTJ2K|JPEG XL|JPEG (Spectral|Full|Lossless))/);
    const arrived = receivedFiles(received).map((file) => digest(file.subarray(parsedFile(file).datasetOffset)));
    expect(arrived.sort()).toEqual(expected.map(({ datasetBytes }) => digest(evened(datasetBytes))).sort());
  });

  test.each(['storescu', 'dcmsend'])('%s sends to us, each file in its own transfer syntax', async (program) => {
    const sink = memorySink();
    const { port } = await startScp(sink);
    // dcmsend refuses one file for how its SOP Class UID is padded.
    const files = distinct.filter(
      ({ transferSyntaxUid, file }) => transferSyntaxUid in PROPOSE_OPTIONS && !file.endsWith('NM-MONO2-16-13x-heart'),
    );
    for (const syntax of new Set(files.map(({ transferSyntaxUid }) => transferSyntaxUid))) {
      const paths = files.filter(({ transferSyntaxUid }) => transferSyntaxUid === syntax).map(({ file }) => file);
      const options = program === 'dcmsend' ? ['-dn', '-nuc'] : ['-R', ...(PROPOSE_OPTIONS[syntax] ?? [])];
      const sent = await dcmtk(program, ...options, '-aec', 'LECTERN', '127.0.0.1', String(port), ...paths);
      expect(sent.code, `${syntax} ${sent.output}`).toBe(0);
    }
    expect(sorted(sink.kept.map(({ announced }) => announced.sopInstanceUid))).toEqual(
      files.map(({ sopInstanceUid }) => sopInstanceUid).sort(),
    );
    for (const { announced, file } of sink.kept) {
      const sent = files.find(({ sopInstanceUid }) => sopInstanceUid === announced.sopInstanceUid);
      // storescu turns one native syntax into another as it likes.
      const isNative = !isEncapsulated(sent?.transferSyntaxUid ?? '');
      if (isNative) expect(isEncapsulated(announced.transferSyntaxUid ?? '')).toBe(false);
      else expect(announced.transferSyntaxUid).toBe(sent?.transferSyntaxUid);
      // DCMTK takes data sets apart and writes them anew: their pixels must be the same.
      if (announced.transferSyntaxUid === sent?.transferSyntaxUid)
        expect(pixelsOf(file)).toBe(pixelsOf(fs.readFileSync(sent?.file ?? '')));
    }
  });

  describe('dcmqrscp', () => {
    const AXIAL = path.join('ct_prior-current_sbu', 'A002304');
    const study = hasSamples ? realInstances(sample(AXIAL)) : [];
    const [studyUid = ''] = studiesOf(study);
    const inStudy = study.filter(({ file }) => studiesOf([{ file } as RealInstance])[0] === studyUid);
    let port = 0;
    let lecternPort = 0;
    let stop = async (): Promise<void> => undefined;
    beforeAll(async () => {
      port = await freePort();
      lecternPort = await freePort();
      const home = fs.mkdtempSync(path.join(folder.path, 'qr-'));
      const config = path.join(home, 'qr.cfg');
      const lines = [
        'MaxPDUSize = 16384',
        'MaxAssociations = 16',
        `HostTable BEGIN\nlectern = (LECTERN, 127.0.0.1, ${lecternPort})\nHostTable END`,
        'VendorTable BEGIN\nVendorTable END',
        `AETable BEGIN\nDCMQR ${home} RW (100, 1024mb) ANY\nAETable END`,
      ];
      fs.writeFileSync(config, `${lines.join('\n')}\n`);
      const server = await startDcmtk('dcmqrscp', port, '-c', config, String(port));
      stop = () => server.stop();
      const outcomes = await sourceAt('DCMQR', port).store(study, nothing, signal);
      expect(outcomes.map(({ outcome, reason }) => reason ?? outcome)).toEqual(study.map(() => 'sent'));
    });
    afterAll(() => stop());

    test('C-FIND at every level agrees with findscu', async () => {
      const source = sourceAt('DCMQR', port);
      const found = await query(source, { keys: [{ path: ['0020000D'], vr: 'UI', value: studyUid }] });
      expect(found).toHaveLength(1);
      const series = await query(source, {
        level: 'series',
        keys: [{ path: ['0020000D'], vr: 'UI', value: studyUid }],
      });
      const theirs = await dcmtk(
        'findscu',
        '-S',
        '-aec',
        'DCMQR',
        '-k',
        '0008,0052=SERIES',
        '-k',
        `0020,000d=${studyUid}`,
        '-k',
        '0020,000e',
        '127.0.0.1',
        String(port),
      );
      const seriesUids = [...theirs.output.matchAll(/\(0020,000e\) UI \[([\d.]+)/g)].map((match) => match[1] ?? '');
      expect(
        sorted(series.map((answer) => (answer.kind === 'match' ? answer.dataset['0020000E']?.Value?.[0] : answer))),
      ).toEqual([...new Set(seriesUids)].sort());
      expect(await query(sourceAt('DCMQR', port, { root: 'patient' }), { level: 'patient' })).not.toHaveLength(0);
      expect(await query(source, { keys: [{ path: ['0020000D'], vr: 'UI', value: '1.2.3.999' }] })).toEqual([]);
    });

    // dcmqrscp is strict in the patient root: no Patient ID, no study.
    test.each([
      ['get', 'study'],
      ['get', 'patient'],
      ['move', 'study'],
      ['move', 'patient'],
    ] as const)('a study by C-%s in the %s root: counted, and bit by bit what was stored', async (retrieve, root) => {
      const sink = memorySink();
      const scp = retrieve === 'move' ? await startScp(memorySink(), { port: lecternPort }) : undefined;
      const result = await sourceAt('DCMQR', port, { retrieve, root }, scp).retrieve(
        { studyUid },
        sink,
        nothing,
        signal,
      );
      expect(result).toMatchObject({ expected: inStudy.length, received: inStudy.length, failed: [] });
      expect(sink.kept.map(({ file }) => contentOf(file)).sort()).toEqual(
        inStudy.map(({ file }) => contentOf(fs.readFileSync(file))).sort(),
      );
    });

    test('a C-MOVE to where nobody listens fails in words, and movescu brings its instances to us', async () => {
      const nowhere = await startScp(memorySink());
      const failing = sourceAt('DCMQR', port, { retrieve: 'move' }, nowhere).retrieve(
        { studyUid },
        memorySink(),
        nothing,
        signal,
      );
      await expect(failing).rejects.toThrow(/status 0x|does not know/);
      await expect(
        sourceAt('DCMQR', port, { retrieve: 'move', moveDestinationAet: 'SOMEBODY' }, nowhere).retrieve(
          { studyUid },
          memorySink(),
          nothing,
          signal,
        ),
      ).rejects.toThrow('does not know the destination SOMEBODY');
      const sink = memorySink();
      await startScp(sink, { port: lecternPort });
      const moved = await dcmtk(
        'movescu',
        '-S',
        '-aec',
        'DCMQR',
        '-aem',
        'LECTERN',
        '-k',
        '0008,0052=STUDY',
        '-k',
        `0020,000d=${studyUid}`,
        '127.0.0.1',
        String(port),
      );
      expect(moved.code, moved.output).toBe(0);
      expect(sink.kept).toHaveLength(inStudy.length);
    });

    test.each(['study', 'patient'] as const)(
      'the node test in the %s root finds all services, and the way back',
      async (root) => {
        const scp = await startScp(memorySink(), { port: lecternPort });
        const steps: TestStep[] = [];
        for await (const step of sourceAt('DCMQR', port, { root }, scp).test(signal)) steps.push(step);
        expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
          'name-resolution ok',
          'tcp ok',
          'association ok',
          'echo ok',
          'find ok',
          'worklist skipped',
          'get ok',
          'move ok',
          'return-path ok',
        ]);
      },
    );

    test('a way back that leads elsewhere fails in words that say what the other system has to know', async () => {
      const scp = await startScp(memorySink());
      const steps: TestStep[] = [];
      for await (const step of sourceAt('DCMQR', port, {}, scp).test(signal)) steps.push(step);
      expect(steps.at(-1)).toMatchObject({
        step: 'return-path',
        outcome: 'failed',
        detail: expect.stringContaining(
          `Check that DCMQR knows LECTERN as this machine's address with port ${scp.port}`,
        ),
      });
    });
  });

  test.skipIf(!hasPeers)('the worklist of wlmscpfs, with its umlauts and its Greek (needs the peers)', async () => {
    const place = { home: path.join(folder.path, 'wlm'), firstPort: 21440 };
    runPeer(place, 'dcmtk.sh', 'start', 'wlm');
    endLater(() => void runPeer(place, 'dcmtk.sh', 'stop', 'wlm'));
    const source = sourceAt('WLM', place.firstPort + 7);
    const all = await query(source, { level: 'worklist', include: ['00100010', '00400100.00080060'] });
    const matches = (answers: typeof all): typeof all => answers.filter(({ kind }) => kind === 'match');
    expect(sorted(named(matches(all)))).toEqual(
      ['Müller^Jörg', 'Nobody^Nemo', 'Peer^CT200', 'Wang^XiaoDong', 'Ελένη^Π'].sort(),
    );
    // It states no set in any answer.
    expect(all.filter(({ kind }) => kind === 'notice')).toMatchObject([{ code: 'charset-guessed' }]);
    const ct = await query(source, {
      level: 'worklist',
      include: ['00100010'],
      keys: [{ path: ['00400100', '00080060'], vr: 'CS', value: 'CT' }],
    });
    expect(sorted(named(matches(ct)))).toEqual(['Peer^CT200', 'Wang^XiaoDong']);
  });

  test('storescu shows user and passcode: taken with the answer that it asks for, turned away without', async () => {
    const sink = memorySink();
    const wanted = { user: 'modality', passcode: 's3cret' };
    const { port } = await startScp(sink, {}, (_caller, identity) =>
      isIdentity(identity, wanted)
        ? { isAdmitted: true, isIdentified: true }
        : { isAdmitted: false, reason: 'wrong-identity' },
    );
    const file = distinct.find(({ transferSyntaxUid }) => transferSyntaxUid === '1.2.840.10008.1.2.1')?.file ?? '';
    const send = (...identity: string[]): ReturnType<typeof dcmtk> =>
      dcmtk('storescu', '-d', '-aec', 'LECTERN', ...identity, '127.0.0.1', String(port), file);
    const taken = await send('-usr', 'modality', '-pwd', 's3cret', '-rsp');
    expect(taken.code, taken.output).toBe(0);
    const wrong = await send('-usr', 'modality', '-pwd', 'other');
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toMatch(
      /Rejected Permanent.*ACSE|Result: Rejected Permanent, Source: Service Provider \(ACSE/,
    );
    expect((await send()).code).not.toBe(0);
    expect(sink.kept).toHaveLength(1);
  });

  describe.skipIf(!hasOpenssl)('TLS', () => {
    const authority = hasOpenssl ? makeAuthority('Interop authority') : undefined;
    afterAll(() => authority?.remove());
    const tls = (): { certificate: string; key: string; ca: string } => ({
      ca: '',
      certificate: '',
      key: '',
      ...authority?.issue('IP:127.0.0.1,DNS:localhost'),
      ...(authority && { ca: authority.ca }),
    });
    function written(name: string): { key: string; certificate: string; ca: string } {
      const made = tls();
      const at = (kind: string): string => path.join(folder.path, `${name}.${kind}`);
      fs.writeFileSync(at('key'), made.key);
      fs.writeFileSync(at('crt'), made.certificate);
      fs.writeFileSync(at('ca'), made.ca);
      return { key: at('key'), certificate: at('crt'), ca: at('ca') };
    }

    test('storescu +tls sends to us with its certificate, and is refused without', async () => {
      const sink = memorySink();
      const { port } = await startScp(sink, { tls: { ...tls(), asksClientCertificate: true } });
      const { key, certificate, ca } = written('client');
      const file = distinct.find(({ transferSyntaxUid }) => transferSyntaxUid === '1.2.840.10008.1.2.1')?.file ?? '';
      const sent = await dcmtk(
        'storescu',
        '+tls',
        key,
        certificate,
        '+cf',
        ca,
        '-aec',
        'LECTERN',
        '127.0.0.1',
        String(port),
        file,
      );
      expect(sent.code, sent.output).toBe(0);
      expect(
        (await dcmtk('storescu', '+tla', '+cf', ca, '-aec', 'LECTERN', '127.0.0.1', String(port), file)).code,
      ).not.toBe(0);
      expect(sink.kept).toHaveLength(1);
    });

    test('we send to storescp +tls, which asks for our certificate', async () => {
      const { key, certificate, ca } = written('server');
      const { port, received } = await startStorescp(folder.path, '+tls', key, certificate, '+cf', ca);
      const some = distinct.filter(({ transferSyntaxUid }) => !UNKNOWN_TO_DCMTK.test(transferSyntaxUid)).slice(0, 5);
      const outcomes = await sourceAt('STORESCP', port, { tls: tls() }).store(some, nothing, signal);
      expect(outcomesBy(outcomes, 'sent')).toHaveLength(5);
      expect(
        receivedFiles(received)
          .map((file) => digest(file.subarray(parsedFile(file).datasetOffset)))
          .sort(),
      ).toEqual(some.map(({ datasetBytes }) => digest(datasetBytes)).sort());
      await expect(sourceAt('STORESCP', port, { tls: { ca: tls().ca } }).store(some, nothing, signal)).rejects.toThrow(
        /TLS: .*certificate/,
      );
    });
  });
});
