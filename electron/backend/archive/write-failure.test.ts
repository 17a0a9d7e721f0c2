// An archive that cannot be written is not called a fault of what comes in.
import fs from 'node:fs';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { expect, test, vi } from 'vitest';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';

const at = backendForEachTest();
const MOST_HELD_BYTES = 2 * 1024 * 1024;

/** No file can be made in the folder, not even by an administrator. */
function block(name: 'objects' | 'tmp'): () => void {
  const folder = path.join(at.folder, 'data', name);
  fs.renameSync(folder, `${folder}-aside`);
  fs.writeFileSync(folder, '');
  return () => {
    fs.rmSync(folder);
    fs.renameSync(`${folder}-aside`, folder);
  };
}
const cannotBeWritten = (): Error =>
  expect.objectContaining({
    code: 'not-written',
    message: expect.stringContaining(
      `The archive in ${path.join(at.folder, 'data')} cannot be written: a file`,
    ) as string,
  }) as Error;

test.each([
  ['small', 'objects', instance(1, 1)],
  ['large', 'tmp', Buffer.concat([instance(1, 1), Buffer.alloc(MOST_HELD_BYTES)])],
] as const)('a %s file and stream reject with a sentence about the archive', async (_size, folder, bytes) => {
  const unblock = block(folder);
  const { ingest } = at.backend.open().archive;
  const file = at.put('1.dcm', bytes);
  await expect(ingest.file({ path: file })).rejects.toThrow(cannotBeWritten());
  for (const announcedUid of ['1.2.3.1.1', '1.2.9']) {
    const stream = ingest.stream({ path: 'stream', announcedUid });
    await stream.write(bytes);
    await expect(stream.finish()).rejects.toThrow(cannotBeWritten());
  }
  // What is the matter with the file is still its own fate.
  const refused = [path.join(at.folder, 'absent'), at.folder].map((each) => ingest.file({ path: each }));
  expect((await Promise.all(refused)).map(({ code }) => code)).toEqual(['absent', 'unreadable']);
  unblock();
  expect((await ingest.file({ path: file })).sopInstanceUid).toBeDefined();
});

test('STOW answers that the server failed, an import waits with the sentence and goes on', async () => {
  const unblock = block('objects');
  const stow = await at.backend.fetch(
    new Request('http://127.0.0.1/api/dicomweb/studies', {
      method: 'POST',
      headers: { 'x-lectern': '1', 'content-type': 'application/dicom' },
      body: new Uint8Array(instance(1, 1)),
    }),
  );
  expect(stow.status).toBe(500);
  expect(await stow.json()).toMatchObject({ code: 'not-written' });
  const folder = path.dirname(at.put('1.dcm', instance(1, 1)));
  const { jobs } = at.backend.open();
  await at.call('POST', '/jobs/import', { paths: [folder] });
  await expect.poll(() => jobs.list()[0]?.state).toBe('paused');
  expect(jobs.list()[0]?.message).toContain('cannot be written');
  unblock();
  jobs.resume(jobs.list()[0]?.id ?? '');
  expect(await at.ended('import')).toMatchObject({ state: 'done', counts: { stored: 1 } });
  expect(at.bugs).toEqual([]);
});

test('an import of a ZIP file waits within a member that is large, and takes it whole then', async () => {
  const unblock = block('tmp');
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  await zip.add('1.dcm', new Uint8ArrayReader(Buffer.concat([instance(1, 1), Buffer.alloc(8 * MOST_HELD_BYTES)])));
  const folder = path.dirname(at.put('cd.zip', await zip.close()));
  const { jobs } = at.backend.open();
  await at.call('POST', '/jobs/import', { paths: [folder] });
  await expect.poll(() => jobs.list()[0]?.state).toBe('paused');
  expect(jobs.list()[0]?.message).toContain(`The archive in ${path.join(at.folder, 'data')} cannot be written`);
  unblock();
  jobs.resume(jobs.list()[0]?.id ?? '');
  const { state, itemsDone, counts } = await at.ended('import');
  expect({ state, itemsDone, refused: counts.refused }).toEqual({ state: 'done', itemsDone: 1, refused: undefined });
});

test.each([
  ['small', instance(1, 1)],
  ['large', Buffer.concat([instance(1, 1), Buffer.alloc(MOST_HELD_BYTES)])],
])('a %s stored file whose row was lost stays where it comes again and no row can be written', async (_size, bytes) => {
  const { archive } = at.backend.open();
  const file = at.put('1.dcm', bytes);
  const { sopInstanceUid = '' } = await archive.ingest.file({ path: file });
  const { name } = archive.index.locate(sopInstanceUid) ?? { name: '' };
  const stored = path.join(at.folder, 'data', 'objects', name.slice(0, 1), name);
  archive.index.db.execute('DELETE FROM instance');
  vi.spyOn(archive.index, 'commit').mockImplementation(() => {
    throw Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });
  });
  await expect(archive.ingest.file({ path: file })).rejects.toThrow('malformed');
  vi.restoreAllMocks();
  expect(fs.existsSync(stored)).toBe(true);
  await archive.rebuild();
  const location = archive.index.locate(sopInstanceUid);
  expect(location && (await archive.checks.instance(location))).toBeUndefined();
  expect(location?.sizeBytes).toBe(bytes.length);
});
