// Where encrypted files lie below the data folder: objects/a/NAME, quarantine/NAME, tmp/. Names are keyed digests.
import fs from 'node:fs';
import path from 'node:path';
import { destroySealed, SealedReader } from './sealed-file.ts';

/** Sixteen folders: few enough that a batch of files shares their flushes, small enough for every file system. */
export class ObjectStore {
  readonly temporaryDir: string;
  readonly #objects: string;
  readonly #quarantine: string;
  readonly #kek: Uint8Array;
  readonly #known = new Set<string>();

  /** Makes the folders and clears what an interrupted ingest left under temporary names. */
  constructor(dataDir: string, kek: Uint8Array) {
    this.#kek = kek;
    this.#objects = path.join(dataDir, 'objects');
    this.#quarantine = path.join(dataDir, 'quarantine');
    this.temporaryDir = path.join(dataDir, 'tmp');
    fs.rmSync(this.temporaryDir, { recursive: true, force: true });
    for (const folder of [this.#objects, this.#quarantine, this.temporaryDir])
      fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  pathOf(name: string): string {
    return path.join(this.#objects, name.slice(0, 1), name);
  }
  quarantinePathOf(name: string): string {
    return path.join(this.#quarantine, name);
  }

  async ensureFolder(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    const made = await fs.promises.mkdir(folder, { recursive: true, mode: 0o700 });
    if (made) await this.flushFolders([path.dirname(folder)]);
    this.#known.add(folder);
  }

  /** Makes renames inside these folders survive a power cut. */
  async flushFolders(folders: Iterable<string>): Promise<void> {
    if (process.platform === 'win32') return;
    await Promise.all(
      [...folders].map(async (folder) => {
        const handle = await fs.promises.open(folder, 'r');
        try {
          await handle.sync();
        } finally {
          await handle.close();
        }
      }),
    );
  }

  /** Opens a stored file for reading. Throws DamagedFile or the file system's error. */
  open(name: string): SealedReader {
    return new SealedReader(this.pathOf(name), this.#kek);
  }

  /** Destroys the key of a stored or quarantined file, then removes it. */
  destroy(name: string): void {
    destroySealed(this.pathOf(name));
    destroySealed(this.quarantinePathOf(name));
  }

  /** Names of all stored files. */
  *names(): Iterable<string> {
    for (const shard of fs.readdirSync(this.#objects)) {
      for (const name of fs.readdirSync(path.join(this.#objects, shard))) yield name;
    }
  }
}
