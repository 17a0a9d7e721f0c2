// What a rebuild of the index must not lose though no file says it: pins, demo marks, and that there was more.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXPLICIT, numbers, text, writeFile } from '#shared/testing/dicom-builder.ts';
import { Archive } from './archive.ts';
import { WORDS_OF_LOSS } from './lost-instances.ts';
import type { DamageReport } from './stored-checks.ts';
import { changesSince } from './change-feed.ts';
import { planRetention } from './retention.ts';
import { verifyAll } from './verify.ts';

let folder = '';
let archive: Archive;
const key = (): Buffer => randomBytes(32);
const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
const open = (): Archive => new Archive(path.join(folder, 'data'), keys);
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-rebuild-'));
  archive = open();
  for (const [study, sop] of [
    [1, 1],
    [1, 2],
    [2, 1],
  ] as const) {
    const file = path.join(folder, `${study}-${sop}.dcm`);
    const dataset = {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
      '00080018': text('UI', `1.2.3.${study}.${sop}`),
      '00080060': text('CS', 'REG'),
      '00100020': text('LO', `P${study}`),
      '0020000D': text('UI', `1.2.3.${study}`),
      '0020000E': text('UI', `1.2.3.${study}.0`),
      '00200013': numbers('US', sop),
    };
    fs.writeFileSync(file, writeFile(dataset, { transferSyntaxUid: EXPLICIT }));
    await archive.ingest.file({ path: file, isDemo: study === 2 });
  }
  archive.setPinned('1.2.3.1', true);
});
afterEach(async () => {
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

function fileOf(sop: string): string {
  const name = archive.index.locate(sop)?.name ?? '';
  return path.join(folder, 'data', 'objects', name.slice(0, 1), name);
}
const studies = (): unknown[] =>
  changesSince(archive.index, 0)
    .studies.map(({ studyUid, isPinned, isDemo, instanceCount, missingCount }) => ({
      studyUid,
      isPinned,
      isDemo,
      instanceCount,
      missingCount,
    }))
    .sort((a, b) => a.studyUid.localeCompare(b.studyUid));

const damagedNow = async (): Promise<DamageReport[]> => {
  const damaged: DamageReport[] = [];
  await verifyAll(
    archive,
    (report) => damaged.push(report),
    () => undefined,
    () => Promise.resolve(),
    new AbortController().signal,
  );
  return damaged;
};

const ONE = { studyUid: '1.2.3.1', isPinned: true, isDemo: false, instanceCount: 2, missingCount: 0 };
const TWO = { studyUid: '1.2.3.2', isPinned: false, isDemo: true, instanceCount: 1, missingCount: 0 };

test('a rebuild that is cut off, and the one after it, keep pins and demo marks, and no rule sees a study without its pin', async () => {
  const cut = archive.rebuild((done) => (done === 2 ? Promise.reject(new Error('cut')) : Promise.resolve()));
  await expect(cut).rejects.toThrow('cut');
  await archive.close();
  archive = open();
  expect(archive.needsRebuild).toBe(true);
  await archive.rebuild();
  expect(studies()).toEqual([ONE, TWO]);
  const plan = planRetention(archive, { maxBytes: 1, maxAgeDays: null }, () => false, Date.now() + 3_600_000);
  expect(plan.remove.map(({ studyUid }) => studyUid)).toEqual(['1.2.3.2']);
});

test('instances whose files are damaged are missed after a rebuild, until they come again', async () => {
  fs.truncateSync(fileOf('1.2.3.1.2'), 100);
  expect((await archive.rebuild()).damaged).toHaveLength(1);
  const damaged: DamageReport[] = [];
  const verify = (): Promise<number> =>
    verifyAll(
      archive,
      (report) => damaged.push(report),
      () => undefined,
      () => Promise.resolve(),
      new AbortController().signal,
    );
  expect(await verify()).toBe(2);
  expect(damaged).toEqual([
    {
      sopInstanceUid: null,
      file: expect.any(String) as string,
      reason: expect.stringMatching(/is not in the index; it cannot be read/) as string,
    },
  ]);
  expect(studies()).toEqual([{ ...ONE, instanceCount: 1, missingCount: 1 }, TWO]);
  expect(archive.index.db.prepare('SELECT series_uid FROM node_expectation').all()).toEqual([
    { series_uid: '1.2.3.1.0' },
  ]);
  await archive.ingest.file({ path: path.join(folder, '1-2.dcm') });
  expect(studies()).toEqual([ONE, TWO]);
  damaged.length = 0;
  expect(await verify()).toBe(3);
  expect(damaged).toEqual([]);
});

test('instances whose files are gone are named by a rebuild and each verification after it, until they come again', async () => {
  const told = (sopInstanceUid: string): DamageReport => ({ sopInstanceUid, reason: WORDS_OF_LOSS });
  fs.rmSync(fileOf('1.2.3.1.2'));
  fs.rmSync(fileOf('1.2.3.2.1'));
  const cut = archive.rebuild(() => Promise.reject(new Error('cut')));
  await expect(cut).rejects.toThrow('cut');
  for (const _ of ['after the one that was cut off', 'again']) {
    expect(await archive.rebuild()).toEqual({
      instances: 1,
      conflicts: 0,
      damaged: [],
      missing: ['1.2.3.1.2', '1.2.3.2.1'],
    });
    expect(await damagedNow()).toEqual([told('1.2.3.1.2'), told('1.2.3.2.1')]);
  }
  await archive.ingest.file({ path: path.join(folder, '1-2.dcm') });
  expect(await damagedNow()).toEqual([told('1.2.3.2.1')]);
  // Nothing of it is listed, and it can be let go all the same.
  await archive.removeStudy('1.2.3.2');
  expect(await damagedNow()).toEqual([]);
  await expect(archive.removeStudy('1.2.3.2')).rejects.toThrow('No study');
});

test('a stored file that is damaged outlives a rebuild and the crash after it', async () => {
  const file = fileOf('1.2.3.1.2');
  fs.truncateSync(file, fs.statSync(file).size - 1);
  await archive.rebuild();
  await archive.close();
  fs.writeFileSync(path.join(folder, 'data', 'open'), '');
  archive = open();
  expect(await archive.settleAfterCrash()).toEqual({ taken: [], removed: 0, left: 0 });
  expect(fs.existsSync(file)).toBe(true);
});

test('an index that is damaged in the middle is made anew with the pins that can be read, and what it listed is missed', async () => {
  fs.rmSync(fileOf('1.2.3.1.2'));
  await archive.close();
  const index = path.join(folder, 'data', 'index.db');
  fs.writeFileSync(`${index}.is-damaged`, '');
  const asides: string[] = [];
  archive = new Archive(path.join(folder, 'data'), keys, (aside) => asides.push(aside));
  expect(asides).toHaveLength(1);
  expect(archive.needsRebuild).toBe(true);
  expect(await archive.rebuild()).toMatchObject({ missing: ['1.2.3.1.2'] });
  expect(studies()).toEqual([{ ...ONE, instanceCount: 1, missingCount: 1 }, TWO]);
});

test('an index that is missing wants a rebuild until one was done, whoever opens it; that of a new archive wants none', async () => {
  expect(archive.needsRebuild).toBe(false);
  for (const opened of ['that made it', 'after that']) {
    await archive.close();
    if (opened === 'that made it')
      for (const suffix of ['', '-wal', '-shm'])
        fs.rmSync(path.join(folder, 'data', `index.db${suffix}`), { force: true });
    archive = open();
    expect([archive.needsRebuild, archive.isRemovable], opened).toEqual([true, false]);
  }
  await archive.rebuild();
  expect([archive.needsRebuild, archive.isRemovable]).toEqual([false, true]);
});

test('what other programs leave in the folders of the archive is no stored file', async () => {
  const objects = path.join(folder, 'data', 'objects');
  for (const stray of ['.DS_Store', 'a/Thumbs.db', '../quarantine/.DS_Store'])
    fs.writeFileSync(path.join(objects, stray), 'a');
  fs.mkdirSync(path.join(objects, 'a', 'folder'));
  const damaged: DamageReport[] = [];
  const checked = await verifyAll(
    archive,
    (report) => damaged.push(report),
    () => undefined,
    () => Promise.resolve(),
    new AbortController().signal,
  );
  expect({ checked, damaged }).toEqual({ checked: 3, damaged: [] });
  expect(await archive.rebuild()).toEqual({ instances: 3, conflicts: 0, damaged: [], missing: [] });
  await archive.close();
  fs.writeFileSync(path.join(folder, 'data', 'open'), '');
  archive = open();
  expect(await archive.settleAfterCrash()).toEqual({ taken: [], removed: 0, left: 0 });
  expect(fs.existsSync(path.join(objects, 'a', 'Thumbs.db'))).toBe(true);
});

test.each(['objects/a', 'quarantine'])('while %s cannot be read the index is left as it is', async (unreadable) => {
  const inTheWay = path.join(folder, 'data', unreadable);
  fs.renameSync(inTheWay, `${inTheWay}.away`);
  fs.writeFileSync(inTheWay, '');
  await expect(archive.rebuild()).rejects.toThrow(`${inTheWay} cannot be read (ENOTDIR)`);
  expect(studies()).toEqual([ONE, TWO]);
  expect(archive.index.isIncomplete).toBe(false);
});

test('a study was received when its last instance was, whatever the order of a rebuild', async () => {
  const day = (sop: number): Date => new Date(2020, 0, sop);
  for (const newest of [1, 2]) {
    for (const sop of [1, 2]) fs.utimesSync(fileOf(`1.2.3.1.${sop}`), new Date(), day(sop === newest ? 9 : 1));
    await archive.rebuild();
    const { studies: rows } = changesSince(archive.index, 0);
    expect(rows.find(({ studyUid }) => studyUid === '1.2.3.1')?.receivedAt).toBe(day(9).getTime());
  }
});

/** Rebuilds, and does something once the first file was looked at. */
async function rebuildWith(meanwhile: () => Promise<unknown>): Promise<void> {
  let isFirst = true;
  await archive.rebuild(async () => {
    if (!isFirst) return;
    isFirst = false;
    await meanwhile();
  });
}
const quarantined = (): string[] => fs.readdirSync(path.join(folder, 'data', 'quarantine'));

test('one rebuild at a time: a second one is refused in words and harms nothing', async () => {
  await rebuildWith(() =>
    expect(archive.rebuild()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('made anew already') as string,
    }),
  );
  expect([studies(), quarantined(), await damagedNow()]).toEqual([[ONE, TWO], [], []]);
  expect(await archive.rebuild()).toMatchObject({ instances: 3, conflicts: 0 });
});

test('what comes in again while the index is made anew keeps its file', async () => {
  await rebuildWith(async () => {
    for (const name of ['1-1', '1-2', '2-1']) await archive.ingest.file({ path: path.join(folder, `${name}.dcm`) });
  });
  expect([studies().length, archive.index.totals().instances, quarantined(), await damagedNow()]).toEqual([
    2,
    3,
    [],
    [],
  ]);
});

test('nothing is removed, or taken out of quarantine, before all stored files are in the index', async () => {
  const refused = { code: 'conflict', message: expect.stringContaining('Try again then') as string };
  const cut = archive.rebuild(async (done) => {
    await expect(archive.removeStudy('1.2.3.1')).rejects.toMatchObject(refused);
    await expect(archive.removeConflict(1)).rejects.toMatchObject(refused);
    await expect(archive.preferConflict(1)).rejects.toMatchObject(refused);
    if (done === 2) throw new Error('cut');
  });
  await expect(cut).rejects.toThrow('cut');
  await expect(archive.removeStudy('1.2.3.1')).rejects.toMatchObject(refused);
  await archive.rebuild();
  await archive.removeStudy('1.2.3.1');
  expect([studies(), await damagedNow()]).toEqual([[TWO], []]);
});

test('a stored instance that lies in quarantine comes back: by a rebuild, or where a person asks for it', async () => {
  const name = archive.index.locate('1.2.3.1.2')?.name ?? '';
  const toQuarantine = (): void => fs.renameSync(fileOf('1.2.3.1.2'), path.join(folder, 'data', 'quarantine', name));
  toQuarantine();
  expect(await archive.rebuild()).toMatchObject({ instances: 3, conflicts: 0, missing: [] });
  expect([studies(), quarantined(), await damagedNow()]).toEqual([[ONE, TWO], [], []]);
  // Beside a file that cannot be read nobody knows whose it is.
  toQuarantine();
  archive.index.db.execute(`DELETE FROM instance WHERE name = '${name}'`);
  fs.truncateSync(fileOf('1.2.3.2.1'), 100);
  expect(await archive.rebuild()).toMatchObject({ instances: 1, conflicts: 1 });
  const { id = 0 } = archive.index.db.prepare<{ id: number }>('SELECT id FROM conflict').get() ?? {};
  await archive.preferConflict(id);
  expect(archive.index.locate('1.2.3.1.2')?.name).toBe(name);
  expect(quarantined()).toEqual([]);
  expect((await damagedNow()).map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([null]);
});
