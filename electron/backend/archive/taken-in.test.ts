// What an import says of files that were removed while it ran, and that its streams are the archive's own.
import { expect, test } from 'vitest';
import type { Archive } from './archive.ts';
import type { IngestOutcome } from './ingest-outcome.ts';
import { TakenIn } from './taken-in.ts';

test('a stream says when it wants no more; what is removed meanwhile is counted, once', async () => {
  let removed: (studyUid: string) => void = () => undefined;
  let wantsMore = true;
  const outcome: IngestOutcome = { outcome: 'stored', sopInstanceUid: '1.2.3', studyUid: '1.2', sizeBytes: 1 };
  const archive = {
    ingest: {
      file: () => Promise.resolve(outcome),
      stream: () => ({
        get wantsMore() {
          return wantsMore;
        },
        write: () => void (wantsMore = false),
        finish: () => Promise.resolve(outcome),
        abort: () => Promise.resolve(),
      }),
    },
    onRemoval: (listener: (studyUid: string) => void) => {
      removed = listener;
      return () => undefined;
    },
  } as unknown as Archive;
  const taken = new TakenIn(archive);
  const stream = taken.stream({ path: 'I1' });
  expect(stream.wantsMore).toBe(true);
  await stream.write(new Uint8Array(1));
  expect(stream.wantsMore).toBe(false);
  await stream.finish();
  await taken.file({ path: 'I2' });
  removed('1.2');
  removed('1.2');
  expect(taken.close()).toMatch(/^2 files that came are not in the archive any more/);
});
