// A data folder that is named by mistake: what lies in it stays as it is, and nothing is made beside it.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';

const at = backendForEachTest();
const UUID = '01234567-89ab-4cde-8f01-23456789abcd';
const NAME = '0123456789abcdef0123456789abcdef01234567';
const inData = (...names: string[]): string => path.join(at.folder, 'data', ...names);

/** Another data folder than that of the archive which is there, with these files. */
async function begun(...files: string[]): Promise<void> {
  await at.backend.close();
  fs.renameSync(inData(), `${inData()}-aside`);
  for (const file of files) {
    fs.mkdirSync(path.dirname(inData(file)), { recursive: true });
    fs.writeFileSync(inData(file), 'precious');
  }
}
const list = (folder: string): string[] => fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

test.each(['tmp/thesis/chapter1.txt', 'removed/letter.txt', 'objects/a/letter.txt', 'tmp'])(
  'a folder with %s in it is refused, and nothing is made there',
  async (file) => {
    await begun(file, 'lost+found/x');
    const before = list(inData());
    await expect(at.open()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        /data is no archive of Lectern, and .* is in it, .* Give an empty folder/,
      ) as string,
    });
    expect(list(inData())).toEqual(before);
    expect(fs.readFileSync(inData(file), 'utf8')).toBe('precious');
    fs.rmSync(inData(), { recursive: true });
    await at.open();
  },
);

test('what lies beside the names of an archive is in nobody’s way, and stays', async () => {
  await begun('letter.txt', '.git/config', NAME);
  await at.open();
  await at.take(at.put('1.dcm', instance(1, 1)));
  await at.backend.open().archive.removeStudy('1.2.3.1');
  for (const file of ['letter.txt', '.git/config', NAME])
    expect(fs.readFileSync(inData(file), 'utf8')).toBe('precious');
});

test('what systems put there, and a first start that was cut off, are nobody else’s', async () => {
  await begun('.DS_Store', 'Thumbs.db', 'desktop.ini', 'lost+found/x', `tmp/${UUID}`, 'archive.json.12.tmp');
  for (const folder of ['objects/a', 'quarantine', 'removed']) fs.mkdirSync(inData(folder), { recursive: true });
  fs.writeFileSync(inData('lock.db'), '');
  await at.open();
  expect(fs.readdirSync(inData('tmp'))).toEqual([]);
});

test('in an archive only files with names of its own are removed', async () => {
  const kept = ['tmp/thesis/chapter1.txt', 'tmp/letter.txt', 'removed/letter.txt', `removed/${NAME}`];
  await at.backend.close();
  for (const file of kept) {
    fs.mkdirSync(path.dirname(inData(file)), { recursive: true });
    fs.writeFileSync(inData(file), 'precious');
  }
  fs.mkdirSync(inData('tmp', UUID));
  fs.writeFileSync(inData('tmp', `copy-${NAME}`), '');
  fs.writeFileSync(inData('removed', `${NAME}.${UUID}`), 'x'.repeat(200));
  await at.open();
  await at.take(at.put('1.dcm', instance(1, 1)));
  const { archive } = at.backend.open();
  await archive.removeStudy('1.2.3.1');
  expect(list(inData('tmp'))).toEqual([UUID, 'letter.txt', 'thesis', 'thesis/chapter1.txt']);
  expect(list(inData('removed'))).toEqual([NAME, 'letter.txt']);
  for (const file of kept) expect(fs.readFileSync(inData(file), 'utf8')).toBe('precious');
});

test('a link under a name of the archive is told of, and what it leads to stays', async () => {
  await at.backend.close();
  const outside = path.join(at.folder, 'outside');
  fs.writeFileSync(outside, 'precious'.repeat(100));
  fs.symlinkSync(outside, inData('removed', `${NAME}.${UUID}`));
  await at.open();
  await at.take(at.put('1.dcm', instance(1, 1)));
  const { archive, renewals } = at.backend.open();
  await archive.removeStudy('1.2.3.1');
  expect(renewals.sentences).toEqual([expect.stringMatching(/could not be destroyed: .* a link or a folder/)]);
  expect(fs.readFileSync(outside, 'utf8')).toBe('precious'.repeat(100));
});
