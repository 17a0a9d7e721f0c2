// Folders whose entries must survive a power cut: kept open, since they are flushed again and again.
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const fsync = promisify(fs.fsync);

export class Folders {
  readonly #opened = new Map<string, number>();

  /** Makes those that are not there, so that they survive a power cut. */
  make(folders: readonly string[]): void {
    const changed = new Set<string>();
    for (const folder of folders) {
      const made = fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (made !== undefined) changed.add(path.dirname(made));
    }
    if (process.platform === 'win32') return;
    for (const folder of changed) fs.fsyncSync(this.#descriptorOf(folder));
  }

  /** Resolves when what was made, renamed or removed in the folder survives a power cut. */
  async flush(folder: string): Promise<void> {
    // Windows flushes no folders.
    if (process.platform !== 'win32') await fsync(this.#descriptorOf(folder));
  }

  close(): void {
    for (const descriptor of this.#opened.values()) fs.closeSync(descriptor);
    this.#opened.clear();
  }

  #descriptorOf(folder: string): number {
    const opened = this.#opened.get(folder) ?? fs.openSync(folder, 'r');
    this.#opened.set(folder, opened);
    return opened;
  }
}
