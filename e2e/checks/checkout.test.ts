// Setting a fresh checkout up, with an npm of ours that says when it starts and ends: a folder with checkout.mjs and nothing else.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT, temporaryFolder } from '../support/lectern.ts';

const LOCK = { packages: { '': {}, 'node_modules/thing': { version: '1.0.0' } } };
let folder: ReturnType<typeof temporaryFolder>;
const at = (...names: string[]): string => path.join(folder.path, ...names);

beforeEach(() => {
  folder = temporaryFolder();
  for (const name of ['electron', 'bin']) fs.mkdirSync(at(name));
  fs.copyFileSync(path.join(ROOT, 'electron', 'checkout.mjs'), at('electron', 'checkout.mjs'));
  fs.writeFileSync(at('package.json'), '{}');
  fs.writeFileSync(at('package-lock.json'), JSON.stringify(LOCK));
  // Goes on when the test has written into the pipe.
  fs.writeFileSync(
    at('bin', 'npm'),
    `#!/bin/sh\necho start >>'${at('log')}'\nread line <'${at('go')}'\nmkdir '${at('node_modules')}'\necho end >>'${at('log')}'\n`,
    { mode: 0o755 },
  );
});
afterEach(() => folder[Symbol.dispose]());

function prepare(): ChildProcess {
  const script = `import(${JSON.stringify(pathToFileURL(at('electron', 'checkout.mjs')).href)}).then((checkout) => checkout.prepareCheckout({ quiet: true }))`;
  return spawn(process.execPath, ['-e', script], {
    env: { ...process.env, PATH: `${at('bin')}:${process.env['PATH']}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function said(child: ChildProcess, words: string): Promise<void> {
  let all = '';
  for await (const piece of child.stderr!) if ((all += String(piece)).includes(words)) return;
  throw new Error(`ended with: ${all}`);
}

const log = (): string => fs.readFileSync(at('log'), 'utf8');

test.skipIf(process.platform === 'win32')('two commands at once on a fresh checkout install once', async () => {
  expect(await once(spawn('mkfifo', [at('go')]), 'exit')).toEqual([0, null]);
  const first = prepare();
  await said(first, 'Installing packages');
  const second = prepare();
  await said(second, 'Another command is installing');
  const ends = Promise.all([once(first, 'exit'), once(second, 'exit')]);
  fs.writeFileSync(at('go'), 'go\n');
  expect(await ends).toEqual([
    [0, null],
    [0, null],
  ]);
  expect(log()).toBe('start\nend\n');
  expect(fs.readdirSync(at('out'))).toEqual([]);
});

test("a lock that a killed command left is nobody's, and packages installed by hand are not installed again", async () => {
  fs.mkdirSync(at('node_modules'));
  fs.writeFileSync(
    at('node_modules', '.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/thing': { version: '1.0.0' } } }),
  );
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  fs.mkdirSync(at('out'));
  fs.writeFileSync(at('out', '.installing'), String(gone.pid));
  expect(await once(prepare(), 'exit')).toEqual([0, null]);
  expect(fs.existsSync(at('log'))).toBe(false);
  expect(fs.existsSync(at('node_modules', '.lectern-installed'))).toBe(true);
});
