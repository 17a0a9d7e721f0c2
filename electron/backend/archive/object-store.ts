// Where encrypted files lie below the data folder: objects/a/NAME, quarantine/NAME, removed/, tmp/. Names are keyed digests.
import { randomUUID, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { LecternError } from '#shared/contract/errors.ts';
import { Folders } from './folders.ts';
import { destroySealed, SealedReader } from './sealed-file.ts';

/** Sixteen folders: few enough to be kept open for their flushes, small enough for every file system. */
const SHARDS = [...'0123456789abcdef'];
/** As prepare.ts makes them; what else lies in the folders is not ours (.DS_Store, Thumbs.db). */
const NAME = /^[0-9a-f]{40}$/;
const NAME_LENGTH = 40;
const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const REMOVED_NAME = new RegExp(`^[0-9a-f]{40}\\.${UUID}$`);
/** What is written, received or copied lies in `tmp/` under such a name until it has its place. */
const TEMPORARY_NAME = new RegExp(`^(${UUID}|copy-[0-9a-f]{40})$`);
export const isTemporaryName = (name: string): boolean => TEMPORARY_NAME.test(name);

const DESTROYED_AT_ONCE = 8;

export const objectsOf = (dataDir: string): string => path.join(dataDir, 'objects');

const quarantineOf = (dataDir: string): string => path.join(dataDir, 'quarantine');

/** Whether a data folder has stored files, before anything in it is opened. Throws LecternError 'conflict' where a folder of
 * them cannot be read. */
export const hasStoredFiles = (dataDir: string): boolean =>
  [quarantineOf(dataDir), ...SHARDS.map((shard) => path.join(objectsOf(dataDir), shard))].some(
    (folder) => fs.existsSync(folder) && namesIn(folder).length > 0,
  );

/** Path of a stored file below the folder of `objectsOf`. */
export const storedPath = (objects: string, name: string): string => path.join(objects, name.slice(0, 1), name);

export interface PlacedFile {
  name: string;
  /** Path of the file. */
  file: string;
}

/** What was removed and still has its key. */
export interface Left {
  /** Undefined: `file` is the folder of them. */
  name: string | undefined;
  file: string;
  cause: unknown;
}

/** Whether two looks at one path met the same file, or none both times. */
export const isSameFile = (one: fs.Stats | undefined, other: fs.Stats | undefined): boolean =>
  one?.ino === other?.ino && one?.birthtimeMs === other?.birthtimeMs;

export class ObjectStore {
  readonly dataDir: string;
  readonly temporaryDir: string;
  readonly #objects: string;
  readonly #quarantine: string;
  /** What was taken out of its place, for as long as it still has its key. */
  readonly #removed: string;
  readonly #kek: KeyObject;
  /** Open until `close`, also for the workers. */
  readonly folders: Folders;

  /** Makes the folders and clears what an interrupted ingest left under temporary names. */
  constructor(dataDir: string, kek: KeyObject) {
    this.dataDir = dataDir;
    this.#kek = kek;
    this.#objects = objectsOf(dataDir);
    this.#quarantine = quarantineOf(dataDir);
    this.temporaryDir = path.join(dataDir, 'tmp');
    this.#removed = path.join(dataDir, 'removed');
    clearTemporary(this.temporaryDir);
    this.folders = Folders.open([
      this.#objects,
      this.#quarantine,
      this.#removed,
      ...SHARDS.map((shard) => path.join(this.#objects, shard)),
    ]);
  }

  pathOf(name: string): string {
    return storedPath(this.#objects, name);
  }
  quarantinePathOf(name: string): string {
    return path.join(this.#quarantine, name);
  }

  /** Gives a temporary file its place, which survives a power cut when this resolves. */
  async settle(temporaryPath: string, target: string): Promise<void> {
    await fs.promises.rename(temporaryPath, target);
    await this.folders.flush(path.dirname(target));
  }

  close(): void {
    this.folders.close();
  }

  /** Opens a stored file for reading. Throws DamagedFile or the file system's error. */
  open(name: string): SealedReader {
    return new SealedReader(this.pathOf(name), this.#kek);
  }

  /** Both places that a name may have. */
  placesOf(name: string): PlacedFile[] {
    return [this.pathOf(name), this.quarantinePathOf(name)].map((file) => ({ name, file }));
  }

  /** Takes a file out of its place. */
  moveToRemoved(name: string, file: string): void {
    fs.renameSync(file, path.join(this.#removed, `${name}.${randomUUID()}`));
  }

  /** Destroys the keys of what was taken out of its place, and removes it; gives what could not be. Not to be run beside itself. */
  async destroyRemoved(): Promise<Left[]> {
    const left: Left[] = [];
    const removed = this.#inRemoved(left).values();
    const lane = async (): Promise<void> => {
      for (const entry of removed) {
        const file = path.join(this.#removed, entry);
        await destroySealed(file).catch((cause: unknown) =>
          left.push({ name: entry.slice(0, NAME_LENGTH), file, cause }),
        );
      }
    };
    await Promise.all(Array.from({ length: DESTROYED_AT_ONCE }, lane));
    return left;
  }

  #inRemoved(left: Left[]): string[] {
    try {
      return fs.readdirSync(this.#removed).filter((name) => REMOVED_NAME.test(name));
    } catch (cause) {
      left.push({ name: undefined, file: this.#removed, cause });
      return [];
    }
  }

  async flushFoldersOf(files: Iterable<string>): Promise<void> {
    const folders = new Set([...files].map((file) => path.dirname(file)));
    if (folders.size) folders.add(this.#removed);
    await Promise.all([...folders].map((folder) => this.folders.flush(folder)));
  }

  /** Sets a stored file apart. */
  async moveToQuarantine(name: string): Promise<void> {
    await fs.promises.rename(this.pathOf(name), this.quarantinePathOf(name));
    await this.#flushBoth(this.pathOf(name));
  }

  /** Gives `quarantined` a place among the stored files and `stored` one in quarantine, durable on return; both keep the
   * place they had until it is dropped. */
  async copyAcross(quarantined: string, stored: string | undefined): Promise<void> {
    const target = this.pathOf(quarantined);
    await this.#linkOnce(this.quarantinePathOf(quarantined), target);
    if (stored !== undefined) await this.#linkOnce(this.pathOf(stored), this.quarantinePathOf(stored));
    await this.#flushBoth(target);
  }

  async #flushBoth(stored: string): Promise<void> {
    await Promise.all([this.folders.flush(this.#quarantine), this.folders.flush(path.dirname(stored))]);
  }

  /** Takes away one of two names of a file; its bytes stay under the other. */
  dropQuarantined(name: string): void {
    fs.rmSync(this.quarantinePathOf(name), { force: true });
  }
  dropStored(name: string): void {
    fs.rmSync(this.pathOf(name), { force: true });
  }

  /** Throws LecternError 'conflict' where the folder cannot be read. */
  quarantinedNames(): string[] {
    return namesIn(this.#quarantine);
  }

  hasFiles(): boolean {
    return !this.names()[Symbol.iterator]().next().done;
  }

  /** Names of all stored files. Throws LecternError 'conflict' where a folder of them cannot be read. */
  *names(): Generator<string> {
    for (const shard of SHARDS)
      for (const name of namesIn(path.join(this.#objects, shard))) if (name.startsWith(shard)) yield name;
  }

  /** A second name for a file; a copy where the file system has no links. */
  async #linkOnce(from: string, to: string): Promise<void> {
    if (fs.existsSync(to)) return;
    await fs.promises.link(from, to).catch(async () => {
      const partial = path.join(this.temporaryDir, `copy-${path.basename(to)}`);
      await fs.promises.copyFile(from, partial);
      const handle = await fs.promises.open(partial, 'r+');
      await handle.sync().finally(() => handle.close());
      await fs.promises.rename(partial, to);
    });
  }
}

/** Removes what an ingest that was cut off left, and nothing that lies beside it. A folder that is there stays: a full disk may have
 * no room for another one. */
function clearTemporary(folder: string): void {
  if (!fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) fs.mkdirSync(folder, { mode: 0o700 });
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }))
    if (entry.isFile() && isTemporaryName(entry.name)) fs.rmSync(path.join(folder, entry.name), { force: true });
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).filter((name) => NAME.test(name));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new LecternError(
      'conflict',
      `The archive's folder ${folder} cannot be read${code}: see to its permissions and its disk, then try again.`,
      { cause },
    );
  }
}
