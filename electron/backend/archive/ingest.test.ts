// What an orderly end says of the work before it, with a pool and an index that fail.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { text, writeFile } from '#shared/testing/dicom-builder.ts';
import { WorkerLost } from '#backend/workers/worker-pool.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { FreeSpace } from './free-space.ts';
import { Ingest } from './ingest.ts';
import type { IngestPool } from './ingest-messages.ts';
import type { ObjectStore } from './object-store.ts';

const removals = { makeRoom: () => undefined, remove: () => Promise.resolve() };
const lost = (): Promise<never> => Promise.reject(new WorkerLost('the worker ended'));

function ingestWith(
  flush: () => void,
  call: () => Promise<unknown> = lost,
  commit: () => void = () => undefined,
): Ingest {
  const pool = { pickSlot: () => 0, pickReserved: () => 0, call };
  return new Ingest({
    index: { locate: () => undefined, flush, commit } as unknown as ArchiveIndex,
    store: {
      pathOf: (name: string) => name,
      quarantinePathOf: (name: string) => `q/${name}`,
    } as unknown as ObjectStore,
    removals,
    pool: pool as unknown as IngestPool,
    space: new FreeSpace(os.tmpdir()),
    onCommit: () => undefined,
  });
}

test('after a worker was lost in the middle of an instance there is something to settle', async () => {
  const ingest = ingestWith(() => undefined);
  expect(ingest.close()).toBe(true);
  const stream = ingest.stream({ path: 'from SOMEBODY', announcedUid: '1.2.3' });
  await stream.write(new Uint8Array(100));
  expect(await stream.finish()).toMatchObject({ outcome: 'refused', code: 'parser-lost' });
  await ingest.settled();
  expect(ingest.close()).toBe(false);
});

test('a file that loses its worker to another one is read again; where that goes on, it is told apart from one that is to blame', async () => {
  using folder = fs.mkdtempDisposableSync(path.join(os.tmpdir(), 'lectern-ingest-'));
  const file = path.join(folder.path, 'a.dcm');
  fs.writeFileSync(file, 'a');
  const ask = async (times: number): Promise<[string | undefined, string | undefined]> => {
    let left = times;
    const answer = { ok: false, refusal: { code: 'not-dicom', detail: 'This is no DICOM file.' }, sizeBytes: 1 };
    const call = (): Promise<unknown> =>
      left-- > 0 ? Promise.reject(new WorkerLost('gone', true)) : Promise.resolve(answer);
    const { code, reason } = await ingestWith(() => undefined, call).file({ path: file });
    return [code, reason];
  };
  expect(await ask(2)).toEqual(['not-dicom', 'This is no DICOM file.']);
  expect(await ask(9)).toEqual(['parser-lost', 'What read this file was taken away by another one: give it again.']);
});

test('that a file cannot be read does not pass for a file that is whole', async () => {
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  const ask = (error: Error): Promise<boolean> =>
    ingestWith(
      () => undefined,
      () => Promise.reject(error),
    ).mayBeCut('a.dcm');
  await expect(ask(denied)).rejects.toBe(denied);
  expect(await ask(new WorkerLost('the worker ended'))).toBe(false);
});

test('an index that cannot be flushed is no orderly end, and no exception either', () => {
  let isBroken = true;
  const ingest = ingestWith(() => {
    if (isBroken) throw new Error('the disk does not answer');
  });
  expect(ingest.close()).toBe(false);
  isBroken = false;
  expect(ingest.close()).toBe(true);
});

test('after a flush that failed nothing is said to be stored until one succeeds', async () => {
  let isBroken = false;
  let commits = 0;
  const record = { sopUid: '1.2.3', study: { studyUid: '1.2' }, series: { seriesUid: '1.2.1' }, repairs: [] };
  const place = { kind: 'stored', path: `${os.tmpdir()}/lectern-not-there` };
  const ingest = ingestWith(
    () => {
      if (isBroken) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
    },
    () => Promise.resolve({ ok: true, place, name: 'ab', sha256: '', sizeBytes: 9, datasetOffset: 0, record }),
    () => commits++,
  );
  const store = async (): Promise<string> =>
    (await ingest.stream({ path: 'from SOMEBODY', announcedUid: '1.2.3' }).finish()).outcome;
  expect(await store()).toBe('stored');
  isBroken = true;
  expect(ingest.close()).toBe(false);
  await expect(store()).rejects.toThrow('disk I/O error');
  expect(commits).toBe(1);
  isBroken = false;
  expect(await store()).toBe('stored');
  expect(commits).toBe(2);
});

test('what names itself in its first bytes counts as announced: whoever sends it later waits, and it goes to its place at once', async () => {
  const calls: unknown[] = [];
  const pool = { pickSlot: () => 0, pickReserved: () => 0, call: (call: unknown) => (calls.push(call), lost()) };
  const index = { locate: (uid: string) => (uid === '1.2.3.4.5' ? {} : undefined), flush: () => undefined };
  const ingest = new Ingest({
    index: index as unknown as ArchiveIndex,
    store: {} as ObjectStore,
    removals,
    pool: pool as unknown as IngestPool,
    space: new FreeSpace(os.tmpdir()),
    onCommit: () => undefined,
  });
  const head = (uid: string): Uint8Array => writeFile({ '00080018': text('UI', uid) }).subarray(0, 300);
  for (const bytes of [head('1.2.3.4.6'), head('1.2.3.4.5'), head('1.2.3.4.6').subarray(0, 140), new Uint8Array(300)]) {
    const stream = ingest.stream({ path: 'from SOMEBODY' });
    await stream.write(bytes);
    await stream.finish();
  }
  expect(calls.filter((call) => (call as { kind: string }).kind === 'stream-finish')).toMatchObject([
    { isNew: true },
    { isNew: false },
    { isNew: false },
    { isNew: false },
  ]);
});

test('a file that has its row by now is not taken away with a stream of the same content that fails', async () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-ingest-')), 'ab');
  fs.writeFileSync(file, 'sealed');
  const record = { sopUid: '1.2.3', study: { studyUid: '1.2' }, series: { seriesUid: '1.2.1' }, repairs: [] };
  const prepared = { ok: true, place: { kind: 'stored', path: file }, name: 'ab', sha256: 'cd', sizeBytes: 9, record };
  const pool = {
    pickSlot: () => 0,
    pickReserved: () => 0,
    call: ({ kind }: { kind: string }) => (kind === 'stream-finish' ? prepared : lost()),
  };
  const index = { locate: (uid: string) => (uid === '1.2.3' ? { name: 'ab', sha256: 'cd' } : undefined) };
  const ingest = new Ingest({
    index: index as unknown as ArchiveIndex,
    store: { pathOf: () => file } as unknown as ObjectStore,
    removals,
    pool: pool as unknown as IngestPool,
    space: new FreeSpace(os.tmpdir()),
    onCommit: () => undefined,
  });
  // Said to be another one: only then is it in its place before it is looked up.
  const outcome = await ingest.stream({ path: 'from SOMEBODY', announcedUid: '1.2.9' }).finish();
  expect(outcome).toMatchObject({ outcome: 'refused', code: 'parser-lost' });
  expect(fs.readFileSync(file, 'utf8')).toBe('sealed');
  fs.rmSync(path.dirname(file), { recursive: true });
});
