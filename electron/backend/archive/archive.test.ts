import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { binary, numbers, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';
import { Archive } from './archive.ts';
import { changesSince } from './change-feed.ts';

let folder = '';
let archive: Archive;
const key = (): Buffer => randomBytes(32);
const keys = { index: key(), files: key(), names: key(), audit: key(), settings: key(), marks: key() };
const openArchive = (): Archive => new Archive(path.join(folder, 'data'), keys);
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-archive-'));
  archive = openArchive();
});
afterEach(async () => {
  await archive.close();
  fs.rmSync(folder, { recursive: true });
});

function image(sop: string, changed: Dataset = {}, rows = 30, columns = 20): Uint8Array {
  return writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
    '00080018': text('UI', sop),
    '00080060': text('CS', 'OT'),
    '00100010': text('PN', 'Doe^Jane'),
    '00100020': text('LO', 'P1'),
    '0020000D': text('UI', '1.2.3'),
    '0020000E': text('UI', '1.2.3.4'),
    '00280002': numbers('US', 1),
    '00280010': numbers('US', rows),
    '00280011': numbers('US', columns),
    '00280100': numbers('US', 8),
    '00280101': numbers('US', 8),
    '00280102': numbers('US', 7),
    '00280103': numbers('US', 0),
    '7FE00010': binary('OB', new Uint8Array(rows * columns).fill(7)),
    ...changed,
  });
}

async function store(bytes: Uint8Array, name = 'file.dcm'): Promise<Awaited<ReturnType<Archive['ingest']['file']>>> {
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return archive.ingest.file({ path: file });
}

async function streamed(
  bytes: Uint8Array,
  pieceBytes: number,
  announcedUid?: string,
): Promise<Awaited<ReturnType<Archive['ingest']['file']>>> {
  const stream = archive.ingest.stream({ path: 'stream', ...(announcedUid !== undefined && { announcedUid }) });
  for (let at = 0; at < bytes.length; at += pieceBytes) await stream.write(bytes.slice(at, at + pieceBytes));
  return stream.finish();
}

const stored = async (sop: string): Promise<Buffer> => {
  const location = archive.index.locate(sop);
  if (!location) throw new Error(`no ${sop}`);
  return archive.readRange(location, 0, location.sizeBytes);
};

function fileOf(sop: string): string {
  const name = archive.index.locate(sop)?.name ?? '';
  return path.join(folder, 'data', 'objects', name.slice(0, 1), name);
}

