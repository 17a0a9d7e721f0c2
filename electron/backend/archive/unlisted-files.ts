// After a crash: files that are not in the index, since their rows were not written yet or went with a power cut. Whole ones are
// taken in, as a rebuild would; cut ones were never said to be stored, and go with their keys, so that a deletion later leaves
// nothing of a patient behind.
import fs from 'node:fs';
import path from 'node:path';
import type { ArchiveIndex } from './archive-index.ts';
import type { NewInstance } from './index-rows.ts';
import type { IngestPool } from './ingest-messages.ts';
import type { ObjectStore } from './object-store.ts';
import { readStored } from './rebuild.ts';
import { destroySealed } from './sealed-file.ts';

/** Stands in the data folder while somebody has the archive open: found at the start, the last one did not end in order. Afterwards it has
 * another name, since a full disk may have no room to make it anew. */
export class OpenMark {
  readonly #file: string;
  readonly #aside: string;
  readonly wasLeft: boolean;

  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'open');
    this.#aside = path.join(dataDir, 'shut');
    this.wasLeft = fs.existsSync(this.#file);
    if (this.wasLeft) return;
    if (fs.existsSync(this.#aside)) fs.renameSync(this.#aside, this.#file);
    else fs.writeFileSync(this.#file, '', { mode: 0o600 });
    if (process.platform === 'win32') return;
    const folder = fs.openSync(dataDir, 'r');
    fs.fsyncSync(folder);
    fs.closeSync(folder);
  }

  remove(): void {
    try {
      fs.renameSync(this.#file, this.#aside);
    } catch {
      // A disk that takes nothing any more: the next start looks for what is not there, which loses nothing.
    }
  }
}

interface Parts {
  index: ArchiveIndex;
  store: ObjectStore;
  pool: IngestPool;
}

export interface Settled {
  /** SOP Instance UIDs of what was taken in. */
  taken: string[];
  removed: number;
  /** Could not be read now: to be tried again at the next start. */
  left: number;
}

/** Not while a rebuild is due: then the index lists less than there is. What is not understood is left alone: it was never said to be
 * stored, and the next rebuild names it. What a rebuild left out was stored once: it stays. */
export async function settleUnlisted(parts: Parts): Promise<Settled> {
  const { index, store } = parts;
  const listed = new Set(index.names());
  const demo = new Set(index.demoStudies());
  const leftOut = index.leftOut();
  const settled: Settled = { taken: [], removed: 0, left: 0 };
  /** Undefined where there is nothing more to do with it. */
  const read = async (file: string, name: string): Promise<NewInstance | undefined> => {
    const found = await readStored(parts, file, name, demo);
    if (!('reason' in found)) {
      settled.taken.push(found.record.sopUid);
      return found;
    }
    if (found.kind === 'unread') settled.left++;
    if (found.kind !== 'damaged' || leftOut.has(name)) return undefined;
    try {
      await destroySealed(file);
      settled.removed++;
    } catch {
      settled.left++;
    }
    return undefined;
  };
  const asConflict = (found: NewInstance): void => index.commit([], [{ ...found, path: 'found after a crash' }]);

  // What was removed and could not be taken out of its place does not come back.
  const isUnlisted = (name: string): boolean => !listed.has(name) && !index.tombstones.has(name);
  for (const name of [...store.names()].filter(isUnlisted)) {
    if (index.hasConflict(name)) {
      // Cut off while two files changed places: it belongs to the quarantine, and may have a name there already.
      await store.moveToQuarantine(name);
      store.dropStored(name);
      continue;
    }
    const found = await read(store.pathOf(name), name);
    if (!found) continue;
    if (index.locate(found.record.sopUid)) {
      await store.moveToQuarantine(name);
      asConflict(found);
    } else {
      index.commit([found], []);
      listed.add(name);
    }
  }
  for (const name of store.quarantinedNames().filter((each) => !index.hasConflict(each))) {
    if (index.tombstones.has(name)) continue;
    if (listed.has(name)) {
      // The second name of a stored file: no conflict, and not to be destroyed.
      store.dropQuarantined(name);
      continue;
    }
    const found = await read(store.quarantinePathOf(name), name);
    if (found) asConflict(found);
  }
  return settled;
}
