// The command line as a process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

test.skipIf(process.platform !== 'linux')('an answer that the disk does not take is told in a sentence', async () => {
  const full = fs.openSync('/dev/full', 'w');
  const main = path.join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, '--help'], {
    stdio: ['ignore', full, 'pipe'],
  });
  fs.closeSync(full);
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'close')]);
  expect(said).toBe('lectern: The answer cannot be written: the disk is full (ENOSPC).\n');
  expect(code).toBe(1);
});
