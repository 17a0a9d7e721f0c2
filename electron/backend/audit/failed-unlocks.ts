// Failed unlocks happen while the audit log is locked too: their times wait in a small file of the data folder until the next
// unlock hands them over. The file holds times only.
import fs from 'node:fs';
import path from 'node:path';

/** Beyond this, further failures are only counted by the last line's time: a guesser must not fill the disk. */
const MOST_BYTES = 64 * 1024;
const MOST_UNWRITTEN = 2500;

export class FailedUnlocks {
  readonly #file: string;
  /** Of a disk that took none of them. */
  #unwritten: string[] = [];
  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'failed-unlocks.txt');
  }

  note(): void {
    const line = new Date().toISOString();
    try {
      const size = fs.statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
      if (size < MOST_BYTES) fs.appendFileSync(this.#file, `${line}\n`, { mode: 0o600 });
    } catch {
      if (this.#unwritten.length < MOST_UNWRITTEN) this.#unwritten.push(line);
    }
  }

  /** Tells `record` of each, oldest first, then forgets them. */
  handOver(record: (at: string) => void): void {
    const text = fs.existsSync(this.#file) ? fs.readFileSync(this.#file, 'utf8') : '';
    for (const line of [...text.split('\n'), ...this.#unwritten].sort())
      if (/^[0-9TZ:.-]{24}$/.test(line)) record(line);
    this.#unwritten = [];
    fs.rmSync(this.#file, { force: true });
  }
}
