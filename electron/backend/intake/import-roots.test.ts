import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importRoots } from './import-roots.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-import-roots-'));
  for (const [disc, name] of [
    ['a', 'DICOMDIR'],
    ['b', 'dicomdir.;1'],
    ['c', 'other'],
  ] as const) {
    fs.mkdirSync(path.join(folder, disc));
    fs.writeFileSync(path.join(folder, disc, name), 'bytes');
  }
  fs.mkdirSync(path.join(folder, 'c', 'DICOMDIR'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

test.each([
  ['a DICOMDIR is its folder', ['a/DICOMDIR'], ['a']],
  ['so it is as discs show its name', ['b/dicomdir.;1'], ['b']],
  ['what lies beside it comes once', ['a/DICOMDIR', 'a/IM/1', 'a', 'b', 'c/other'], ['a', 'b', 'c/other']],
  ['a name that begins with dots lies in the folder', ['a/DICOMDIR', 'a/..x/1'], ['a']],
  ['a folder of that name, and one that is not there, are no DICOMDIR', ['c/DICOMDIR', 'd/DICOMDIR'], undefined],
])('%s', (_name, paths, roots) => {
  const at = (names: readonly string[]): string[] => names.map((name) => path.join(folder, name));
  expect(importRoots(at(paths))).toEqual(at(roots ?? paths));
});
