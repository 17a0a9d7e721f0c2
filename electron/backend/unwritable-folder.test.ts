// A data folder in which something cannot be opened or made: one sentence says what, why, and what to do.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { backendForEachTest } from './routes/testing.ts';

const at = backendForEachTest();
const sentence = (file: string): Error =>
  expect.objectContaining({
    code: 'not-written',
    message: `${file} cannot be used: a file is in the way (EEXIST). See to its disk and its permissions, then try again.`,
  }) as Error;

test.each(['objects/0', 'quarantine', 'removed'])('%s is no folder', async (name) => {
  await at.backend.close();
  const folder = path.join(at.folder, 'data', name);
  fs.rmdirSync(folder);
  fs.writeFileSync(folder, '');
  await expect(at.open()).rejects.toThrow(sentence(folder));
  fs.rmSync(folder);
  await at.open();
});

test('nor is the data folder itself', async () => {
  await at.backend.close();
  const folder = path.join(at.folder, 'data');
  fs.renameSync(folder, `${folder}-aside`);
  fs.writeFileSync(folder, '');
  await expect(at.open()).rejects.toThrow(sentence(folder));
  fs.rmSync(folder);
  fs.renameSync(`${folder}-aside`, folder);
  await at.open();
});
