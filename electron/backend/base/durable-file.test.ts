// Folders that cannot be made: one sentence says why, and it comes at once.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './durable-file.ts';

let folder = '';
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-folder-'))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

test('it is made with those above it, for this user alone, and one that is there stays', () => {
  const deep = path.join(folder, 'a', 'b');
  makeFolder(deep);
  makeFolder(deep);
  expect(fs.statSync(deep).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o700);
});

test.skipIf(process.platform !== 'linux')('where a file system takes no folders', () => {
  expect(() => makeFolder('/proc/lectern/archive')).toThrow(
    '/proc/lectern cannot be made: no folder can be made in /proc. Give another one.',
  );
});

test.skipIf(process.platform === 'win32')('where a link leads nowhere', () => {
  const link = path.join(folder, 'link');
  fs.symlinkSync(path.join(folder, 'gone'), link);
  expect(() => makeFolder(link)).toThrow(
    `${link} is a link to what is not there. Remove it, or make what it leads to.`,
  );
  fs.mkdirSync(path.join(folder, 'gone'));
  makeFolder(link);
});

test('where a file is in the way', () => {
  fs.writeFileSync(path.join(folder, 'file'), '');
  expect(() => makeFolder(path.join(folder, 'file', 'deep'))).toThrow('EEXIST');
});
