// The command line as scripts use it: exit codes, one sentence on stderr, and work handed to the Lectern that has the folder.
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli, startCli, startShell, temporaryFolder } from '../support/lectern.ts';
import { TEST_STUDY, testSlice, writeTestStudy } from '../support/test-study.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

const lectern = (...args: string[]): ReturnType<typeof runCli> => runCli(folder.path, args);
const source = (): string => path.join(folder.path, 'source');

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the command ended without a line');
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  const ended = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  return (await ended)[0];
}

describe('wrong calls', () => {
  test.each([
    [['frobnicate'], 2, 'There is no command frobnicate'],
    [[], 2, 'A command is needed'],
    [['ls', '--level', 'bogus'], 2, 'There is no level bogus'],
    [['ls', '--match', 'NoSuchKeyword=1'], 1, 'NoSuchKeyword'],
    [['ls', '--match', 'PatientID'], 2, 'Keyword=Value'],
    [['ls', '--match', 'StudyDate=2024-01-01'], 1, 'StudyDate is a date: ask for 20240101 or for a range'],
    [['ls', '--no-such-option'], 2, 'no option --no-such-option'],
    [['show', '1.2.3'], 1, 'Nothing with UID 1.2.3'],
    [['export', '1.2.3', 'out'], 1, 'Nothing with UID 1.2.3'],
    [['rm', '1.2.3'], 1, 'No study 1.2.3'],
    [['import', 'no-such-folder'], 1, 'no-such-folder is not there'],
    [['import'], 2, 'at least one path'],
    [['scp', '--aet', 'LONGER_THAN_A_TITLE'], 2, '--aet has 1 to 16 characters'],
    [['scp', '--aet', ''], 2, '--aet has 1 to 16 characters'],
    [['get', 'pacs', '1.2.3', '--port', 'none'], 2, '--port is a number'],
    [['nodes', 'add', 'pacs', '--dimse', 'A@host:104', '--charset', 'ISO_IR 999'], 2, 'ISO_IR 999 is no'],
  ])('%j exits %d with one sentence', async (args, code, sentence) => {
    const result = await lectern(...args);
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(sentence);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('--help exits 0, also of a command and after other options', async () => {
    for (const args of [['--help'], ['import', '--help'], ['--json', 'ls', '--help']])
      expect(await lectern(...args)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('usage: ') });
  });
});

test('serve answers DICOMweb and does not receive by itself, which it says', async () => {
  const serving = startCli(folder.path, ['serve']);
  const { origin, token } = JSON.parse(await firstLine(serving)) as { origin: string; token: string };
  const answer = await fetch(`${origin}/api/receiver`, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({
    state: 'off',
    settings: { isOn: true },
    message: expect.stringContaining('`lectern scp`') as string,
  });
  expect(await end(serving)).toBe(0);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends a command in order', async (signal) => {
  const serving = startCli(folder.path, ['serve']);
  await firstLine(serving);
  expect(await end(serving, signal)).toBe(0);
  expect(fs.existsSync(path.join(folder.path, 'data', 'running.json'))).toBe(false);
});

describe('send --commit', () => {
  test('what was sent is told also where nobody answers for it', async () => {
    writeTestStudy(source());
    await lectern('import', source());
    const other = temporaryFolder();
    const receiving = startCli(other.path, ['scp', '--port', '0']);
    try {
      const { port } = JSON.parse(await firstLine(receiving)) as { port: number };
      await lectern('nodes', 'add', 'pacs', '--dimse', `LECTERN@127.0.0.1:${port}`);
      const { code, stdout, stderr } = await lectern('send', 'pacs', TEST_STUDY.studyUid, '--commit', '--json');
      const { summary } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { summary: Record<string, number> };
      expect({ code, sent: summary['sent'], failed: summary['failed'], committed: summary['committed'] }).toEqual({
        code: 3,
        sent: summary['expected'],
        failed: 0,
        committed: 0,
      });
      expect(summary['sent']).toBeGreaterThan(0);
      expect(stderr).toContain(`pacs does not answer for ${summary['sent']} instances: they are not safe to delete.`);
    } finally {
      await end(receiving);
      other[Symbol.dispose]();
    }
  });

  test('a node that cannot answer for anything is not sent to first', async () => {
    writeTestStudy(source());
    await lectern('import', source());
    await lectern('nodes', 'add', 'web', '--dicomweb', 'http://127.0.0.1:1/dicom-web');
    expect(await lectern('send', 'web', TEST_STUDY.studyUid, '--commit')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'lectern: web is a dicomweb node: storage commitment needs a dimse node.\n',
    });
  });
});

describe('one process owns a data folder', () => {
  test('a command that finds it taken hands its work over, with the same answers and exit codes', async () => {
    const serving = startCli(folder.path, ['serve']);
    const { origin, token } = JSON.parse(await firstLine(serving)) as { origin: string; token: string };
    writeTestStudy(source());
    fs.writeFileSync(path.join(source(), 'cut.dcm'), testSlice(1).subarray(0, 420));
    const imported = await lectern('import', source(), '--json');
    expect(imported).toMatchObject({ code: 3, stderr: '' });
    expect(imported.stdout).toContain(`"stored":${TEST_STUDY.slices}`);
    expect(await lectern('ls', '--match', 'PatientName=mül*')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(TEST_STUDY.studyUid),
    });
    expect(await lectern('ls', '--level', 'bogus')).toMatchObject({ code: 2, stdout: '' });
    expect(await lectern('show', '1.2.3')).toMatchObject({ code: 1, stderr: expect.stringContaining('1.2.3') });
    // What came in by the other process is in the origin that was there before.
    const answer = await fetch(`${origin}/api/dicomweb/studies`, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toHaveLength(1);
    // A second origin on the same archive, ended without ending the first.
    const second = startCli(folder.path, ['serve']);
    const other = JSON.parse(await firstLine(second)) as { origin: string };
    expect(other.origin).not.toBe(origin);
    expect(await end(second)).toBe(0);
    expect(
      (await fetch(`${origin}/api/dicomweb/studies`, { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(200);
    expect(await end(serving)).toBe(0);
    expect(fs.existsSync(path.join(folder.path, 'data', 'running.json'))).toBe(false);
  });

  test('many commands at once all get their answer', async () => {
    writeTestStudy(source());
    const all = await Promise.all([
      lectern('import', source()),
      ...Array.from({ length: 5 }, () => lectern('ls')),
      lectern('verify', '--json'),
    ]);
    expect(all.map(({ code, stderr }) => [code, stderr])).toEqual(all.map(() => [0, '']));
    expect(await lectern('ls')).toMatchObject({ stdout: expect.stringContaining(TEST_STUDY.studyUid) });
  });

  test('a note left by a Lectern that was killed misleads nobody', async () => {
    const serving = startCli(folder.path, ['serve']);
    await firstLine(serving);
    const ended = once(serving, 'exit');
    serving.kill('SIGKILL');
    await ended;
    expect(fs.existsSync(path.join(folder.path, 'data', 'running.json'))).toBe(true);
    expect(await lectern('ls')).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a passphrase', () => {
  const file = (name: string, text: string | Uint8Array): string => {
    fs.writeFileSync(path.join(folder.path, name), text);
    return path.join(folder.path, name);
  };

  test('is set and changed by a command, with what Lectern runs and without', async () => {
    const [one, two] = [file('one', 'correct horse\n'), file('two', 'another one')];
    expect(await lectern('passphrase')).toMatchObject({ code: 2, stderr: expect.stringContaining('or a terminal') });
    expect(await lectern('passphrase', '--new-passphrase-file', one)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/protected by the passphrase .*\nCopies and backups .* with the archive\.json/),
      stderr: '',
    });
    expect(fs.readdirSync(path.join(folder.path, 'keys'))).toEqual([]);
    expect(await lectern('ls')).toMatchObject({ code: 1, stderr: expect.stringContaining('--passphrase-file') });
    const serving = startCli(folder.path, ['serve', '--passphrase-file', one]);
    await firstLine(serving);
    const changed = ['passphrase', '--new-passphrase-file', two];
    expect(await lectern(...changed)).toMatchObject({ code: 2, stdout: '' });
    expect(await lectern(...changed, '--passphrase-file', two)).toMatchObject({ code: 1, stdout: '' });
    expect(await lectern(...changed, '--passphrase-file', one)).toMatchObject({
      code: 0,
      stdout: 'the passphrase is changed\n',
      stderr: '',
    });
    await end(serving);
    expect(await lectern('ls', '--passphrase-file', one)).toMatchObject({ code: 1 });
    expect(await runCli(folder.path, ['ls'], { LECTERN_PASSPHRASE: 'another one' })).toMatchObject({ code: 0 });
  });

  test('that is none makes no archive, and one that nothing asks for is noted', async () => {
    for (const [name, text] of [
      ['empty', ''],
      ['short', 'a\n'],
      ['latin', Buffer.from('Gr\u00FC\u00DFe aus', 'latin1')],
    ] as const)
      expect(await lectern('ls', '--passphrase-file', file(name, text))).toMatchObject({ code: 1, stdout: '' });
    expect(fs.existsSync(path.join(folder.path, 'data', 'archive.json'))).toBe(false);
    await lectern('ls');
    expect(await lectern('ls', '--passphrase-file', file('long', 'correct horse'))).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^lectern: The archive has no passphrase: the one given is not used.*\n$/),
    });
  });

  test('unlocks the Lectern that runs on the archive, for the command and all that follow', async () => {
    const one = file('one', 'correct horse');
    await lectern('ls', '--passphrase-file', one);
    const shell = await startShell(folder.path);
    try {
      expect(await lectern('ls')).toMatchObject({ code: 1, stderr: expect.stringContaining('--passphrase-file') });
      expect(await lectern('ls', '--passphrase-file', one)).toMatchObject({ code: 0, stderr: '' });
      expect(await lectern('ls')).toMatchObject({ code: 0, stderr: '' });
    } finally {
      await shell.stop();
    }
  });
});

describe('a damaged file in the archive', () => {
  test('is named by an export, which writes all others, and nothing half', async () => {
    writeTestStudy(source());
    expect(await lectern('import', source())).toMatchObject({ code: 0 });
    const objects = path.join(folder.path, 'data', 'objects');
    const [first] = fs
      .readdirSync(objects, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    fs.truncateSync(first ?? '', 500);
    const target = path.join(folder.path, 'out');
    const exported = await lectern('export', TEST_STUDY.studyUid, target, '--json');
    expect(exported).toMatchObject({ code: 3, stderr: expect.stringMatching(/The stored file of \S+ is damaged/) });
    const { exported: count, damaged } = JSON.parse(exported.stdout) as {
      exported: number;
      damaged: { sopInstanceUid: string }[];
    };
    expect([count, damaged.length]).toEqual([TEST_STUDY.slices - 1, 1]);
    expect(fs.readdirSync(target)).toHaveLength(TEST_STUDY.slices - 1);
    expect(fs.readdirSync(target)).not.toContain(`${damaged[0]?.sopInstanceUid}.dcm`);
    expect(fs.readdirSync(target).filter((name) => !name.endsWith('.dcm'))).toEqual([]);
  });
});

describe('content that tries to be something else', () => {
  test('markup in values stays text, UIDs that are paths are refused, exports stay in their folder', async () => {
    fs.mkdirSync(source(), { recursive: true });
    const name = '<script>alert(1)</script>';
    fs.writeFileSync(path.join(source(), 'a.dcm'), testSlice(1, { '00100010': { vr: 'PN', values: [name] } }));
    for (const [at, uid] of ['../../../../tmp/evil', '..\\evil', '1.2/../../x', '/etc/passwd'].entries())
      fs.writeFileSync(
        path.join(source(), `b${at}.dcm`),
        testSlice(2 + at, { '00080018': { vr: 'UI', values: [uid] } }),
      );
    const imported = await lectern('import', source(), '--json');
    const outcomes = imported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path?: string; outcome?: string; sopInstanceUid?: string });
    expect(outcomes.filter(({ path: file }) => file?.includes('/b')).map(({ outcome }) => outcome)).toEqual(
      Array(4).fill('refused'),
    );
    const listed = await lectern('ls', '--json');
    expect((JSON.parse(listed.stdout) as Record<string, { Value: unknown[] }>[])[0]?.['00100010']?.Value).toEqual([
      { Alphabetic: name },
    ]);
    const target = path.join(folder.path, 'out', 'deep');
    expect(await lectern('export', TEST_STUDY.studyUid, target)).toMatchObject({ code: 0 });
    expect(fs.readdirSync(target)).toEqual(['2.25.2001.dcm']);
  });
});
