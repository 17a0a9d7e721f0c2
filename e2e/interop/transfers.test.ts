// Whole transfers by the command line with real peers: out and back over each protocol with the bytes compared, receiving while
// things go wrong, connections that are cut again and again. Peers that are absent: skipped by name.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readInstance } from '#shared/dicom/read-instance.ts';
import { memorySource } from '#backend/archive/read-for-index.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { freePort, hasDcmtk } from '../support/dimse-peers.ts';
import { hasSamples, runCli, SAMPLES, startCli, temporaryFolder } from '../support/lectern.ts';
import { hasOrthanc, hasPeers, runPeer, startOrthanc } from '../support/peers.ts';
import { testSlice } from '../support/test-study.ts';

const home = temporaryFolder();
const place = { home: home.path, firstPort: 21_460 };
const [HTTP, DIMSE] = [place.firstPort, place.firstPort + 2];
let orthanc: ReturnType<typeof startOrthanc> | undefined;
let folder: ReturnType<typeof temporaryFolder>;

beforeAll(() => {
  if (hasOrthanc) orthanc = startOrthanc(place);
});
afterAll(() => {
  orthanc?.stop();
  home[Symbol.dispose]();
});
beforeEach(() => {
  folder = temporaryFolder();
  return () => folder[Symbol.dispose]();
});

/** Instances that travel through a proxy that cuts. */
const MANY = 2000;

const lectern = (...args: string[]): ReturnType<typeof runCli> => runCli(folder.path, args);
async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lectern(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}
const summaryOf = (stdout: string): Record<string, number | null> =>
  (JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { summary: Record<string, number | null> }).summary;

/** Digests of the data sets below a folder, by SOP Instance UID. */
function digests(files: readonly string[]): Map<string, string> {
  return new Map(
    files.map((file) => {
      const bytes = fs.readFileSync(file);
      const parsed = readInstance(memorySource(bytes));
      if (!parsed.ok) throw new Error(`${file}: ${parsed.error.detail}`);
      const uid = String(parsed.value.dataset['00080018']?.Value?.[0]);
      return [uid, createHash('sha256').update(bytes.subarray(parsed.value.datasetOffset)).digest('hex')];
    }),
  );
}
const filesBelow = (root: string): string[] =>
  fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

async function addOrthanc(port = DIMSE, web = HTTP): Promise<void> {
  await done('nodes', 'add', 'pacs', '--dimse', `ORTHANC@127.0.0.1:${port}`);
  await done('nodes', 'add', 'web', '--dicomweb', `http://127.0.0.1:${web}/dicom-web`);
}
const rest = (address: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`http://127.0.0.1:${HTTP}${address}`, init);
async function emptyOrthanc(): Promise<void> {
  for (const id of (await (await rest('/studies')).json()) as string[])
    await rest(`/studies/${id}`, { method: 'DELETE' });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no stdout');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await once(lines, 'line')) as [string];
  return line;
}

