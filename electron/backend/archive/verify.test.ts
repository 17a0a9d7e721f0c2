// Verification as a job: what its counts say, which the settings screen shows.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { backendForEachTest } from '#backend/routes/testing.ts';
import { text, writeFile } from '#shared/testing/dicom-builder.ts';

const at = backendForEachTest();
const instance = (sop: number, name = 'Doe^Jane'): Uint8Array =>
  writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
    '00080018': text('UI', `1.2.3.1.${sop}`),
    '00100010': text('PN', name),
    '0020000D': text('UI', '1.2.3.1'),
    '0020000E': text('UI', '1.2.3.1.0'),
  });
const objects = (): string => path.join(at.folder, 'data', 'objects');

test('each file counts once: what is damaged, what lies in quarantine, what the index does not list', async () => {
  for (const sop of [1, 2, 3]) await at.take(at.put(`${sop}.dcm`, instance(sop)));
  await at.take(at.put('other.dcm', instance(3, 'Doe^John')));
  const whole = await at.jobOf(at.call('POST', '/verify'));
  expect(whole).toMatchObject({ state: 'done', itemsDone: 4, itemsTotal: 4, counts: {} });

  const { name } = at.backend.open().archive.index.locate('1.2.3.1.1')!;
  fs.truncateSync(path.join(objects(), name.slice(0, 1), name), 200);
  const unlisted = `0${'1'.repeat(name.length - 1)}`;
  fs.mkdirSync(path.join(objects(), '0'), { recursive: true });
  fs.writeFileSync(path.join(objects(), '0', unlisted), 'no sealed file');
  const damaged = await at.jobOf(at.call('POST', '/verify'));
  expect(damaged).toMatchObject({ state: 'done', itemsDone: 5, itemsTotal: 5, counts: { refused: 2 } });
});