describe('archive', () => {
  test('gives back the bytes as received, also after a restart, and nothing of them is readable on disk', async () => {
    const bytes = image('1.2.3.4.5');
    expect(await store(bytes)).toMatchObject({ outcome: 'stored', sopInstanceUid: '1.2.3.4.5' });
    await archive.close();
    for (const file of fs.readdirSync(path.join(folder, 'data'), { recursive: true, withFileTypes: true })) {
      if (file.isFile())
        expect(fs.readFileSync(path.join(file.parentPath, file.name)).includes('Doe^Jane'), file.name).toBe(false);
    }
    archive = openArchive();
    expect((await stored('1.2.3.4.5')).equals(bytes)).toBe(true);
  });

  test('takes streams far larger than what may wait, in one piece or many', async () => {
    const large = image('1.2.3.4.6', {}, 4000, 3000);
    expect(await streamed(large, large.length)).toMatchObject({ outcome: 'stored', sizeBytes: large.length });
    const other = image('1.2.3.4.7', {}, 4000, 3000);
    expect(await streamed(other, 70_001)).toMatchObject({ outcome: 'stored' });
    expect((await stored('1.2.3.4.7')).equals(other)).toBe(true);
  });

  test('a large stream that is no DICOM file is known as such by its beginning and not written', async () => {
    const stream = archive.ingest.stream({ path: 'video' });
    const piece = Buffer.alloc(1024 * 1024, 'not DICOM ');
    let largest = 0;
    const look = (): void => {
      for (const name of fs.readdirSync(path.join(folder, 'data', 'tmp')))
        largest = Math.max(largest, fs.statSync(path.join(folder, 'data', 'tmp', name)).size);
    };
    for (let at = 0; at < 12; at++) {
      await stream.write(piece);
      look();
    }
    expect(await stream.finish()).toMatchObject({
      outcome: 'not-dicom',
      code: 'not-dicom',
      sizeBytes: 12 * piece.length,
    });
    expect(largest).toBeLessThan(4 * 1024 * 1024);
    expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
  });

  test('the same file twice is a duplicate, also with another file meta; other content is a conflict in quarantine', async () => {
    await store(image('1.2.3.4.5'));
    expect(await store(image('1.2.3.4.5'))).toMatchObject({ outcome: 'duplicate' });
    const otherMeta = image('1.2.3.4.5');
    otherMeta.set([0x58], 4);
    expect(await store(otherMeta)).toMatchObject({ outcome: 'duplicate' });
    expect(await store(image('1.2.3.4.5', { '00100010': text('PN', 'Doe^John') }))).toMatchObject({
      outcome: 'conflict',
    });
    expect(await store(image('1.2.3.4.5', { '00100010': text('PN', 'Doe^John') }))).toMatchObject({
      outcome: 'conflict',
    });
    expect(archive.index.conflicts()).toHaveLength(1);
    expect((await stored('1.2.3.4.5')).equals(image('1.2.3.4.5'))).toBe(true);
    expect(archive.index.totals()).toMatchObject({ studies: 1, instances: 1 });
  });

  test.each([
    ['cut', (file: string) => fs.truncateSync(file, 100)],
    ['missing', (file: string) => fs.rmSync(file)],
  ])('a stored file that is %s is no duplicate of the same file: that one takes its place', async (_name, harm) => {
    const bytes = image('1.2.3.4.5');
    await store(bytes);
    harm(fileOf('1.2.3.4.5'));
    expect(await store(bytes)).toMatchObject({ outcome: 'stored', code: 'restored' });
    expect((await stored('1.2.3.4.5')).equals(bytes)).toBe(true);
    expect(await store(bytes)).toMatchObject({ outcome: 'duplicate' });
    harm(fileOf('1.2.3.4.5'));
    expect(await streamed(bytes, 1000, '1.2.3.4.5')).toMatchObject({ outcome: 'stored', code: 'restored' });
    expect((await stored('1.2.3.4.5')).equals(bytes)).toBe(true);
    expect(archive.index.totals()).toMatchObject({ studies: 1, instances: 1 });
  });

  test('many at once, among them the same ones, end as one each', async () => {
    const files = Array.from({ length: 60 }, (_, i) => image(`1.2.3.4.${100 + (i % 20)}`));
    const outcomes = await Promise.all(files.map((bytes, i) => store(bytes, `${i}.dcm`)));
    expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(20);
    expect(outcomes.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(40);
  });

  test('what was announced as new goes to its place at once, and is still counted once, whatever it turns out to be', async () => {
    const announced = (bytes: Uint8Array, uid: string): ReturnType<typeof streamed> => streamed(bytes, 1000, uid);
    const filesIn = (name: string): string[] =>
      fs
        .readdirSync(path.join(folder, 'data', name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name);
    const [five, six, john] = [
      image('1.2.3.4.5'),
      image('1.2.3.4.6'),
      image('1.2.3.4.5', { '00100010': text('PN', 'Doe^John') }),
    ];
    expect(await announced(five, '1.2.3.4.5')).toMatchObject({ outcome: 'stored', sopInstanceUid: '1.2.3.4.5' });
    expect(filesIn('objects')).toEqual([archive.index.locate('1.2.3.4.5')?.name]);
    expect(await announced(five, '1.2.3.4.5')).toMatchObject({ outcome: 'duplicate' });
    // Not what was announced: the same file once more, and other content for what is there.
    expect(await announced(five, '1.2.3.4.9')).toMatchObject({ outcome: 'duplicate' });
    expect(await announced(john, '1.2.3.4.9')).toMatchObject({ outcome: 'conflict' });
    expect(await announced(new Uint8Array(5000), '1.2.3.4.9')).toMatchObject({ outcome: 'not-dicom' });
    // Two that announce each other's UID, twice each.
    const four = [announced(six, '1.2.3.4.7'), announced(image('1.2.3.4.7'), '1.2.3.4.6')];
    four.push(announced(six, '1.2.3.4.6'), announced(image('1.2.3.4.7'), '1.2.3.4.7'));
    const outcomes = (await Promise.all(four)).map(({ outcome }) => outcome);
    expect(outcomes.sort()).toEqual(['duplicate', 'duplicate', 'stored', 'stored']);

    const names = archive.index.locateAll({}).map(({ name }) => name);
    expect(filesIn('objects').sort()).toEqual(names.sort());
    expect(filesIn('quarantine')).toEqual(archive.index.conflicts().map(({ name }) => name));
    expect(filesIn('tmp')).toEqual([]);
    for (const [uid, bytes] of [['1.2.3.4.5', five] as const, ['1.2.3.4.6', six] as const])
      expect((await stored(uid)).equals(bytes)).toBe(true);
  });

  test('a power cut takes rows that were not flushed, never an instance that was said to be stored', async () => {
    await store(image('1.2.3.4.5'));
    archive.index.flush();
    const wal = path.join(folder, 'data', 'index.db-wal');
    const flushedBytes = fs.statSync(wal).size;
    const wanted = ['1.2.3.4.5'];
    for (let at = 100; at < 106; at++) {
      wanted.push(`1.2.3.4.${at}`);
      await streamed(image(`1.2.3.4.${at}`), 700, `1.2.3.4.${at}`);
    }
    await store(image('1.2.3.4.5', { '00100010': text('PN', 'Doe^John') }));
    const { epoch } = archive.index;
    const bytes = fs.statSync(wal).size;
    expect(bytes).toBeGreaterThan(flushedBytes);
    const whole = path.join(folder, 'whole');
    fs.cpSync(path.join(folder, 'data'), whole, { recursive: true });
    await archive.close();
    for (let cut = flushedBytes; cut <= bytes; cut += Math.ceil((bytes - flushedBytes) / 12)) {
      fs.rmSync(path.join(folder, 'data'), { recursive: true });
      fs.cpSync(whole, path.join(folder, 'data'), { recursive: true });
      // The index that SQLite shares between processes is not kept over a power cut.
      fs.rmSync(`${wal.slice(0, -4)}-shm`, { force: true });
      fs.truncateSync(wal, cut);
      archive = openArchive();
      const { taken } = await archive.settleAfterCrash();
      // Mirrors begin anew: change numbers come twice.
      expect(archive.index.epoch !== epoch).toBe(taken.length > 0);
      if (cut === flushedBytes) expect(taken.toSorted()).toEqual(wanted.toSorted());
      const all = archive.index.locateAll({});
      expect(all.map(({ sopUid }) => sopUid).sort(), `cut at ${cut}`).toEqual(wanted.sort());
      expect((await Promise.all(all.map((each) => archive.checks.instance(each)))).filter(Boolean)).toEqual([]);
      expect(archive.index.conflicts()).toHaveLength(1);
      expect(archive.index.totals()).toMatchObject({ studies: 1, instances: wanted.length });
      await archive.close();
    }
    archive = openArchive();
  });

  test('images without a number are listed in one order, whichever came first', async () => {
    for (const sop of ['1.2.3.4.7', '1.2.3.4.5', '1.2.3.4.6']) await store(image(sop));
    const listed = archive.index.locateAll({}).map(({ sopUid }) => sopUid);
    expect(listed).toEqual(['1.2.3.4.5', '1.2.3.4.6', '1.2.3.4.7']);
  });

  test('removing a study destroys its files, an interrupted removal is finished at the next start', async () => {
    await store(image('1.2.3.4.5'));
    archive.index.removeStudy('1.2.3');
    const files = (): string[] =>
      fs
        .readdirSync(path.join(folder, 'data', 'objects'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name);
    expect(files()).toHaveLength(1);
    await archive.close();
    archive = openArchive();
    expect(files()).toHaveLength(0);
    expect(archive.index.locate('1.2.3.4.5')).toBeUndefined();
  });

  test('what is removed may come again while its old files are being destroyed, and others are answered meanwhile', async () => {
    const sops = Array.from({ length: 20 }, (_, at) => `1.2.3.4.${at}`);
    for (const sop of sops) await store(image(sop), `${sop}.dcm`);
    const order: string[] = [];
    const removed = archive.removeStudy('1.2.3').then(() => order.push('destroyed'));
    expect(archive.index.hasStudy('1.2.3')).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    order.push('others');
    const again = Promise.all(sops.map((sop) => archive.ingest.file({ path: path.join(folder, `${sop}.dcm`) })));
    await removed;
    expect(order).toEqual(['others', 'destroyed']);
    expect((await again).map(({ outcome }) => outcome)).toEqual(sops.map(() => 'stored'));
    for (const location of archive.index.locateAll({})) expect(await archive.checks.instance(location)).toBeUndefined();
    expect(archive.index.tombstones.all()).toEqual([]);
    expect(fs.readdirSync(path.join(folder, 'data', 'removed'))).toEqual([]);
  });

  test('after a crash, files that are not in the index are taken in where they are whole and removed where they are cut', async () => {
    await store(image('1.2.3.4.5'));
    await store(image('1.2.3.4.6'));
    await store(image('1.2.3.4.7'));
    const pathOf = (name: string): string => path.join(folder, 'data', 'objects', name.slice(0, 1), name);
    const [whole, cut] = ['1.2.3.4.6', '1.2.3.4.7'].map((sop) => archive.index.locate(sop)!.name) as [string, string];
    // As if the power had gone before their rows were written, and in the middle of the second.
    archive.index.db.execute(
      "DELETE FROM instance WHERE uid <> '1.2.3.4.5'; DELETE FROM instance_detail WHERE id NOT IN (SELECT id FROM instance)",
    );
    fs.truncateSync(pathOf(cut), fs.statSync(pathOf(cut)).size - 20);
    const mark = path.join(folder, 'data', 'open');
    expect(fs.existsSync(mark)).toBe(true);
    await archive.close();
    expect(fs.existsSync(mark)).toBe(false);

    archive = openArchive();
    await archive.settleAfterCrash();
    expect(archive.index.locate('1.2.3.4.6'), 'nothing is looked for after an end in order').toBeUndefined();
    await archive.close();

    fs.writeFileSync(mark, '');
    archive = openArchive();
    await archive.settleAfterCrash();
    expect(archive.index.locateAll({}).map(({ sopUid }) => sopUid)).toEqual(['1.2.3.4.5', '1.2.3.4.6']);
    expect(archive.index.locate('1.2.3.4.6')?.name).toBe(whole);
    expect((await stored('1.2.3.4.6')).equals(image('1.2.3.4.6'))).toBe(true);
    expect(fs.existsSync(pathOf(cut))).toBe(false);
  });

  test('a start makes no file or folder anew that the one before had: a full disk may have no room', async () => {
    const inodes = (...names: string[]): number[] =>
      names.map((name) => fs.statSync(path.join(folder, 'data', name)).ino);
    const before = inodes('open', 'tmp', 'index.db-wal');
    fs.writeFileSync(path.join(folder, 'data', 'tmp', randomUUID()), '');
    await archive.close();
    archive = openArchive();
    expect(inodes('open', 'tmp', 'index.db-wal')).toEqual(before);
    expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
  });

  test('after a crash in the middle of a change of places nothing is lost, and no file stands in conflict with itself', async () => {
    await store(image('1.2.3.4.5'));
    await store(image('1.2.3.4.5', { '00100010': text('PN', 'Doe^John') }));
    const name = archive.index.locate('1.2.3.4.5')!.name;
    const { name: other } = archive.index.conflicts()[0]!;
    await archive.close();
    // Both have their second name already, the index says nothing of it yet.
    const at = (folderName: string, file: string): string => path.join(folder, 'data', folderName, file);
    const shard = (file: string): string => at('objects', path.join(file.slice(0, 1), file));
    fs.linkSync(shard(name), at('quarantine', name));
    fs.mkdirSync(path.dirname(shard(other)), { recursive: true });
    fs.linkSync(at('quarantine', other), shard(other));
    fs.writeFileSync(at('.', 'open'), '');

    archive = openArchive();
    await archive.settleAfterCrash();
    expect(archive.index.conflicts().map((conflict) => conflict.name)).toEqual([other]);
    expect(fs.existsSync(at('quarantine', name))).toBe(false);
    expect(fs.existsSync(shard(other))).toBe(false);
    await archive.removeConflict(archive.index.conflicts()[0]!.id);
    expect((await stored('1.2.3.4.5')).equals(image('1.2.3.4.5'))).toBe(true);
  });

  test('after a crash a file that can only not be read now is left alone, and tried again at the next start', async () => {
    await store(image('1.2.3.4.5'));
    const name = archive.index.locate('1.2.3.4.5')!.name;
    const file = path.join(folder, 'data', 'objects', name.slice(0, 1), name);
    archive.index.db.execute('DELETE FROM instance; DELETE FROM instance_detail');
    await archive.close();
    // A folder in its place: it exists, and reading it fails, as with a disc that does not answer.
    fs.renameSync(file, path.join(folder, 'aside'));
    fs.mkdirSync(file);
    fs.writeFileSync(path.join(folder, 'data', 'open'), '');
    archive = openArchive();
    expect(await archive.settleAfterCrash()).toEqual({ taken: [], removed: 0, left: 1 });
    expect(fs.existsSync(file)).toBe(true);
    await archive.close();
    fs.rmdirSync(file);
    fs.renameSync(path.join(folder, 'aside'), file);
    archive = openArchive();
    expect(await archive.settleAfterCrash()).toEqual({ taken: ['1.2.3.4.5'], removed: 0, left: 0 });
    await archive.close();
    expect(fs.existsSync(path.join(folder, 'data', 'open'))).toBe(false);
    archive = openArchive();
  });

  test('a study is whole only if it is so by every node that was asked', async () => {
    await store(image('1.2.3.4.5'));
    const { index } = archive;
    const missing = (): number[] => {
      const { studies, series } = changesSince(index, index.seq - 1);
      return [...studies, ...series].map((row) => row.missingCount);
    };
    const says = (node: string, count: number, seriesUid = '1.2.3.4', isWhole = true): number[] => {
      index.expect('1.2.3', node, [{ seriesUid, count }], { isWhole });
      return missing();
    };
    expect(says('PACS', 5)).toEqual([4, 4]);
    expect(says('Mirror', 1)).toEqual([4, 4]);
    expect(says('PACS', 3, '1.2.3.9', false)).toEqual([7, 4]);
    // The series has another UID there now.
    expect(says('PACS', 2, '1.2.3.9')).toEqual([2, 0]);
    index.renameNode('PACS', 'Archive');
    // So much of the old name is left that the new one corrects it.
    expect(says('Archive', 1)).toEqual([0, 0]);
  });

  test('the index can be made anew from the files', async () => {
    await store(image('1.2.3.4.5'));
    await store(image('1.2.3.4.6'));
    archive.setPinned('1.2.3', true);
    const kept = (): string[] =>
      archive.index
        .locateAll({})
        .map(({ sopUid, sha256, name }) => `${sopUid} ${sha256} ${name}`)
        .sort();
    const before = kept();
    expect(await archive.rebuild()).toEqual({ instances: 2, conflicts: 0, damaged: [], missing: [] });
    expect(archive.index.db.prepare('SELECT uid FROM study WHERE pinned').all()).toEqual([{ uid: '1.2.3' }]);
    expect(kept()).toEqual(before);
  });

  test('refuses what is no DICOM and what is cut, and keeps no trace of it', async () => {
    expect(await store(Buffer.from('hello'))).toMatchObject({ outcome: 'not-dicom' });
    expect(await store(image('1.2.3.4.5').subarray(0, 300))).toMatchObject({ outcome: 'refused', code: 'truncated' });
    expect(await archive.ingest.file({ path: path.join(folder, 'absent') })).toMatchObject({
      outcome: 'refused',
      code: 'absent',
    });
    expect(fs.readdirSync(path.join(folder, 'data', 'tmp'))).toEqual([]);
  });
});
