// What goes wrong in real life, to the real program: killed at any moment, full disks, sources that vanish or may not be
// read, damaged files beside good ones. What was said to be stored must be there, whole.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { createBackend } from '../../electron/backend/app.ts';
import { localPeople } from '../../electron/backend/people/people.ts';
import { hasSamples, runCli, SAMPLES, startCli, temporaryFolder } from '../support/lectern.ts';
import { testSlice } from '../support/test-study.ts';

interface Line {
  path?: string;
  outcome?: string;
  sopInstanceUid?: string;
  code?: string;
  reason?: string;
  summary?: Record<string, number>;
}
const linesOf = (stdout: string): Line[] =>
  stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

/** A study of `count` small instances below `folder`. */
function writeMany(folder: string, count: number): void {
  fs.mkdirSync(folder, { recursive: true });
  for (let at = 0; at < count; at++)
    fs.writeFileSync(
      path.join(folder, `${String(at).padStart(4, '0')}.dcm`),
      testSlice(at % 12, { '00080018': { vr: 'UI', values: [`2.25.9.${at}`] } }),
    );
}

/** Opens the archive as the next start would, in this process, and compares it with what was acknowledged. */
async function inspect(folder: string, acknowledged: ReadonlySet<string>): Promise<number> {
  const bugs: unknown[] = [];
  const backend = await createBackend({
    dataDir: path.join(folder, 'data'),
    keyDir: path.join(folder, 'keys'),
    version: 'test',
    shell: 'browser',
    people: localPeople('tester'),
    onBug: (error) => bugs.push(error),
  });
  try {
    const { archive } = backend.open();
    const all = archive.index.locateAll({});
    const present = new Set(all.map(({ sopUid }) => sopUid));
    const lost = [...acknowledged].filter((uid) => !present.has(uid));
    const damaged = await Promise.all(all.map((location) => archive.checks.instance(location)));
    const { instances } = archive.index.totals();
    const files = fs
      .readdirSync(path.join(folder, 'data', 'objects'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).length;
    expect({ lost, damaged: damaged.filter(Boolean), counted: instances, files, bugs }).toEqual({
      lost: [],
      damaged: [],
      counted: all.length,
      // No file that the index does not know: a deletion must not leave one behind.
      files: all.length,
      bugs: [],
    });
    return all.length;
  } finally {
    await backend.close();
  }
}

const KILLS = Number(process.env['LECTERN_KILLS'] ?? 200);
const FILES = 700;

describe('power cuts', () => {
  // Two lanes, each on data of its own.
  test.concurrent.each([0, 1])(
    'killed at random moments of imports (lane %d), everything acknowledged is there and whole, and the import resumes',
    async (lane) => {
      let kills = 0;
      let cutInside = 0;
      while (kills < KILLS / 2) {
        using folder = temporaryFolder();
        const source = path.join(folder.path, 'source');
        writeMany(source, FILES);
        const acknowledged = new Set<string>();
        let stored = 0;
        while (stored < FILES && kills < KILLS / 2) {
          const child = startCli(folder.path, ['import', source, '--json']);
          const exited = once(child, 'exit');
          // A third dies while starting, the rest somewhere after a first new file was acknowledged.
          let timer = kills % 3 === 0 ? setTimeout(() => child.kill('SIGKILL'), Math.random() * 600) : undefined;
          for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
            const { outcome, sopInstanceUid } = parsed(line);
            if (outcome && sopInstanceUid && outcome !== 'refused') acknowledged.add(sopInstanceUid);
            if (outcome === 'stored') timer ??= setTimeout(() => child.kill('SIGKILL'), Math.random() * 100);
          }
          const [, signal] = (await exited) as [number | null, string | null];
          clearTimeout(timer);
          if (signal === 'SIGKILL') kills++;
          const before = stored;
          stored = await inspect(folder.path, acknowledged);
          if (signal === 'SIGKILL' && stored > before && stored < FILES) cutInside++;
        }
      }
      console.log(`lane ${lane}: ${kills} kills, ${cutInside} of them with an import half done`);
      expect(cutInside).toBeGreaterThan(kills / 5);
    },
    600_000,
  );

  /** A line cut by the kill says nothing. */
  function parsed(line: string): Line {
    try {
      return JSON.parse(line) as Line;
    } catch {
      return {};
    }
  }
});

const mayMount = process.platform === 'linux' && process.getuid?.() === 0 && canMount();
function canMount(): boolean {
  using folder = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder.path]).status !== 0) return false;
  return spawnSync('umount', [folder.path]).status === 0;
}

