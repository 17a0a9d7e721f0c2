// A disk that others have filled: what is removed to free space gets the room that was kept for it.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { LecternError } from '#shared/contract/errors.ts';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';
import { RemovalRoom } from './removal-room.ts';

const at = backendForEachTest();
const roomFile = (): string => path.join(at.folder, 'data', 'removal-room');
const full = (): LecternError => new LecternError('disk-full', 'The disk is full.');
/** From now on the index takes no removal as long as the room is not given back. */
function fill(): void {
  const { index } = at.backend.open().archive;
  const remove = index.removeStudy.bind(index);
  vi.spyOn(index, 'removeStudy').mockImplementation((...args) => {
    if (fs.existsSync(roomFile())) throw full();
    return remove(...args);
  });
}

test('a study is removed on a full disk, and the room is kept again after that', async () => {
  await at.take(at.put('1.dcm', instance(1, 1)));
  fill();
  expect((await at.call('DELETE', '/studies/1.2.3.1')).status).toBe(204);
  expect(at.studies()).toEqual([]);
  expect(fs.statSync(roomFile()).size).toBeGreaterThan(0);
});

test('so it is by the rules', async () => {
  await at.take(at.put('1.dcm', instance(1, 1)));
  at.rest();
  await at.call('PUT', '/settings/retention', { maxBytes: 1, maxAgeDays: null });
  fill();
  expect(await at.jobOf(at.call('POST', '/retention/run'))).toMatchObject({ state: 'done', itemsDone: 1 });
  expect(at.studies()).toEqual([]);
});

test('what the room is not enough for is told, and the room is kept for what is smaller', async () => {
  await at.take(at.put('1.dcm', instance(1, 1)));
  const { archive } = at.backend.open();
  vi.spyOn(archive.index, 'removeStudy').mockImplementation(() => {
    throw full();
  });
  await expect(archive.removeStudy('1.2.3.1')).rejects.toThrow('The disk is full.');
  expect(fs.statSync(roomFile()).size).toBeGreaterThan(0);
});

test('it grows with the index, and is not made where that would leave less than it free', () => {
  const folder = path.join(at.folder, 'room');
  const index = path.join(folder, 'index.db');
  const file = path.join(folder, 'removal-room');
  fs.mkdirSync(folder);
  const room = new RemovalRoom(folder, index);
  const sizeAt = (indexBytes: number): number | undefined => {
    fs.writeFileSync(index, Buffer.alloc(indexBytes));
    room.keep();
    return fs.statSync(file, { throwIfNoEntry: false })?.size;
  };
  const volume = fs.statfsSync(folder);
  const statfs = vi.spyOn(fs, 'statfsSync').mockReturnValue({ ...volume, bavail: 1, bsize: 2000 });
  expect(sizeAt(1000)).toBe(undefined);
  statfs.mockReturnValue({ ...volume, bavail: 1, bsize: 2500 });
  expect(sizeAt(1000)).toBe(1250);
  statfs.mockRestore();
  expect([sizeAt(4000), sizeAt(400), sizeAt(20 * 1024 ** 2)]).toEqual([5000, 5000, 16 * 1024 ** 2]);
});
