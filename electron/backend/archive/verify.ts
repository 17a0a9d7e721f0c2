// Looks through the index, then reads every stored file again and compares it with its SHA-256; what is damaged is named in the
// job's report.
import type { Archive } from './archive.ts';
import type { DamageReport } from './stored-checks.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';

const AT_ONCE = 4;
const MADE_ANEW =
  'The index is being made anew from the stored files and does not list all of them yet: verify again when that is done.';

/** Checks the index; where that is intact all instances, also those in quarantine, then the stored files that it does not list, and
 * what it listed before it was made anew. Each that was looked at is told once: to `damaged`, or to `intact`. An index that is made anew meanwhile is told as damaged: what it did
 * not list was not looked at. Resolves to how many instances were checked. */
export async function verifyAll(
  archive: Archive,
  damaged: (report: DamageReport, bytes: number) => void,
  intact: (bytes: number) => void,
  checkpoint: () => Promise<void>,
  signal: AbortSignal,
): Promise<number> {
  const ofIndex = await archive.checkIndex(signal).catch(async (error: unknown) => {
    // Stopped: that is told in its own way.
    await checkpoint();
    throw error;
  });
  if (ofIndex) {
    // What it does not say any more would pass for files that it never listed.
    damaged(ofIndex, 0);
    return 0;
  }
  const tell = (report: DamageReport | undefined, bytes: number): void =>
    report ? damaged(report, bytes) : intact(bytes);
  const { index } = archive;
  // Another one once it was made anew from beginning to end.
  const { isIncomplete, epoch } = index;
  const queue = index.everyInstance();
  let checked = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const location of queue) {
        await checkpoint();
        tell(await archive.checks.instance(location), location.sizeBytes);
        checked++;
      }
    }),
  );
  for (const conflict of index.conflicts()) {
    await checkpoint();
    tell(await archive.checks.conflict(conflict), conflict.sizeBytes);
  }
  // Then the files that it does not list yet say nothing.
  if (isIncomplete || index.epoch !== epoch) {
    damaged(archive.ofIndex(MADE_ANEW), 0);
    return checked;
  }
  for (const file of archive.checks.unlisted()) {
    await checkpoint();
    const report = await archive.checks.unlistedFile(file);
    if (report) damaged(report, 0);
  }
  for (const report of archive.checks.missing()) damaged(report, 0);
  return checked;
}

export async function runVerify(archive: Archive, context: JobContext): Promise<void> {
  const { instances, sizeBytes } = archive.index.totals();
  const conflicts = archive.index.conflicts();
  const totals = {
    items: instances + conflicts.length,
    bytes: conflicts.reduce((sum, conflict) => sum + conflict.sizeBytes, sizeBytes),
  };
  context.setTotals(totals);
  const looked = { items: 0, bytes: 0 };
  /** Others come and go meanwhile, and some that are damaged nobody knew of before: never more than all. */
  const count = (bytes: number): void => {
    looked.items++;
    looked.bytes += bytes;
    context.setTotals({
      items: Math.max(totals.items, looked.items),
      bytes: Math.max(totals.bytes, looked.bytes),
    });
  };
  let damagedCount = 0;
  const damaged = ({ sopInstanceUid, file = '', reason }: DamageReport, bytes: number): void => {
    damagedCount++;
    context.note(`${damagedCount} damaged: see the report.`);
    count(bytes);
    const named = sopInstanceUid === null ? { path: file } : { path: sopInstanceUid, sopInstanceUid };
    context.item({ ...named, outcome: 'refused', code: 'damaged', reason }, bytes);
  };
  await verifyAll(
    archive,
    damaged,
    (bytes) => {
      count(bytes);
      context.advance(1, bytes);
    },
    () => context.checkpoint(),
    context.signal,
  );
}