describe('a full disk', () => {
  test.skipIf(!mayMount)('stops the import before the last byte, says so, and keeps what was stored', async () => {
    using folder = temporaryFolder();
    const data = path.join(folder.path, 'data');
    const source = path.join(folder.path, 'source');
    writeMany(source, 400);
    // Large files: 400 x 200 KB against 64 MB.
    for (const name of fs.readdirSync(source)) fs.appendFileSync(path.join(source, name), Buffer.alloc(200_000));
    fs.mkdirSync(data);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', data]);
    try {
      const { code, stdout, stderr } = await runCli(folder.path, ['import', source, '--json']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/disk.*space/);
      const acknowledged = new Set(linesOf(stdout).flatMap(({ sopInstanceUid }) => sopInstanceUid ?? []));
      expect(acknowledged.size).toBeGreaterThan(20);
      expect(fs.readdirSync(path.join(data, 'tmp'))).toEqual([]);
      await inspect(folder.path, acknowledged);
      expect((await runCli(folder.path, ['ls'])).code).toBe(0);
    } finally {
      execFileSync('umount', [data]);
    }
  });
});

describe('sources', () => {
  test('a folder that vanishes under the import: what was read is stored, the rest is named', async () => {
    using folder = temporaryFolder();
    const source = path.join(folder.path, 'source');
    for (let part = 0; part < 20; part++) writeMany(path.join(source, String(part).padStart(2, '0')), 30);
    const child = startCli(folder.path, ['import', source, '--json']);
    let stdout = '';
    let isGone = false;
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      stdout += `${line}\n`;
      if (!isGone) fs.rmSync(source, { recursive: true, force: true });
      isGone = true;
    }
    const lines = linesOf(stdout);
    const { summary } = lines.at(-1) ?? {};
    expect(summary?.['stored']).toBeGreaterThan(0);
    expect(lines.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(0);
    for (const { outcome, reason } of lines) if (outcome === 'refused') expect(reason).toMatch(/not there/);
  });

  test('read-only files and folders are read, and nothing in them changes', async () => {
    using folder = temporaryFolder();
    const source = path.join(folder.path, 'source');
    writeMany(source, 5);
    for (const name of fs.readdirSync(source)) fs.chmodSync(path.join(source, name), 0o400);
    fs.chmodSync(source, 0o500);
    const state = (): string[] =>
      fs.readdirSync(source).map((name) => {
        const { size, mtimeMs, ctimeMs, mode } = fs.statSync(path.join(source, name));
        return [name, size, mtimeMs, ctimeMs, mode].join(' ');
      });
    const before = state();
    expect(await runCli(folder.path, ['import', source])).toMatchObject({ code: 0 });
    expect(state()).toEqual(before);
    fs.chmodSync(source, 0o700);
  });
});

const BAD_FOLDERS = ['odd', 'malformed_SYNTH', 'geometry', 'charset', 'seg', 'wg04'];

describe('bad input beside good studies', () => {
  test.skipIf(!hasSamples)(
    'in one go: no crash, nothing good lost, each refused file with a reason, each cut file never plainly stored',
    async () => {
      using folder = temporaryFolder();
      const good = path.join(SAMPLES, 'mr_prostatex-0207');
      const { code, stdout, stderr } = await runCli(folder.path, [
        'import',
        ...BAD_FOLDERS.map((name) => path.join(SAMPLES, name)),
        good,
        '--json',
      ]);
      expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
      const lines = linesOf(stdout);
      const files = lines.filter(({ path: file }) => file !== undefined);
      const goodLines = files.filter(({ path: file }) => file?.startsWith(good));
      expect(goodLines.length).toBeGreaterThan(200);
      expect(goodLines.filter(({ outcome }) => outcome !== 'stored')).toEqual([]);
      for (const line of files)
        if (line.outcome !== 'stored')
          expect(line, line.path).toMatchObject({ reason: expect.stringMatching(/\.( \(.*\))?$/) });
      const cut = files.filter(({ path: file }) => /trunc/.test(file ?? ''));
      expect(cut.length).toBeGreaterThan(5);
      expect(cut.filter(({ outcome }) => outcome === 'stored')).toEqual([]);
      expect(lines.at(-1)?.summary?.['files']).toBe(files.length);
      const verified = await runCli(folder.path, ['verify', '--json']);
      expect(JSON.parse(verified.stdout)).toMatchObject({ damaged: [] });
    },
  );
});
