// The archive as the rest of the backend sees it: ingest, reading of stored bytes, deletion, verification, rebuild.
// Knows files and index; not HTTP, not folders or discs, not people.
import { createSecretKey } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { inflateRaw as inflateRawCallback } from 'node:zlib';
import type { FrameTable } from '#shared/dicom/model.ts';
import { rawDeflated } from '#shared/dicom/read-instance.ts';
import { isDeflated } from '#shared/dicom/transfer-syntaxes.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { makeFolder } from '#backend/base/durable-file.ts';
import { openOrRenew, type OnRenewed } from '#backend/base/open-or-renew.ts';
import { WorkerPool, workerEntry } from '#backend/workers/worker-pool.ts';
import { ArchiveIndex, type InstanceLocation, type QuarantinedInstance } from './archive-index.ts';
import { wordsOfDamage } from './damage-notes.ts';
import { FreeSpace } from './free-space.ts';
import { IndexCheck } from './index-check.ts';
import { MAX_INFLATED_BYTES } from './inflate.ts';
import { Ingest } from './ingest.ts';
import { REPEATABLE, type IngestPool } from './ingest-messages.ts';
import { forgetLost, keepListed } from './lost-instances.ts';
import { unpack, unpackFrames } from './instance-record.ts';
import type { ArchiveKeys } from './key-envelope.ts';
import { ObjectStore, objectsOf, type PlacedFile } from './object-store.ts';
import type { PrepareKeys } from './prepare.ts';
import { OpenMark, settleUnlisted, type Settled } from './unlisted-files.ts';
import { RemovalRoom } from './removal-room.ts';
import { Removals } from './removals.ts';
import { readStored, rebuildIndex, type RebuildReport } from './rebuild.ts';
import { INDEX } from './schema.ts';
import { DamagedFile, type Place, type SealedReader } from './sealed-file.ts';
import { StoredChecks, type DamageReport } from './stored-checks.ts';

const inflateRaw = promisify(inflateRawCallback);

const REBUILDING = 'The index is being made anew already: wait until that is done, or let it go on where it is paused.';
const NOT_REMOVABLE =
  'The index is being made anew and does not list all stored files yet: nothing is removed or changed before that is done. Try again then.';

const removedMeanwhile = (): LecternError => new LecternError('not-found', 'The instance was removed meanwhile.');

export class Archive {
  readonly dataDir: string;
  readonly index: ArchiveIndex;
  readonly ingest: Ingest;
  readonly checks: StoredChecks;
  readonly space: FreeSpace;
  readonly room: RemovalRoom;
  readonly #indexCheck: IndexCheck;
  readonly #store: ObjectStore;
  readonly #pool: IngestPool;
  readonly #openMark: OpenMark;
  readonly #removals: Removals;
  readonly #finishing: Promise<void>;
  readonly #listeners = new Set<() => void>();
  readonly #removalListeners = new Set<(studyUid: string) => void>();
  #isUnsettled = false;
  #isRebuilding = false;
  /** By the name, which says what is in it: the number of a row is given again. */
  #inflated: { name: string; bytes: Buffer } | undefined;

