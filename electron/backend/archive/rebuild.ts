// Makes the index anew from the stored files, quarantine included. What the files do not say (pins, demo marks) is kept from
// the old index where it can still be read; dates of receipt come from the files. Others may come in meanwhile.
import fs from 'node:fs';
import { WorkerFailure } from '#backend/workers/worker-pool.ts';
import type { ArchiveIndex } from './archive-index.ts';
import type { NewConflict, NewInstance } from './index-rows.ts';
import type { IngestPool } from './ingest-messages.ts';
import type { Ingest } from './ingest.ts';
import { forgetListed, lostInstances, nameOfLost } from './lost-instances.ts';
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
  ingest: Pick<Ingest, 'isUnderway' | 'passed'>;
}

/** `each` is told after each file, before the next is begun: it may wait, or reject to stop (the next rebuild starts over).
 * Throws LecternError 'conflict', the index untouched, where a folder of stored files cannot be read. */
export async function rebuildIndex(parts: Parts, each: (done: number) => Promise<void>): Promise<RebuildReport> {
  const { index, store, ingest } = parts;
  // What was removed and could not be taken out of its place does not come back.
  const isKept = (name: string): boolean => !index.tombstones.has(name);
  const names = {
    stored: [...store.names()].filter(isKept),
    quarantined: store.quarantinedNames().filter(isKept),
  };
  index.beginRebuild();
  const demo = new Set(index.demoStudiesBefore());
  const report: Pick<RebuildReport, 'damaged' | 'missing'> = { damaged: [], missing: [] };
  const ready: NewInstance[] = [];
  const conflicts: NewConflict[] = [];
  const underWay = new Set<string>();
  const isFree = ({ record: { sopUid } }: NewInstance): boolean => !index.locate(sopUid) && !ingest.isUnderway(sopUid);
  const write = (instances: NewInstance[]): void => {
    index.commit(instances, conflicts.splice(0));
    // At once: no rule may find a pinned study without its pin.
    index.restorePins();
  };
  const commit = async (): Promise<void> => {
    const all = ready.splice(0);
    for (const { record } of all) underWay.delete(record.sopUid);
    write(all.filter(isFree));
    for (const late of all) if (index.locate(late.record.sopUid)?.name !== late.name) await place(late);
  };
  const place = async (found: NewInstance): Promise<void> => {
    const { sopUid } = found.record;
    while (ingest.isUnderway(sopUid)) await ingest.passed();
    const listed = index.locate(sopUid);
    // It came in again meanwhile.
    if (listed?.name === found.name) return;
    if (underWay.has(sopUid) || listed) {
      // Left by an ingest that was cut off before its commit, or other content came in meanwhile: kept apart like any other conflict.
      await store.moveToQuarantine(found.name);
      conflicts.push({ ...found, path: 'found while the index was rebuilt' });
    } else {
      underWay.add(sopUid);
      ready.push(found);
    }
  };

  let done = 0;
  await inLanes(names.stored, async (name) => {
    const found = await readStored(parts, store.pathOf(name), name, demo);
    if ('reason' in found) report.damaged.push({ name, reason: found.reason });
    else await place(found);
    if (ready.length + conflicts.length >= BATCH) await commit();
    await each(++done);
  });
  while (ready.length + conflicts.length > 0) await commit();
  /** It was the stored one itself, or nothing is there beside which it could be a conflict. */
  const isOwed = (found: NewInstance): boolean => {
    if (!isFree(found)) return false;
    const lost = nameOfLost(index.db, found.record.sopUid);
    return lost === found.name || (lost === undefined && report.damaged.length === 0);
  };
  const bringBack = async (found: NewInstance): Promise<void> => {
    await store.copyAcross(found.name, undefined);
    if (isFree(found)) {
      write([found]);
      store.dropQuarantined(found.name);
    }
    // Its file may be the one that came: it is left to that.
    else conflicts.push({ ...found, path: 'in quarantine when the index was rebuilt' });
  };
  await inLanes(names.quarantined, async (name) => {
    if (index.hasConflict(name)) return;
    const found = await readStored(parts, store.quarantinePathOf(name), name, demo);
    if (!('reason' in found) && index.locate(found.record.sopUid)?.name === name)
      // The second name of a stored file, left by a change of places that was cut off: no conflict, and not to be destroyed.
      return store.dropQuarantined(name);
    if ('reason' in found) report.damaged.push({ name, reason: found.reason });
    else if (isOwed(found)) await bringBack(found);
    else conflicts.push({ ...found, path: 'in quarantine when the index was rebuilt' });
    await each(++done);
  });
  write([]);
  const leftOut = new Set(report.damaged.map(({ name }) => name));
  index.endRebuild([...leftOut]);
  await forgetListed(index.db);
  for (const { sopUid, name } of lostInstances(index.db)) if (!leftOut.has(name)) report.missing.push(sopUid);
  const { conflicts: inQuarantine = 0 } =
    index.db.prepare<{ conflicts: number }>('SELECT count(*) AS conflicts FROM conflict').get() ?? {};
  return { ...report, instances: index.totals().instances, conflicts: inQuarantine };
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
