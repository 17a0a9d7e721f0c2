// Reads every stored file again and compares it with its SHA-256; damaged ones are named in the job's report.
import type { Archive, DamageReport } from './archive.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';

const AT_ONCE = 4;

/** Checks all instances, also those in quarantine, then the stored files that the index does not list; calls `damaged` for each that is not intact. Resolves to
 * how many instances were checked. */
export async function verifyAll(
  archive: Archive,
  damaged: (report: DamageReport) => void,
  each: (bytes: number) => void,
  checkpoint: () => Promise<void>,
): Promise<number> {
  const queue = archive.index.everyInstance();
  let checked = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const location of queue) {
        await checkpoint();
        const report = await archive.check(location);
        if (report) damaged(report);
        checked++;
        each(location.sizeBytes);
      }
    }),
  );
  for (const conflict of archive.index.conflicts()) {
    await checkpoint();
    const report = await archive.checkConflict(conflict);
    if (report) damaged(report);
  }
  // While the index is made anew the files that it does not list yet say nothing.
  if (archive.index.isIncomplete) return checked;
  for (const name of archive.unlistedNames()) {
    await checkpoint();
    const report = await archive.checkUnlisted(name);
    if (report) damaged(report);
  }
  return checked;
}

export async function runVerify(archive: Archive, context: JobContext): Promise<void> {
  const { instances, sizeBytes } = archive.index.totals();
  context.setTotals({ items: instances, bytes: sizeBytes });
  let damagedCount = 0;
  const damaged = ({ sopInstanceUid, file = '', reason }: DamageReport): void => {
    damagedCount++;
    context.note(`${damagedCount} damaged: see the report.`);
    const named = sopInstanceUid === null ? { path: file } : { path: sopInstanceUid, sopInstanceUid };
    context.item({ ...named, outcome: 'refused', code: 'damaged', reason }, 0);
  };
  await verifyAll(
    archive,
    damaged,
    (bytes) => context.advance(1, bytes),
    () => context.checkpoint(),
  );
}
