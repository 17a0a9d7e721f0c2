// Each way to start says in a sentence that the folder it was started in has gone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

const ELECTRON = path.join(import.meta.dirname, '..');

test.skipIf(process.platform === 'win32').for([
  ['cli/lectern.mjs', 'ls'],
  ['cli/main.ts', 'ls'],
  ['start.mjs', '--shell', 'browser', '--no-open'],
  ['browser-shell/main.ts', '--no-open'],
])('%s', async ([file = '', ...args]) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-gone-'));
  const child = spawn(
    'sh',
    [
      '-c',
      'rmdir "$PWD" && exec "$0" --disable-warning=ExperimentalWarning "$@"',
      process.execPath,
      path.join(ELECTRON, file),
      ...args,
      '--data',
      path.join(folder, 'data'),
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  onTestFinished(() => void child.kill());
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect(said).toBe('lectern: The current folder is not there any more: change to another one, then try again.\n');
  expect(code).toBe(1);
  expect(fs.existsSync(folder)).toBe(false);
});