describe.skipIf(!hasOrthanc || !hasSamples)('with Orthanc (needs orthanc and the samples)', () => {
  const real = path.join(SAMPLES, 'mr_prostatex-0207', '008_ep2d_diff_tra_DYNDIST');

  test.each([
    ['web', 'stow', 'web', 'wado'],
    ['pacs', 'store', 'pacs', 'get'],
    ['pacs', 'store', 'pacs', 'move'],
  ])('out to %s by %s, back from %s by %s: the same bytes', async (outNode, out, backNode, back) => {
    await emptyOrthanc();
    await addOrthanc();
    await done('import', real);
    const study = (await done('ls', '--json')).match(/"0020000D":\{"vr":"UI","Value":\["([\d.]+)"/)?.[1] ?? '';
    const sent = summaryOf(await done('send', outNode, study, '--via', out, '--json'));
    expect(sent).toMatchObject({ expected: 57, sent: 57, failed: 0 });
    await done('rm', study);
    const port = String(place.firstPort + 9);
    const got = summaryOf(
      await done('get', backNode, study, '--via', back, '--aet', 'LECTERN', '--port', port, '--json'),
    );
    expect(got).toMatchObject({ expected: 57, received: 57, failed: 0 });
    const exported = path.join(folder.path, 'out');
    await done('export', study, exported);
    expect(digests(filesBelow(exported))).toEqual(digests(filesBelow(real)));
    // Asked for again, all is here already: nothing twice.
    await done('get', backNode, study, '--via', back, '--aet', 'LECTERN', '--port', port);
    expect((JSON.parse(await done('verify', '--json')) as { checked: number }).checked).toBe(57);
  });

  test.each(['pacs', 'web'])(
    'cut again and again on the way from %s: in the end each instance is here, once and whole',
    async (node) => {
      await emptyOrthanc();
      await addOrthanc();
      const source = path.join(folder.path, 'many');
      fs.mkdirSync(source);
      for (let at = 0; at < MANY; at++)
        fs.writeFileSync(
          path.join(source, `${at}.dcm`),
          testSlice(at % 12, { '00080018': { vr: 'UI', values: [`2.25.77.${at}`] } }),
        );
      await done('import', source);
      await done('send', 'web', '2.25.1001');
      await done('rm', '2.25.1001');
      let seed = 7;
      const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
      const proxy = await startCuttingProxy(node === 'web' ? HTTP : DIMSE, () => 500_000 + random() * 10_000_000);
      const [name, address] =
        node === 'web'
          ? ['--dicomweb', `http://127.0.0.1:${proxy.port}/dicom-web`]
          : ['--dimse', `ORTHANC@127.0.0.1:${proxy.port}`];
      await done('nodes', 'add', 'cut', name ?? '', address ?? '');
      let code: number | null = 1;
      for (let tries = 0; code !== 0 && tries < 12; tries++) {
        if (tries === 8) proxy.heal();
        ({ code } = await lectern('get', 'cut', '2.25.1001', '--json'));
      }
      expect(proxy.cuts()).toBeGreaterThan(0);
      await proxy.close();
      expect(code).toBe(0);
      const exported = path.join(folder.path, 'out');
      await done('export', '2.25.1001', exported);
      expect(digests(filesBelow(exported))).toEqual(digests(filesBelow(source)));
      expect(
        (JSON.parse(await done('ls', '--json')) as Record<string, { Value: number[] }>[])[0]?.['00201208']?.Value,
      ).toEqual([MANY]);
    },
    300_000,
  );

  test('an absent study, an unknown node and a gone peer each end with one sentence; secrets never show', async () => {
    await addOrthanc();
    for (const args of [
      ['get', 'web', '1.2.3.4'],
      ['get', 'pacs', '1.2.3.4'],
      ['get', 'nobody', '1.2.3.4'],
      ['echo', 'nobody'],
      ['send', 'web', '1.2.3.4'],
    ]) {
      const { code, stderr, stdout } = await lectern(...args);
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' });
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    await done('nodes', 'add', 'gone', '--dimse', `GONE@127.0.0.1:${await freePort()}`);
    for (const command of ['echo', 'find']) {
      const { code, stderr } = await lectern(command, 'gone');
      expect(code).toBe(1);
      expect(stderr).toContain('127.0.0.1');
    }
    const secret = 'tr0ub4dor&3';
    const child = startCli(folder.path, [
      'nodes',
      'add',
      'guarded',
      '--dicomweb',
      'http://127.0.0.1:1/',
      '--user',
      'reader',
      '--secret-stdin',
    ]);
    child.stdin?.end(secret);
    expect((await once(child, 'close'))[0]).toBe(0);
    expect(await done('nodes', 'ls', '--json')).not.toContain(secret);
    expect(JSON.parse(await done('nodes', 'ls', '--json'))).toContainEqual(
      expect.objectContaining({ name: 'guarded', secrets: ['password'] }),
    );
    for (const file of filesBelow(path.join(folder.path, 'data')))
      expect(fs.readFileSync(file).includes(secret), file).toBe(false);
  });
});

/** Our provider in a process of its own. */
async function startReceiver(
  args: readonly string[] = [],
): Promise<{ child: ChildProcess; port: number; lines: string[] }> {
  const child = startCli(folder.path, ['scp', '--aet', 'LECTERN', '--port', '0', '--json', ...args]);
  const lines: string[] = [];
  const { port } = JSON.parse(await firstLine(child)) as { port: number };
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, port, lines };
}
const storescu = (port: number, ...files: string[]): ChildProcess =>
  spawn('storescu', ['-v', '-aec', 'LECTERN', '+sd', '+r', '-R', '127.0.0.1', String(port), ...files], {
    env: { ...process.env, TCP_NODELAY: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
async function outputOf(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
interface Logged {
  sopInstanceUid: string;
  status: number;
}
const successes = (lines: readonly string[]): string[] =>
  lines
    .map((line) => JSON.parse(line) as Logged)
    .flatMap(({ sopInstanceUid, status }) => (status === 0 ? sopInstanceUid : []));

function writeMany(count: number, first = 0): string {
  const source = path.join(folder.path, `many-${first}`);
  fs.mkdirSync(source);
  for (let at = first; at < first + count; at++)
    fs.writeFileSync(
      path.join(source, `${at}.dcm`),
      testSlice(at % 12, { '00080018': { vr: 'UI', values: [`2.25.78.${at}`] } }),
    );
  return source;
}

describe.skipIf(!hasDcmtk || !hasPeers || !hasSamples)('with dcmqrscp (needs dcmtk and the samples)', () => {
  test('find answers like our own archive does, names in their scripts included', async () => {
    runPeer(place, 'dcmtk.sh', 'start', 'qrscp');
    try {
      await done('nodes', 'add', 'qr', '--dimse', `DCMQR@127.0.0.1:${place.firstPort + 5}`);
      await lectern('import', path.join(SAMPLES, 'charset'));
      type Rows = Record<string, { Value?: unknown[] }>[];
      const local = JSON.parse(await done('ls', '--json')) as Rows;
      for (const row of local) await lectern('send', 'qr', String(row['0020000D']?.Value?.[0]));
      const found = JSON.parse((await lectern('find', 'qr', '--json')).stdout) as Rows;
      const names = (rows: Rows): string[] =>
        rows.map((row) => JSON.stringify(row['00100010']?.Value?.[0] ?? null)).sort();
      expect(local.length).toBeGreaterThan(5);
      expect(names(found)).toEqual(names(local));
    } finally {
      runPeer(place, 'dcmtk.sh', 'stop', 'qrscp');
    }
  });
});

describe.skipIf(!hasDcmtk)('receiving from DCMTK (needs dcmtk)', () => {
  test('killed in the middle of receiving: what was answered with success is there, whole', async () => {
    const source = writeMany(400);
    for (let round = 0; round < 3; round++) {
      const { child, port, lines } = await startReceiver();
      const sending = outputOf(storescu(port, source));
      const exited = once(child, 'exit');
      while (lines.length < 20 + round * 60) await once(child.stdout!, 'data');
      child.kill('SIGKILL');
      await Promise.all([exited, sending]);
      const { checked, damaged } = JSON.parse(await done('verify', '--json')) as {
        checked: number;
        damaged: unknown[];
      };
      expect(damaged).toEqual([]);
      const here = new Set(
        (JSON.parse(await done('ls', '--level', 'instance', '--json')) as Record<string, { Value: string[] }>[]).map(
          (row) => row['00080018']?.Value[0],
        ),
      );
      expect(successes(lines).filter((uid) => !here.has(uid))).toEqual([]);
      expect(checked).toBeGreaterThanOrEqual(successes(lines).length);
    }
  });

  test('24 senders at once: no loss', async () => {
    const { child, port, lines } = await startReceiver();
    const sources = Array.from({ length: 24 }, (_, sender) => writeMany(25, sender * 25));
    const sent = await Promise.all(sources.map((source) => outputOf(storescu(port, source))));
    expect(sent.map(({ code }) => code)).toEqual(sources.map(() => 0));
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    expect(new Set(successes(lines)).size).toBe(600);
    expect(JSON.parse(await done('verify', '--json'))).toEqual({ checked: 600, damaged: [] });
  });

  const mayMount = process.platform === 'linux' && process.getuid?.() === 0;
  test.skipIf(!mayMount)(
    'a full disk is answered with 0xA700, nothing is half stored, and what is can be read without a free byte',
    async () => {
      const data = path.join(folder.path, 'data');
      fs.mkdirSync(data);
      if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', data]).status !== 0) return;
      try {
        const source = writeMany(300);
        for (const name of fs.readdirSync(source)) {
          const file = path.join(source, name);
          fs.writeFileSync(
            file,
            testSlice(1, {
              '00080018': { vr: 'UI', values: [`2.25.78.${Number.parseInt(name, 10)}`] },
              '00091001': { vr: 'OB', bytes: new Uint8Array(300_000) },
            }),
          );
        }
        const { child, port, lines } = await startReceiver();
        const { output } = await outputOf(storescu(port, source));
        expect(output).toMatch(/Out ?Of ?Resources|0xA7/i);
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
        const kept = successes(lines);
        expect(kept.length).toBeGreaterThan(10);
        expect(JSON.parse(await done('verify', '--json'))).toEqual({ checked: kept.length, damaged: [] });
        const fill = fs.openSync(path.join(data, 'fill'), 'w');
        expect(() => {
          for (;;) fs.writeSync(fill, Buffer.alloc(4096));
        }).toThrow('ENOSPC');
        fs.closeSync(fill);
        const listed = await runCli(folder.path, ['ls', '--level', 'instance', '--json']);
        expect(JSON.parse(listed.stdout)).toHaveLength(kept.length);
        // The log of the audit's database kept some room for the record of it.
        expect([listed.code, listed.stderr]).toEqual([0, '']);
      } finally {
        execFileSync('umount', [data]);
      }
    },
  );
});
