// Whether the stored files are what the index says of them. Others come and go meanwhile, so damage is told only where, once it was
// found, the same file is in its place still and its row stands.
import fs from 'node:fs';
import { LecternError } from '#shared/contract/errors.ts';
import type { ArchiveIndex, InstanceLocation, QuarantinedInstance } from './archive-index.ts';
import { wordsOfDamage } from './damage-notes.ts';
import type { Ingest } from './ingest.ts';
import type { IngestPool } from './ingest-messages.ts';
import { lostInstances, WORDS_OF_LOSS } from './lost-instances.ts';
import { isSameFile, type ObjectStore, type PlacedFile } from './object-store.ts';
import { readStored } from './rebuild.ts';
import { plainSize } from './sealed-format.ts';

export interface DamageReport {
  /** Null: of a stored file that the index does not list, or of the index. */
  sopInstanceUid: string | null;
  /** Its name in the store, or the index's. */
  file?: string;
  reason: string;
}

interface Parts {
  index: ArchiveIndex;
  store: ObjectStore;
  pool: IngestPool;
  ingest: Pick<Ingest, 'passed'>;
  /** A note of damage came or went. */
  onNoted: () => void;
}

const statOf = (file: string): fs.Stats | undefined => fs.statSync(file, { throwIfNoEntry: false });

export class StoredChecks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads one stored file whole and compares its SHA-256 with the index; undefined when it is intact, or was removed meanwhile. */
  async instance(location: InstanceLocation): Promise<DamageReport | undefined> {
    const { index, store } = this.#parts;
    const file = store.pathOf(location.name);
    const reason = await this.#lasting(
      file,
      () => this.#damageOf(file, location.sha256),
      () => index.damage.stands(location),
    );
    this.#note(location, reason);
    return reason === undefined ? undefined : { sopInstanceUid: location.sopUid, reason };
  }

  /** The same for an instance in quarantine, which may have been put in the place of the stored one. */
  async conflict({ sopUid, name, sha256 }: QuarantinedInstance): Promise<DamageReport | undefined> {
    const { index, store } = this.#parts;
    const file = store.quarantinePathOf(name);
    const reason = await this.#lasting(
      file,
      () => this.#damageOf(file, sha256),
      () => index.hasConflict(name),
    );
    if (reason === undefined) return undefined;
    return { sopInstanceUid: sopUid, reason: `In quarantine, beside the stored instance of this UID: ${reason}` };
  }

  /** What `look` finds wrong with the file, said of the one that is there at the end; undefined where it is not to be there any more. */
  async #lasting(
    file: string,
    look: () => Promise<string | undefined>,
    isMeant: () => boolean,
  ): Promise<string | undefined> {
    for (;;) {
      const before = statOf(file);
      const reason = await look();
      if (reason === undefined || !isMeant()) return undefined;
      // Else it was removed and came again: that one was not looked at.
      if (isSameFile(before, statOf(file))) return reason;
    }
  }

  async #damageOf(file: string, sha256: string): Promise<string | undefined> {
    const { pool } = this.#parts;
    try {
      const digest = await pool.call({ kind: 'content-digest', path: file });
      return digest === sha256 ? undefined : 'The content does not match its SHA-256.';
    } catch (error) {
      // The program ends: nothing is known of the file.
      if (pool.isClosed) throw error;
      return wordsOfDamage(error) ?? `The file is damaged: ${error instanceof Error ? error.message : String(error)}.`;
    }
  }

  /** Keeps what was found wrong; undefined says nothing. */
  noteDamage(location: InstanceLocation, reason: string | undefined): void {
    if (reason !== undefined) this.#note(location, reason);
  }

  /** What a full disk takes no note of now, whoever meets it next notes: it is told all the same. */
  #note(location: InstanceLocation, reason: string | undefined): void {
    const { index, onNoted } = this.#parts;
    try {
      if (reason === undefined ? index.damage.clear(location) : index.damage.note(location, reason)) onNoted();
    } catch (error) {
      if (!(error instanceof LecternError)) throw error;
    }
  }

  /** Notes which stored files of a study are missing or cut: what can be told without reading them. */
  async noteLost(studyUid: string): Promise<void> {
    const { index, store } = this.#parts;
    for (const location of index.locateAll({ studyUid })) {
      const reason = await fs.promises
        .stat(store.pathOf(location.name))
        .then(
          ({ size }) => (plainSize(size) === location.sizeBytes ? undefined : 'The file is damaged: it was cut.'),
          wordsOfDamage,
        );
      this.noteDamage(location, reason);
    }
  }

  /** Files in the store, quarantine included, that the index does not list: left out of it since they are damaged, or just coming in. */
  *unlisted(): Generator<PlacedFile> {
    const { index, store } = this.#parts;
    // Numbers of 48 bits instead of a million texts.
    const numberOf = (name: string): number => parseInt(name.slice(0, 12), 16);
    const listed = new Set<number>();
    for (const name of index.names()) listed.add(numberOf(name));
    const isListed = (name: string): boolean => listed.has(numberOf(name)) || index.hasConflict(name);
    for (const name of store.names()) if (!isListed(name)) yield { name, file: store.pathOf(name) };
    for (const name of store.quarantinedNames())
      if (!isListed(name)) yield { name, file: store.quarantinePathOf(name) };
  }

  /** Instances that did not come back when the index was made anew, and have no file that could be told of instead. */
  missing(): DamageReport[] {
    const { index, store } = this.#parts;
    return lostInstances(index.db)
      .filter(({ name }) => store.placesOf(name).every(({ file }) => !fs.existsSync(file)))
      .map(({ sopUid }) => ({ sopInstanceUid: sopUid, reason: WORDS_OF_LOSS }));
  }

  /** What is wrong with a file of `unlisted`; undefined where the index lists it by now, or it is gone. */
  async unlistedFile({ name, file }: PlacedFile): Promise<DamageReport | undefined> {
    const { index, ingest, pool } = this.#parts;
    const look = async (): Promise<string> => {
      // What was in its place without a row has its row then, or goes.
      await ingest.passed();
      if (index.tombstones.has(name)) return `The stored file ${name} was removed and could not be destroyed yet.`;
      const found = await readStored({ pool }, file, name, new Set());
      const why = 'reason' in found ? `it cannot be read: ${found.reason}` : 'it is whole: make the index anew';
      return `The stored file ${name} is not in the index; ${why}.`;
    };
    // In both places for a moment, when a quarantined instance and the stored one change them.
    const isUnlisted = (): boolean => fs.existsSync(file) && !index.hasName(name) && !index.hasConflict(name);
    const reason = isUnlisted() ? await this.#lasting(file, look, isUnlisted) : undefined;
    return reason === undefined ? undefined : { sopInstanceUid: null, file: name, reason };
  }
}
