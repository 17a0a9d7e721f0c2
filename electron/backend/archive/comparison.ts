// Whether what came and what is stored under its SOP Instance UID are the same, or one of them the beginning of the other.
import { mayBeCut } from '#shared/dicom/model.ts';
import type { ArchiveIndex, InstanceLocation } from './archive-index.ts';
import type { IngestPool } from './ingest-messages.ts';
import type { ObjectStore } from './object-store.ts';
import type { PreparedFile } from './prepare.ts';
import { digestOfStored } from './stored-digest.ts';

/** What a worker prepared, with the worker's number. */
export interface Taken extends PreparedFile {
  slot: number;
  /** It took the place of a file with the same content, which no row may list: it stays whatever becomes of this one. */
  isOverOther?: boolean;
}

interface Parts {
  index: Pick<ArchiveIndex, 'repairsOf'>;
  store: Pick<ObjectStore, 'pathOf'>;
  pool: IngestPool;
}

const datasetSize = (file: { sizeBytes: number; datasetOffset: number }): number => file.sizeBytes - file.datasetOffset;

export class Comparison {
  readonly #index: Parts['index'];
  readonly #store: Parts['store'];
  readonly #pool: IngestPool;

  constructor({ index, store, pool }: Parts) {
    this.#index = index;
    this.#store = store;
    this.#pool = pool;
  }

  /** "It is here already" is said of what can be read, not of a row. */
  async isIntact({ name, sha256 }: { name: string; sha256: string }): Promise<boolean> {
    return (await digestOfStored(this.#pool, { kind: 'content-digest', path: this.#store.pathOf(name) })) === sha256;
  }

  /** Files that differ only in preamble and file meta information (a sender's AE title, say) hold the same instance. */
  async sameDataset(prepared: Taken, existing: InstanceLocation): Promise<boolean> {
    return datasetSize(existing) === datasetSize(prepared) && this.#beginsWithDataset(prepared, existing);
  }

  /** Whether the stored one may be a cut copy of this one: the same bytes to where it ends, whatever file meta information they have. */
  async continues(prepared: Taken, existing: InstanceLocation): Promise<boolean> {
    if (datasetSize(prepared) <= datasetSize(existing) || !mayBeCut(this.#index.repairsOf(existing.id))) return false;
    const { sizeBytes: length, sha256 } = existing;
    const path = await this.#fileOf(prepared);
    // Of a stored file that is damaged only its digest is known.
    if ((await this.#pool.call({ kind: 'content-digest', path, length })) === sha256) return true;
    return this.#beginsWithDataset(prepared, existing);
  }

  /** Whether it is a cut copy of the stored one, which has more of it. */
  async isBeginningOf(prepared: Taken, existing: InstanceLocation): Promise<boolean> {
    const length = datasetSize(prepared);
    return (
      length < datasetSize(existing) &&
      mayBeCut(prepared.record.repairs) &&
      (await this.#beginsWithDataset(prepared, existing, length))
    );
  }

  /** Whether the data set begins as the stored one does, which can be read; so many bytes, by default all of the stored one. */
  async #beginsWithDataset(prepared: Taken, existing: InstanceLocation, length?: number): Promise<boolean> {
    if (existing.transferSyntaxUid !== prepared.record.transferSyntaxUid) return false;
    const { datasetOffset } = prepared;
    const path = await this.#fileOf(prepared);
    const [mine, stored] = await Promise.all([
      this.#pool.call({ kind: 'dataset-digest', path, datasetOffset, length: length ?? datasetSize(existing) }),
      digestOfStored(this.#pool, {
        kind: 'dataset-digest',
        path: this.#store.pathOf(existing.name),
        datasetOffset: existing.datasetOffset,
        ...(length !== undefined && { length }),
      }),
    ]);
    return mine === stored;
  }

  /** Where its bytes can be read, which from then on are in a file. */
  async #fileOf(prepared: Taken): Promise<string> {
    if (prepared.place.kind === 'held')
      prepared.place = await this.#pool.call({ kind: 'spill', id: prepared.place.id }, { slot: prepared.slot });
    const { place } = prepared;
    return place.kind === 'file' ? place.temporaryPath : place.path;
  }
}
