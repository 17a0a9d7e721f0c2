// Verification as a job: what its counts say, which the settings screen shows.
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { backendForEachTest } from '#backend/routes/testing.ts';
import { binary, text, writeFile, type Dataset } from '#shared/testing/dicom-builder.ts';

const at = backendForEachTest();
afterEach(() => vi.restoreAllMocks());
const instanceOf = (sop: number, name = 'Doe^Jane'): Dataset => ({
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
  '00080018': text('UI', `1.2.3.1.${sop}`),
  '00100010': text('PN', name),
  '0020000D': text('UI', '1.2.3.1'),
  '0020000E': text('UI', '1.2.3.1.0'),
});
const instance = (sop: number, name?: string): Uint8Array => writeFile(instanceOf(sop, name));
const objects = (): string => path.join(at.folder, 'data', 'objects');
const storedAs = (name: string): string => path.join(objects(), name.slice(0, 1), name);

test('each file counts once: what is damaged, what lies in quarantine, what the index does not list', async () => {
  for (const sop of [1, 2, 3]) await at.take(at.put(`${sop}.dcm`, instance(sop)));
  await at.take(at.put('other.dcm', instance(3, 'Doe^John')));
  const whole = await at.jobOf(at.call('POST', '/verify'));
  expect(whole).toMatchObject({ state: 'done', itemsDone: 4, itemsTotal: 4, counts: {} });

  const { name } = at.backend.open().archive.index.locate('1.2.3.1.1')!;
  fs.truncateSync(storedAs(name), 200);
  const unlisted = `0${'1'.repeat(name.length - 1)}`;
  fs.mkdirSync(path.join(objects(), '0'), { recursive: true });
  fs.writeFileSync(path.join(objects(), '0', unlisted), 'no sealed file');
  const quarantined = `1${'2'.repeat(name.length - 1)}`;
  fs.writeFileSync(path.join(at.folder, 'data', 'quarantine', quarantined), 'no sealed file');
  const damaged = await at.jobOf(at.call('POST', '/verify'));
  expect(damaged).toMatchObject({ state: 'done', itemsDone: 6, itemsTotal: 6, counts: { refused: 3 } });
  const told = [...at.backend.open().archive.checks.unlisted()];
  expect(told.map((each) => each.name)).toEqual([unlisted, quarantined]);
});

test('what is removed while it is looked at is not damaged, nor what came in its place', async () => {
  const taken = at.put('1.dcm', instance(1));
  await at.take(taken, at.put('2.dcm', instance(2)));
  const { checks, index, ingest } = at.backend.open().archive;
  const location = index.locate('1.2.3.1.1')!;
  const { stands } = index.damage;
  vi.spyOn(index.damage, 'stands').mockImplementationOnce((asked) => {
    // Removed and taken in once more, between the look at its file and the look at its row.
    const file = storedAs(location.name);
    const whole = fs.readFileSync(file + '.aside');
    fs.rmSync(file);
    fs.writeFileSync(file, whole);
    return stands.call(index.damage, asked);
  });
  fs.cpSync(storedAs(location.name), storedAs(location.name) + '.aside');
  fs.truncateSync(storedAs(location.name), 200);
  expect(await checks.instance(location)).toBeUndefined();

  await at.backend.open().archive.removeStudy('1.2.3.1');
  expect(await checks.instance(location)).toBeUndefined();
  expect(await ingest.file({ path: taken })).toMatchObject({ outcome: 'stored' });
  expect(index.damage.isWhole('1.2.3.1.1')).toBe(true);
});

