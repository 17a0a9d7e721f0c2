// Folders whose entries must survive a power cut: kept open, since they are flushed again and again. Descriptors belong to the
// process, so its workers flush by those of the main thread, and a worker that is lost leaves none behind.
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const fsync = promisify(fs.fsync);
/** Windows flushes no folders. */
const HAS_FLUSH = process.platform !== 'win32';

export class Folders {
  /** Path to descriptor. */
  readonly opened: ReadonlyMap<string, number>;

  private constructor(opened: ReadonlyMap<string, number>) {
    this.opened = opened;
  }

  /** Opens folders, and makes those that are not there so that they survive a power cut. To be closed. */
  static open(folders: readonly string[]): Folders {
    const changed = new Set<string>();
    for (const folder of folders) {
      const made = fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (made !== undefined) changed.add(path.dirname(made));
    }
    if (!HAS_FLUSH) return new Folders(new Map());
    for (const folder of changed) {
      const descriptor = fs.openSync(folder, 'r');
      fs.fsyncSync(descriptor);
      fs.closeSync(descriptor);
    }
    return new Folders(new Map(folders.map((folder) => [folder, fs.openSync(folder, 'r')])));
  }

  /** Those of another thread, which closes them. */
  static lent(opened: ReadonlyMap<string, number>): Folders {
    return new Folders(opened);
  }

  /** Resolves when what was made, renamed or removed in the folder survives a power cut. */
  async flush(folder: string): Promise<void> {
    if (!HAS_FLUSH) return;
    const descriptor = this.opened.get(folder);
    if (descriptor === undefined) throw new Error(`${folder} is not one of the folders of this archive`);
    await fsync(descriptor);
  }

  close(): void {
    for (const descriptor of this.opened.values()) fs.closeSync(descriptor);
  }
}