  /** Opens or makes the archive in `dataDir` under `keys`. They are known to be right: an index that does
   * not open under them is damaged, and made anew. `onNotDestroyed` is told of what earlier removals left and still cannot be destroyed. */
  constructor(
    dataDir: string,
    keys: ArchiveKeys,
    onRenewed?: OnRenewed,
    onNotDestroyed: (error: unknown) => void = () => undefined,
  ) {
    makeFolder(dataDir);
    this.dataDir = dataDir;
    const indexFile = path.join(dataDir, 'index.db');
    this.index = new ArchiveIndex(openOrRenew(indexFile, keys.index, INDEX, onRenewed));
    this.#indexCheck = new IndexCheck(this.index.db, indexFile, keys.index);
    this.#openMark = new OpenMark(dataDir);
    const files = createSecretKey(keys.files);
    this.#store = new ObjectStore(dataDir, files);
    if (this.index.isFresh && this.#store.hasFiles()) this.index.setIncomplete(true);
    this.space = new FreeSpace(dataDir);
    this.#pool = new WorkerPool({
      entry: workerEntry('ingest.worker', import.meta.url),
      // What comes through the network or from a page does not wait for files that lie on a slow medium, or are very large.
      size: 4,
      reserved: 2,
      workerData: {
        keys: { files, names: createSecretKey(keys.names) } satisfies PrepareKeys,
        temporaryDir: this.#store.temporaryDir,
        objects: objectsOf(dataDir),
        folders: this.#store.folders.opened,
      },
      patienceMs: 120_000,
      isRepeatable: ({ kind }) => REPEATABLE.has(kind),
      // One of them at a time has need of it: see LARGE in read-budget.ts.
      maxHeapMb: 2048,
    });
    this.#removals = new Removals(this.index, this.#store);
    this.ingest = new Ingest({
      index: this.index,
      store: this.#store,
      removals: this.#removals,
      pool: this.#pool,
      space: this.space,
      onCommit: () => this.#announce(),
    });
    this.checks = new StoredChecks({
      index: this.index,
      store: this.#store,
      pool: this.#pool,
      ingest: this.ingest,
      onNoted: () => this.#announce(),
    });
    this.room = new RemovalRoom(dataDir, indexFile);
    this.room.keep();
    this.#finishing = this.#removals.finish().catch(onNotDestroyed);
  }

  /** Calls back after each change; returns the function that unregisters. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back before a study goes, for what belongs to it elsewhere; returns the function that unregisters. */
  onRemoval(listener: (studyUid: string) => void): () => void {
    this.#removalListeners.add(listener);
    return () => this.#removalListeners.delete(listener);
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }

  usage(): { usedBytes: number; freeBytes: number } {
    return { usedBytes: this.index.totals().sizeBytes, freeBytes: this.space.available() };
  }

  /** DICOM JSON text of one instance as stored at ingest; bulk data addresses in the archive's own form (model.ts). */
  metadataText(location: InstanceLocation): string {
    const packed = this.index.metadata(location.id);
    if (!packed) throw removedMeanwhile();
    return unpack(packed);
  }

  frameTable(location: InstanceLocation): FrameTable {
    const packed = this.index.frames(location.id);
    if (!packed) throw removedMeanwhile();
    return unpackFrames(packed);
  }

  /** Opens the stored bytes of an instance; close it. Throws LecternError 'cannot-decode' naming the damage, 'not-found' where they went
   * with their study. */
  open(location: InstanceLocation): SealedReader {
    try {
      const reader = this.#store.open(location.name);
      if (reader.size === location.sizeBytes) return reader;
      reader.close();
      throw new DamagedFile('it was cut');
    } catch (cause) {
      const reason = this.#noteFailure(location, cause);
      const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
      const state =
        reason === undefined
          ? `cannot be opened now${code}: try again`
          : 'is damaged or missing: retrieve or import it again';
      throw new LecternError('cannot-decode', `The stored file of ${location.sopUid} ${state}.`, { cause });
    }
  }

  /** Keeps what hindered a read, in words where it is damage. Throws LecternError 'not-found' where it is none: the file was removed. */
  #noteFailure(location: InstanceLocation, cause: unknown): string | undefined {
    const reason = wordsOfDamage(cause);
    if (reason !== undefined && !this.index.damage.stands(location)) throw removedMeanwhile();
    this.checks.noteDamage(location, reason);
    return reason;
  }

  /** The stored file from byte `offset` on, piece by piece, as received. Throws as `open` does, DamagedFile on the way. */
  async *pieces(location: InstanceLocation, offset = 0): AsyncGenerator<Buffer, void> {
    const reader = this.open(location);
    try {
      yield* reader.pieces(offset);
    } catch (cause) {
      this.#noteFailure(location, cause);
      throw cause;
    } finally {
      reader.close();
    }
  }

  /** Bytes [offset, offset + length) of the stored file, as received; in a deflated file offsets count as if its data set
   * stood there inflated, as in its frame table. Where one read answers, it is into the buffer that `place` gives. */
  async readRange(location: InstanceLocation, offset: number, length: number, place?: Place): Promise<Buffer> {
    if (isDeflated(location.transferSyntaxUid) && offset >= location.datasetOffset) {
      const dataset = await this.#inflatedDataset(location);
      return dataset.subarray(offset - location.datasetOffset, offset - location.datasetOffset + length);
    }
    return this.#readStored(location, offset, length, place);
  }

  /** The data set of a deflated file (PS3.5 A.5); the last one is kept, since its frames are asked for one after the other. */
  async #inflatedDataset(location: InstanceLocation): Promise<Buffer> {
    if (this.#inflated?.name === location.name) return this.#inflated.bytes;
    const deflated = await this.#readStored(location, location.datasetOffset, location.sizeBytes);
    const bytes = await inflateRaw(rawDeflated(deflated), { maxOutputLength: MAX_INFLATED_BYTES });
    this.#inflated = { name: location.name, bytes };
    return bytes;
  }

  async #readStored(location: InstanceLocation, offset: number, length: number, place?: Place): Promise<Buffer> {
    const reader = this.open(location);
    try {
      return await reader.readAsync(offset, length, place);
    } catch (cause) {
      if (!(cause instanceof DamagedFile)) throw cause;
      this.#noteFailure(location, cause);
      throw new LecternError(
        'cannot-decode',
        `The stored file of ${location.sopUid} is damaged (${cause.message}): retrieve or import it again.`,
        { cause },
      );
    } finally {
      reader.close();
    }
  }

  /** For who knows that instances will come in a moment: what takes them in is started meanwhile. */
  expectInstances(): void {
    this.#pool.startReserved();
  }

  /** Removes a study, at once (`isRetired`: by a rule, study-rows.ts), and destroys the keys of its files before it resolves. Rejects with LecternError 'not-found', with
   * 'conflict' before all stored files are in the index, and with NotDestroyed where the study is gone and some of its files could not be destroyed. */
  async removeStudy(studyUid: string, options: { isRetired?: boolean } = {}): Promise<void> {
    this.#checkRemovable();
    if (!this.index.hasStudy(studyUid)) {
      if (forgetLost(this.index.db, studyUid)) return;
      throw new LecternError('not-found', `No study ${studyUid} is in the archive.`);
    }
    const names = this.room.lend(() => {
      for (const listener of this.#removalListeners) listener(studyUid);
      return this.index.removeStudy(studyUid, options) ?? [];
    });
    this.#announce();
    await this.#destroy(names.flatMap((name) => this.#store.placesOf(name)));
  }

  async #destroy(files: readonly PlacedFile[]): Promise<void> {
    try {
      await this.#removals.remove(files);
    } finally {
      this.room.keep();
    }
  }

  setPinned(studyUid: string, isPinned: boolean): void {
    if (!this.index.pin(studyUid, isPinned))
      throw new LecternError('not-found', `No study ${studyUid} is in the archive.`);
    this.#announce();
  }

  /** Looks through the index itself (index-check.ts); undefined when it is intact. Rejects when `signal` is aborted. */
  async checkIndex(signal: AbortSignal): Promise<DamageReport | undefined> {
    const damage = await this.#indexCheck.damage(signal);
    return damage === undefined
      ? undefined
      : this.ofIndex(`${damage} Then verify again: the stored files were not compared with it.`);
  }

  /** What is to be told of the index itself. */
  ofIndex(reason: string): DamageReport {
    return { sopInstanceUid: null, file: path.basename(this.#indexCheck.file), reason };
  }

  /** The last one that had this archive open did not end in order. */
  get wasCut(): boolean {
    return this.#openMark.wasLeft;
  }

  /** Where the last one that had this archive open did not end in order: sees to what it left half done. To be called once, before
   * anything is taken in. */
  async settleAfterCrash(): Promise<Settled> {
    const nothing: Settled = { taken: [], removed: 0, left: 0 };
    if (!this.#openMark.wasLeft || this.needsRebuild) return nothing;
    let settled: Settled | undefined;
    try {
      settled = await settleUnlisted({ index: this.index, store: this.#store, pool: this.#pool });
      return settled;
    } finally {
      // Among what was not looked at may be what was said to be stored: the next start tries again.
      this.#isUnsettled = settled === undefined || settled.left > 0;
      const { taken, removed, left } = settled ?? { ...nothing, left: 1 };
      if (taken.length + removed + left > 0) {
        // A power cut may have taken rows: their change numbers come again, so whoever mirrors the index begins anew.
        this.index.renewEpoch();
        this.#announce();
      }
    }
  }

  /** What a crash left could not all be looked at. */
  get isUnsettled(): boolean {
    return this.#isUnsettled;
  }

  /** True where the index does not list all stored files: it was made anew, or a rebuild was cut off. */
  get needsRebuild(): boolean {
    return this.index.isIncomplete;
  }

  /** Empties the index and fills it again from the files (rebuild.ts). Throws LecternError 'conflict' while that is done already. */
  async rebuild(each: (done: number) => Promise<void> = () => Promise.resolve()): Promise<RebuildReport> {
    if (this.#isRebuilding) throw new LecternError('conflict', REBUILDING);
    this.#isRebuilding = true;
    try {
      await keepListed(this.index.db);
      await this.ingest.settled();
      return await rebuildIndex({ index: this.index, store: this.#store, pool: this.#pool, ingest: this.ingest }, each);
    } finally {
      this.#isRebuilding = false;
      this.#announce();
    }
  }

  /** What is not listed yet would stay when its study is removed. */
  get isRemovable(): boolean {
    return !this.#isRebuilding && !this.index.isIncomplete;
  }

  #checkRemovable(): void {
    if (!this.isRemovable) throw new LecternError('conflict', NOT_REMOVABLE);
  }

  /** Puts a quarantined instance in the place of the stored one with its UID, which goes to quarantine: nothing is lost, and it
   * can be undone the same way. A stored one that is damaged or missing goes for good; there may be none. Throws LecternError
   * 'not-found', and 'conflict' before all stored files are in the index. */
  async preferConflict(conflictId: number): Promise<void> {
    this.#checkRemovable();
    const conflict = this.index.conflict(conflictId);
    if (!conflict) throw new LecternError('not-found', 'This conflict is not in the archive any more.');
    const stored = this.index.locate(conflict.sopUid);
    if (!stored) return this.#bringBack(conflictId, conflict);
    // The same content came again while it was in no study: it is stored already.
    if (conflict.name === stored.name) return this.removeConflict(conflictId);
    const record = await this.#pool.call({ kind: 'stored-record', path: this.#store.quarantinePathOf(conflict.name) });
    if ('refusal' in record) throw new LecternError('cannot-decode', record.refusal.detail);
    const file = this.#store.pathOf(stored.name);
    const own = await readStored({ pool: this.#pool }, file, stored.name, new Set());
    // What only cannot be read now must not go.
    if ('reason' in own && own.kind !== 'damaged' && fs.existsSync(file))
      throw new LecternError('cannot-decode', `The stored file could not be read: ${own.reason}.`);
    const replaced = 'reason' in own ? undefined : own;
    // Both files are on the side they go to before the index says so; a cut in between leaves a file too many, no loss.
    await this.#store.copyAcross(conflict.name, replaced && stored.name);
    this.index.swap(conflictId, { ...record, name: conflict.name }, replaced);
    this.#store.dropQuarantined(conflict.name);
    if (replaced) this.#store.dropStored(stored.name);
    this.#announce();
    await this.#removals.remove(replaced ? [] : [{ name: stored.name, file }]);
  }

  /** Stores a quarantined instance that has none beside it any more. */
  async #bringBack(conflictId: number, { name, sopUid }: QuarantinedInstance): Promise<void> {
    const found = await readStored({ pool: this.#pool }, this.#store.quarantinePathOf(name), name, new Set());
    if ('reason' in found) throw new LecternError('cannot-decode', found.reason);
    await this.#store.copyAcross(name, undefined);
    // Its file may be the one that comes: it is left to that.
    if (this.index.locate(sopUid) || this.ingest.isUnderway(sopUid))
      throw new LecternError('conflict', 'Another instance with this UID came in just now: look again.');
    this.index.commit([found], []);
    this.index.removeConflict(conflictId);
    this.#store.dropQuarantined(name);
    this.#announce();
  }

  /** Removes a quarantined instance for good. Rejects as `removeStudy`. */
  async removeConflict(conflictId: number): Promise<void> {
    this.#checkRemovable();
    const name = this.room.lend(() => this.index.removeConflict(conflictId));
    if (name === undefined) throw new LecternError('not-found', 'This conflict is not in the archive any more.');
    this.#announce();
    await this.#destroy([{ name, file: this.#store.quarantinePathOf(name) }]);
  }

  async close(): Promise<void> {
    await this.ingest.settled();
    await this.#finishing;
    await this.#removals.settled();
    const isInOrder = this.ingest.close() && !this.#isUnsettled;
    await this.#pool.close();
    this.#store.close();
    this.index.db.close();
    this.room.keep();
    if (isInOrder) this.#openMark.remove();
  }
}
