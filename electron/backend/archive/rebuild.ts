// Makes the index anew from the stored files, quarantine included. What the files do not say (pins, demo marks) is kept from
// the old index where it can still be read; dates of receipt come from the files.
import fs from 'node:fs';
import { WorkerFailure } from '#backend/workers/worker-pool.ts';
import type { ArchiveIndex } from './archive-index.ts';
import type { NewConflict, NewInstance } from './index-rows.ts';
import type { IngestPool } from './ingest-messages.ts';
import { forgetListed, lostInstances } from './lost-instances.ts';
import type { ObjectStore } from './object-store.ts';

export interface RebuildReport {
  instances: number;
  conflicts: number;
  /** Stored files that could not be taken into the index; they are left where they are. */
  damaged: { name: string; reason: string }[];
  /** SOP Instance UIDs that the index listed once and whose stored files are gone. */
  missing: string[];
}

const AT_ONCE = 4;
const BATCH = 200;

interface Parts {
  index: ArchiveIndex;
  store: ObjectStore;
  pool: IngestPool;
}

/** `each` is told after each file, before the next is begun: it may wait, or reject to stop (the next rebuild starts over).
 * Throws LecternError 'conflict', the index untouched, where a folder of stored files cannot be read. */
export async function rebuildIndex(parts: Parts, each: (done: number) => Promise<void>): Promise<RebuildReport> {
  const { index, store } = parts;
  // What was removed and could not be taken out of its place does not come back.
  const isKept = (name: string): boolean => !index.tombstones.has(name);
  const names = {
    stored: [...store.names()].filter(isKept),
    quarantined: store.quarantinedNames().filter(isKept),
  };
  index.beginRebuild();
  const demo = new Set(index.demoStudiesBefore());
  const report: RebuildReport = { instances: 0, conflicts: 0, damaged: [], missing: [] };
  const ready: NewInstance[] = [];
  const conflicts: NewConflict[] = [];
  const underWay = new Set<string>();
  const commit = (): void => {
    index.commit(ready.splice(0), conflicts.splice(0));
    // At once: no rule may find a pinned study without its pin.
    index.restorePins();
  };

  await inLanes(names.stored, async (name) => {
    const found = await readStored(parts, store.pathOf(name), name, demo);
    if ('reason' in found) report.damaged.push({ name, reason: found.reason });
    else if (underWay.has(found.record.sopUid) || index.locate(found.record.sopUid)) {
      // Left by an ingest that was cut off before its commit: kept apart like any other conflict.
      await store.moveToQuarantine(name);
      conflicts.push({ ...found, path: 'found while the index was rebuilt' });
      report.conflicts++;
    } else {
      underWay.add(found.record.sopUid);
      ready.push(found);
      report.instances++;
    }
    if (ready.length + conflicts.length >= BATCH) {
      for (const { record } of ready) underWay.delete(record.sopUid);
      commit();
    }
    await each(report.instances + report.conflicts + report.damaged.length);
  });
  commit();
  await inLanes(names.quarantined, async (name) => {
    if (index.hasConflict(name)) return;
    const found = await readStored(parts, store.quarantinePathOf(name), name, demo);
    if (!('reason' in found) && index.locate(found.record.sopUid)?.name === name)
      // The second name of a stored file, left by a change of places that was cut off: no conflict, and not to be destroyed.
      return store.dropQuarantined(name);
    if ('reason' in found) report.damaged.push({ name, reason: found.reason });
    else {
      conflicts.push({ ...found, path: 'in quarantine when the index was rebuilt' });
      report.conflicts++;
    }
    await each(report.instances + report.conflicts + report.damaged.length);
  });
  commit();
  const leftOut = new Set(report.damaged.map(({ name }) => name));
  index.endRebuild([...leftOut]);
  await forgetListed(index.db);
  for (const { sopUid, name } of lostInstances(index.db)) if (!leftOut.has(name)) report.missing.push(sopUid);
  return report;
}

async function inLanes(names: readonly string[], task: (name: string) => Promise<void>): Promise<void> {
  const queue = names[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.next(); !next.done; next = queue.next()) await task(next.value);
    }),
  );
}

/** Why a stored file cannot be an index entry. */
export interface Unreadable {
  reason: string;
  /** `damaged`: its bytes are not those that were sealed; `refused`: whole, and not understood; `unread`: nothing is known. */
  kind: 'damaged' | 'refused' | 'unread';
}

/** One stored file as an index entry, or why it cannot be one. */
export async function readStored(
  { pool }: Pick<Parts, 'pool'>,
  file: string,
  name: string,
  demo: ReadonlySet<string>,
): Promise<NewInstance | Unreadable> {
  try {
    const stored = await pool.call({ kind: 'stored-record', path: file });
    if ('refusal' in stored) return { reason: stored.refusal.detail, kind: 'refused' };
    const { mtimeMs } = await fs.promises.stat(file);
    const isDemo = demo.has(stored.record.study.studyUid);
    return { ...stored, name, isDemo, receivedAt: Math.round(mtimeMs) };
  } catch (error) {
    if (error instanceof WorkerFailure || (error instanceof Error && 'code' in error))
      return { reason: error.message, kind: error.name === 'DamagedFile' ? 'damaged' : 'unread' };
    throw error;
  }
}
