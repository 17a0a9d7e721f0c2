// Reads every stored file again and compares it with its SHA-256; damaged ones are named in the job's report.
import type { Archive, DamageReport } from './archive.ts';
import type { JobContext } from '#backend/jobs/job-context.ts';

const AT_ONCE = 4;

/** Checks all instances; calls `damaged` for each that is not intact. Resolves to how many were checked. */
export async function verifyAll(
  archive: Archive,
  damaged: (report: DamageReport) => void,
  each: (bytes: number) => void,
  checkpoint: () => Promise<void>,
): Promise<number> {
  const queue = archive.index.locateAll({}).values();
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
  return checked;
}

export async function runVerify(archive: Archive, context: JobContext): Promise<void> {
  const { instances, sizeBytes } = archive.index.totals();
  context.setTotals({ items: instances, bytes: sizeBytes });
  let damagedCount = 0;
  const damaged = ({ sopInstanceUid, reason }: DamageReport): void => {
    damagedCount++;
    context.note(`${damagedCount} damaged: see the report.`);
    context.item({ path: sopInstanceUid, outcome: 'refused', sopInstanceUid, code: 'damaged', reason }, 0);
  };
  await verifyAll(
    archive,
    damaged,
    (bytes) => context.advance(1, bytes),
    () => context.checkpoint(),
  );
}
