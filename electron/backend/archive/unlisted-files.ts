// After a crash: files that were written and not yet in the index. Whole ones are taken in, as a rebuild would; cut ones were never
// said to be stored, and go with their keys, so that a deletion later leaves nothing of a patient behind.
import fs from 'node:fs';
import path from 'node:path';
import type { ArchiveIndex } from './archive-index.ts';
import type { IngestPool } from './ingest.ts';
import type { ObjectStore } from './object-store.ts';
import { readStored } from './rebuild.ts';

/** Stands in the data folder while somebody has the archive open: found at the start, the last one did not end in order. */
export class OpenMark {
  readonly #file: string;
  readonly wasLeft: boolean;

  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'open');
    this.wasLeft = fs.existsSync(this.#file);
    if (this.wasLeft) return;
    fs.writeFileSync(this.#file, '', { mode: 0o600 });
    if (process.platform === 'win32') return;
    const folder = fs.openSync(dataDir, 'r');
    fs.fsyncSync(folder);
    fs.closeSync(folder);
  }

  remove(): void {
    fs.rmSync(this.#file, { force: true });
  }
}

interface Parts {
  index: ArchiveIndex;
  store: ObjectStore;
  pool: IngestPool;
}

/** Not while a rebuild is due: then the index lists less than there is. Gives how many were taken in and removed. */
export async function settleUnlisted(parts: Parts): Promise<{ taken: number; removed: number }> {
  const { index, store } = parts;
  const listed = new Set(index.names());
  const unlisted = [...store.names()].filter((name) => !listed.has(name));
  const quarantined = store.quarantinedNames().filter((name) => !index.hasConflict(name));
  const demo = new Set(index.demoStudies());
  let taken = 0;
  let removed = 0;
  for (const [names, isQuarantine] of [
    [unlisted, false],
    [quarantined, true],
  ] as const) {
    for (const name of names) {
      const file = isQuarantine ? store.quarantinePathOf(name) : store.pathOf(name);
      const found = await readStored(parts, file, name, demo);
      if (typeof found === 'string') {
        store.destroy(name);
        removed++;
        continue;
      }
      const isConflict = isQuarantine || index.locate(found.record.sopUid) !== undefined;
      if (isConflict && !isQuarantine) await store.moveToQuarantine(name);
      if (isConflict) index.commit([], [{ ...found, path: 'found after a crash' }]);
      else index.commit([found], []);
      taken++;
    }
  }
  return { taken, removed };
}
