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
  /** Folders that are flushed again and again stay open: sixteen shards at most. */
  readonly #folders = new Map<string, Promise<fs.promises.FileHandle>>();

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
        const opened = this.#folders.get(folder) ?? fs.promises.open(folder, 'r');
        this.#folders.set(folder, opened);
        await (await opened).sync();
      }),
    );
  }

  async close(): Promise<void> {
    const opened = [...this.#folders.values()];
    this.#folders.clear();
    await Promise.all(opened.map(async (folder) => (await folder).close()));
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

  /** Sets a stored file apart. */
  async moveToQuarantine(name: string): Promise<void> {
    await fs.promises.rename(this.pathOf(name), this.quarantinePathOf(name));
    await this.flushFolders([this.#quarantine, path.dirname(this.pathOf(name))]);
  }

  /** Gives `quarantined` a place among the stored files and `stored` one in quarantine, durable on return; both keep the
   * place they had until `dropAfterSwap`. */
  async copyAcross(quarantined: string, stored: string): Promise<void> {
    const target = this.pathOf(quarantined);
    await this.ensureFolder(path.dirname(target));
    await linkOnce(this.quarantinePathOf(quarantined), target);
    await linkOnce(this.pathOf(stored), this.quarantinePathOf(stored));
    await this.flushFolders([this.#quarantine, path.dirname(target)]);
  }

  dropAfterSwap(quarantined: string, stored: string): void {
    this.dropQuarantined(quarantined);
    this.dropStored(stored);
  }

  /** Takes away one of two names of a file; its bytes stay under the other. */
  dropQuarantined(name: string): void {
    fs.rmSync(this.quarantinePathOf(name), { force: true });
  }
  dropStored(name: string): void {
    fs.rmSync(this.pathOf(name), { force: true });
  }

  quarantinedNames(): string[] {
    return fs.readdirSync(this.#quarantine);
  }

  hasFiles(): boolean {
    return !this.names()[Symbol.iterator]().next().done;
  }

  /** Names of all stored files. */
  *names(): Generator<string> {
    for (const shard of fs.readdirSync(this.#objects)) {
      for (const name of fs.readdirSync(path.join(this.#objects, shard))) yield name;
    }
  }
}

/** A second name for a file; a copy where the file system has no links. */
async function linkOnce(from: string, to: string): Promise<void> {
  if (fs.existsSync(to)) return;
  await fs.promises.link(from, to).catch(async () => {
    const partial = `${to}.part`;
    await fs.promises.copyFile(from, partial);
    const handle = await fs.promises.open(partial, 'r+');
    await handle.sync().finally(() => handle.close());
    await fs.promises.rename(partial, to);
  });
}
