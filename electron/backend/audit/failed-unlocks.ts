// Failed unlocks happen while the audit log is locked too: their times wait in a small file of the data folder until the next
// unlock hands them over. The file holds times only.
import fs from 'node:fs';
import path from 'node:path';

/** Beyond this, further failures are only counted by the last line's time: a guesser must not fill the disk. */
const MOST_BYTES = 64 * 1024;

export class FailedUnlocks {
  readonly #file: string;
  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'failed-unlocks.txt');
  }

  note(): void {
    const size = fs.statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < MOST_BYTES) fs.appendFileSync(this.#file, `${new Date().toISOString()}\n`, { mode: 0o600 });
  }

  /** Tells `record` of each, oldest first, then forgets them. */
  handOver(record: (at: string) => void): void {
    if (!fs.existsSync(this.#file)) return;
    for (const line of fs.readFileSync(this.#file, 'utf8').split('\n')) if (/^[0-9TZ:.-]{24}$/.test(line)) record(line);
    fs.rmSync(this.#file, { force: true });
  }
}
