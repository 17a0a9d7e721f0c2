// What an orderly end says of the work before it, with a pool and an index that fail.
import os from 'node:os';
import { expect, test } from 'vitest';
import { WorkerLost } from '#backend/workers/worker-pool.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { FreeSpace } from './free-space.ts';
import { Ingest, type IngestPool } from './ingest.ts';
import type { ObjectStore } from './object-store.ts';

function ingestWith(flush: () => void): Ingest {
  const pool = { pickSlot: () => 0, call: () => Promise.reject(new WorkerLost('the worker ended')) };
  return new Ingest({
    index: { locate: () => undefined, flush } as unknown as ArchiveIndex,
    store: {} as ObjectStore,
    pool: pool as unknown as IngestPool,
    space: new FreeSpace(os.tmpdir()),
    onCommit: () => undefined,
  });
}

test('after a worker was lost in the middle of an instance there is something to settle', async () => {
  const ingest = ingestWith(() => undefined);
  expect(ingest.close()).toBe(true);
  const stream = await ingest.stream({ path: 'from SOMEBODY', announcedUid: '1.2.3' });
  await stream.write(new Uint8Array(100));
  expect(await stream.finish()).toMatchObject({ outcome: 'refused', code: 'parser-lost' });
  await ingest.settled();
  expect(ingest.close()).toBe(false);
});

test('an index that cannot be flushed is no orderly end, and no exception either', () => {
  const ingest = ingestWith(() => {
    throw new Error('the disk is full');
  });
  expect(ingest.close()).toBe(false);
});
