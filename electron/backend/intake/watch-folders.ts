// The set of watched folders that a person chose: starts them with the program, adds, removes, says how each stands.
import path from 'node:path';
import { z } from 'zod';
import type { Database } from '#backend/base/database.ts';
import type { SettingsStore } from '#backend/settings/settings-store.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { checkNotOwn, WatchFolder, WatchMemory, type WatchParts, type WatchState } from './watch-folder.ts';

const DOCUMENT = 'watch-folders';
const chosenFolders = z.array(z.string());

export class WatchFolders {
  readonly #settings: SettingsStore;
  readonly #parts: WatchParts;
  readonly #watched = new Map<string, WatchFolder>();

  constructor(settings: SettingsStore, db: Database, parts: Omit<WatchParts, 'memory'>) {
    this.#settings = settings;
    this.#parts = { ...parts, memory: new WatchMemory(db) };
  }

  /** Watches what was chosen before. */
  start(): void {
    for (const folder of this.#chosen()) this.#watched.set(folder, new WatchFolder(folder, this.#parts));
  }

  #chosen(): string[] {
    return this.#settings.read(DOCUMENT, chosenFolders, []);
  }

  states(): WatchState[] {
    return [...this.#watched.values()].map((watch) => watch.state);
  }

  /** Watches a folder from now on; one that is paused goes on. Rejects with LecternError 'bad-request' for a path that cannot be
   * watched. */
  async add(folder: string): Promise<void> {
    if (!path.isAbsolute(folder)) throw new LecternError('bad-request', 'A watched folder is given by its whole path.');
    const chosen = path.resolve(folder);
    await checkNotOwn(chosen, this.#parts.archive.dataDir);
    const known = this.#watched.get(chosen);
    if (known) {
      known.resume();
      return;
    }
    this.#settings.write(DOCUMENT, [...this.#chosen(), chosen]);
    this.#watched.set(chosen, new WatchFolder(chosen, this.#parts));
  }

  /** Throws LecternError 'not-found'. */
  async remove(folder: string): Promise<void> {
    const watch = this.#watched.get(folder);
    if (!watch) throw new LecternError('not-found', `${folder} is not watched.`);
    this.#settings.write(
      DOCUMENT,
      this.#chosen().filter((chosen) => chosen !== folder),
    );
    this.#watched.delete(folder);
    await watch.stop();
    this.#parts.memory.forget(folder);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#watched.values()].map((watch) => watch.stop()));
  }
}