test('a file that is just coming in is none that the index forgot', async () => {
  const { checks, ingest } = at.backend.open().archive;
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: placed, resolve: place } = Promise.withResolvers<void>();
  const { rename } = fs.promises;
  vi.spyOn(fs.promises, 'rename').mockImplementation(async (...paths) => {
    await rename.call(fs.promises, ...paths);
    place();
    await held;
  });
  const { passed } = ingest;
  vi.spyOn(ingest, 'passed').mockImplementation(() => {
    const ended = passed.call(ingest);
    letGo();
    return ended;
  });
  const large = { ...instanceOf(1), '00420011': binary('OB', new Uint8Array(5_000_000)) };
  const taking = at.take(at.put('1.dcm', writeFile(large)));
  await placed;
  const [file] = checks.unlisted();
  expect(await checks.unlistedFile(file!)).toBeUndefined();
  await taking;
});

test.each(['', ', also where it is held alone, as on a full disk'])(
  'an index that cannot be read all through is told%s, and made anew by the next start',
  async (alone) => {
    for (let sop = 0; sop < 60; sop++) await at.take(at.put(`${sop}.dcm`, instance(sop)));
    await at.backend.close();
    const file = path.join(at.folder, 'data', 'index.db');
    const bytes = fs.readFileSync(file);
    // A page that no start reads.
    const page = Math.floor((bytes.length * 0.85) / 4096) * 4096;
    bytes.fill(7, page, page + 4096);
    fs.writeFileSync(file, bytes);
    if (alone) vi.spyOn(fs, 'statfsSync').mockReturnValue({ ...fs.statfsSync(at.folder), bavail: 0 });
    await at.open();
    const { archive, jobs } = at.backend.open();
    expect(archive.index.isFresh).toBe(false);
    const job = await at.jobOf(at.call('POST', '/verify'));
    vi.restoreAllMocks();
    expect(job).toMatchObject({ state: 'done', counts: { refused: 1 } });
    expect([...jobs.items(job.id)]).toMatchObject([
      { path: 'index.db', code: 'damaged', reason: expect.stringContaining('Start Lectern again') as string },
    ]);
    await at.backend.close();
    await at.open();
    await at.ended('rebuild');
    expect(await at.jobOf(at.call('POST', '/verify'))).toMatchObject({ state: 'done', itemsDone: 60, counts: {} });
  },
);

test('beside a rebuild it does not pass, whether that was under way before or began and ended meanwhile', async () => {
  for (const sop of [1, 2, 3]) await at.take(at.put(`${sop}.dcm`, instance(sop)));
  const { archive, jobs } = at.backend.open();
  const verifiedBeside = async (): Promise<unknown> => {
    const job = await at.jobOf(at.call('POST', '/verify'));
    return { state: job.state, items: [...jobs.items(job.id)] };
  };
  const told = { path: 'index.db', code: 'damaged', reason: expect.stringContaining('made anew') as string };
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const rebuilding = archive.rebuild(() => (begin(), held));
  await begun;
  expect(await verifiedBeside()).toMatchObject({ state: 'done', items: [told] });
  letGo();
  await rebuilding;

  const { everyInstance } = archive.index;
  vi.spyOn(archive.index, 'everyInstance').mockImplementationOnce(function* () {
    yield* everyInstance.call(archive.index);
    archive.index.beginRebuild();
    archive.index.endRebuild([]);
  });
  expect(await verifiedBeside()).toMatchObject({ state: 'done', items: [told] });
});

test('what comes in meanwhile makes it no more than all', async () => {
  await at.take(at.put('1.dcm', instance(1)));
  const { archive, jobs } = at.backend.open();
  vi.spyOn(archive, 'checkIndex').mockImplementationOnce(async () => {
    await at.take(at.put('2.dcm', instance(2)));
    return undefined;
  });
  let isMore = false;
  const off = jobs.onChange(({ itemsDone, itemsTotal, bytesDone, bytesTotal }) => {
    isMore ||= itemsTotal !== null && bytesTotal !== null && (itemsDone > itemsTotal || bytesDone > bytesTotal);
  });
  expect(await at.jobOf(at.call('POST', '/verify'))).toMatchObject({ state: 'done', itemsDone: 2, itemsTotal: 2 });
  off();
  expect(isMore).toBe(false);
});
