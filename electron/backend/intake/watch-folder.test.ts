// When a watched file is taken that is not whole yet.
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { backendForEachTest, instance } from '#backend/routes/testing.ts';
import { binary, numbers, text } from '#shared/testing/dicom-builder.ts';
import type { Job } from '#shared/contract/views.ts';
import { LOOKS_AT_CUT, WatchFolder, WatchMemory } from './watch-folder.ts';

const at = backendForEachTest();
let watch: WatchFolder | undefined;
afterEach(async () => {
  await watch?.stop();
  vi.restoreAllMocks();
});

const whole = instance(1, 1, {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
  '00280002': numbers('US', 1),
  '00280010': numbers('US', 100),
  '00280011': numbers('US', 100),
  '00280100': numbers('US', 8),
  '00280101': numbers('US', 8),
  '00280102': numbers('US', 7),
  '00280103': numbers('US', 0),
  '7FE00010': binary('OB', new Uint8Array(10_000).fill(7)),
});

/** What the first take counts, and how often a file was looked into for being cut; `looked` is told of each look at the folder. */
async function taken(looked: (count: number) => void): Promise<{ counts: Job['counts']; lookedInto: number }> {
  const { archive, jobs } = at.backend.open();
  const memory = new WatchMemory(archive.index.db);
  const { markOf } = memory;
  let count = 0;
  vi.spyOn(memory, 'markOf').mockImplementation((...asked) => {
    looked(++count);
    return markOf.apply(memory, asked);
  });
  const into = vi.spyOn(archive.ingest, 'mayBeCut');
  const counts = await new Promise<Job['counts']>((resolve) => {
    watch = new WatchFolder(path.join(at.folder, 'source'), {
      ingest: archive.ingest,
      jobs,
      memory,
      intervalMs: 1,
      onTaken: resolve,
      onBug: (error) => at.bugs.push(error),
    });
  });
  return { counts, lookedInto: into.mock.calls.length };
}

test.each(['its pixel data', 'its data set', 'its file meta information'])(
  'a slow copy that stands still in %s is waited for',
  async (part) => {
    const length = { 'its pixel data': 5000, 'its data set': 400, 'its file meta information': 200 }[part] ?? 0;
    const file = at.put('slow.dcm', whole.subarray(0, length));
    const found = await taken((count) => {
      if (count === 5) fs.writeFileSync(file, whole);
    });
    // Once for what it was, once for what it is.
    expect(found).toEqual({ counts: { stored: 1 }, lookedInto: 2 });
  },
);

test('what stays cut is taken as it is in the end', async () => {
  at.put('cut.dcm', whole.subarray(0, 5000));
  let count = 0;
  expect(await taken((looks) => (count = looks))).toEqual({ counts: { repaired: 1 }, lookedInto: 1 });
  expect(count).toBe(LOOKS_AT_CUT + 1);
});
