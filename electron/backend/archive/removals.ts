// Files that the index let go. They leave their places at once, before anything else can happen: the same content may come again, and
// then has the same names. From there on they are told by where they lie, in `removed/`, and never again by name; there they wait
// until their keys are destroyed. What cannot leave its place stays listed (tombstones.ts) and in the way of its name.
import fs from 'node:fs';
import { LecternError } from '#shared/contract/errors.ts';
import { notWritten, reasonOfSystem } from '#backend/base/not-written.ts';
import { Turns } from '#backend/base/turns.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { isSameFile, type Left, type ObjectStore, type PlacedFile } from './object-store.ts';

/** Out of the list, and files of it still have their keys. */
export class NotDestroyed extends LecternError {
  /** `isEarlier`: what was removed by an earlier program. */
  constructor(left: readonly Left[], { isEarlier }: { isEarlier: boolean }) {
    const [{ file, cause } = { file: '', cause: undefined }] = left;
    const count = new Set(left.flatMap(({ name }) => name ?? [])).size;
    const files = count > 1 ? `${count} files` : count === 1 ? 'one file' : 'files';
    const what = isEarlier ? `Of what was removed, ${files}` : `It is removed from the list, but ${files} of it`;
    super(
      'not-written',
      `${what} could not be destroyed: ${file} cannot be written: ${reasonOfSystem(cause)}. This is tried again with the next removal and at the next start.`,
      { cause },
    );
  }
}

interface Stuck extends PlacedFile {
  cause: unknown;
  /** What it was then: whatever has its place later is another file. */
  found: fs.Stats | undefined;
}

export class Removals {
  readonly #index: ArchiveIndex;
  readonly #store: ObjectStore;
  readonly #turns = new Turns();
  /** By path: what could not be taken out of its place. No row has such a name, since `makeRoom` comes before it. */
  readonly #stuck = new Map<string, Stuck>();
  /** Path to name: taken out, and not known to survive a power cut. */
  readonly #taken = new Map<string, string>();

  /** Also takes out what an earlier program left in its place: to be made before anything is taken in. */
  constructor(index: ArchiveIndex, store: ObjectStore) {
    this.#index = index;
    this.#store = store;
    for (const name of index.tombstones.all()) for (const file of store.placesOf(name)) this.#takeOut(file);
  }

  /** Takes files out of their places before it returns; resolves when they are destroyed, with what was left of earlier removals.
   * Rejects with NotDestroyed where some of these are left. */
  async remove(files: readonly PlacedFile[]): Promise<void> {
    for (const file of [...this.#stuck.values(), ...files]) this.#takeOut(file);
    const names = new Set(files.map(({ name }) => name));
    const left = (await this.#destroy()).filter(({ name }) => name === undefined || names.has(name));
    if (left.length) throw new NotDestroyed(left, { isEarlier: false });
  }

  /** Destroys what was left of earlier removals. Rejects with NotDestroyed where some is left again. */
  async finish(): Promise<void> {
    const left = await this.#destroy();
    if (left.length) throw new NotDestroyed(left, { isEarlier: true });
  }

  /** To be called before a file gets a name, again: what was removed under it goes first. Throws LecternError where it cannot. */
  makeRoom(name: string): void {
    for (const file of this.#store.placesOf(name)) {
      if (!this.#stuck.has(file.file)) continue;
      this.#takeOut(file);
      const stuck = this.#stuck.get(file.file);
      if (stuck) throw notWritten(stuck.file, stuck.cause, 'What was removed before is in its place.');
      this.#destroy().catch(() => undefined);
    }
  }

  /** Resolves when nothing is being destroyed. */
  async settled(): Promise<void> {
    await this.#turns.take('destroy', () => Promise.resolve());
  }

  #takeOut({ name, file }: PlacedFile): void {
    const before = this.#stuck.get(file);
    this.#stuck.delete(file);
    let found: fs.Stats | undefined;
    try {
      found = fs.lstatSync(file, { throwIfNoEntry: false });
      if (before && found && !isSameFile(found, before.found)) return;
      if (found) this.#store.moveToRemoved(name, file);
      this.#taken.set(file, name);
    } catch (cause) {
      this.#stuck.set(file, { name, file, cause, found: found ?? before?.found });
    }
  }

  /** Whether some of it left its place: a full disk may have no room for a longer `removed/` before what lies there is destroyed. */
  #takeOutStuck(): boolean {
    const before = [...this.#stuck.values()];
    for (const file of before) this.#takeOut(file);
    return this.#stuck.size < before.length;
  }

  /** One after the other: each looks at all that there is. Gives what is left. */
  async #destroy(): Promise<Left[]> {
    const left = await this.#turns.take('destroy', async () => {
      let undestroyed = await this.#store.destroyRemoved();
      while (this.#takeOutStuck()) undestroyed = await this.#store.destroyRemoved();
      await this.#forget();
      return undestroyed;
    });
    return [...this.#stuck.values(), ...left];
  }

  /** Tombstones go once it survives a power cut that their files are out of their places. */
  async #forget(): Promise<void> {
    const taken = new Map(this.#taken);
    this.#taken.clear();
    try {
      await this.#store.flushFoldersOf(taken.keys());
      // Removed once more meanwhile, or left in the other of its places.
      const standing = new Set([...this.#taken.values(), ...[...this.#stuck.values()].map(({ name }) => name)]);
      this.#index.tombstones.clear([...new Set(taken.values())].filter((name) => !standing.has(name)));
    } catch {
      // The next one tries again; a tombstone without a file does no harm.
      for (const [file, name] of taken) this.#taken.set(file, name);
    }
  }
}
