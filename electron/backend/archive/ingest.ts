// Takes files and byte streams into the archive. The order that makes "stored" true: encrypted file, flush with its folder, index
// row (row-commits.ts), then the outcome. Small files are held by their worker until it is known where they go, which it may be
// before they come; large ones wait under a temporary name.
import fs from 'node:fs';
import { promisify } from 'node:util';
import { systemCode } from '#backend/base/not-written.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { WorkerLost } from '#backend/workers/worker-pool.ts';
import type { ArchiveIndex, InstanceLocation } from './archive-index.ts';
import { Comparison, type Taken } from './comparison.ts';
import type { Claim, FreeSpace } from './free-space.ts';
import type { IngestPool } from './ingest-messages.ts';
import {
  fateOf,
  fateOfContinued,
  isCancelled,
  isOthersFault,
  outcomeOfFailure,
  outcomeOfRefusal,
  type IngestOutcome,
} from './ingest-outcome.ts';
import type { IngestOrigin, IngestStream } from './ingest-stream.ts';
import type { ObjectStore } from './object-store.ts';
import type { Removals } from './removals.ts';
import type { FilePlace, Prepared } from './prepare.ts';
import { RowCommits } from './row-commits.ts';
import { SharedPieces } from './shared-pieces.ts';
import { statedUids } from './stated-uid.ts';
import { asWriteFailure, isWriteFailure } from './write-failure.ts';

const OTHER_CONTENT =
  'Another instance with this SOP Instance UID but other content is in the archive; this one is kept in quarantine.';
const OTHER_IS_DAMAGED =
  'The stored file of this instance is damaged and had other bytes; this one is kept in quarantine and can take its place.';
const OTHER_IS_CUT =
  'The stored file of this instance is cut, and this one does not continue it; this one is kept in quarantine and can take its place.';
const ONLY_BEGINNING = 'This one is cut: the archive holds all that it has, and more.';
const fdatasync = promisify(fs.fdatasync);
const close = promisify(fs.close);
/** How often a file is read whose worker others take away. */
const MOST_ATTEMPTS = 3;
/** Bytes of a stream that may wait in a worker's queue. */
const MAX_QUEUED_BYTES = 768 * 1024;

export class Ingest {
  readonly #index: ArchiveIndex;
  readonly #store: ObjectStore;
  readonly #removals: Pick<Removals, 'makeRoom' | 'remove'>;
  readonly #pool: IngestPool;
  readonly #compare: Comparison;
  readonly #pieces = new SharedPieces();
  readonly #space: FreeSpace;
  readonly #onCommit: () => void;
  readonly #rows: RowCommits;
  /** SOP Instance UIDs between "is it there?" and the commit, with what to wait for. */
  readonly #underway = new Map<string, Promise<unknown>>();
  #nextStream = 1;
  /** Something failed that may have left a file without a row. */
  #mayHaveLeft = false;

  constructor(parts: {
    index: ArchiveIndex;
    store: ObjectStore;
    removals: Pick<Removals, 'makeRoom' | 'remove'>;
    pool: IngestPool;
    space: FreeSpace;
    onCommit: () => void;
  }) {
    this.#index = parts.index;
    this.#store = parts.store;
    this.#removals = parts.removals;
    this.#pool = parts.pool;
    this.#compare = new Comparison(parts);
    this.#space = parts.space;
    this.#onCommit = parts.onCommit;
    this.#rows = new RowCommits(parts.index, () => this.#underway.size, parts.onCommit);
  }

  /** Takes in a file of this machine. Rejects with LecternError 'disk-full' or 'not-written', and with the reason of `signal` where it
   * was aborted before the file was read; everything else is an outcome. */
  async file(origin: IngestOrigin, signal?: AbortSignal): Promise<IngestOutcome> {
    let claim: Claim | undefined;
    try {
      claim = this.#space.claim(origin.sizeBytes ?? (await fs.promises.stat(rawPath(origin.path))).size);
      return await this.#file(origin, signal);
    } catch (error) {
      if (isCancelled(error)) signal?.throwIfAborted();
      return outcomeOfFailure(error, this.#store.dataDir);
    } finally {
      claim?.release();
    }
  }

  /** Reads it again where another file took the worker away: it is there still. */
  async #file(origin: IngestOrigin, signal: AbortSignal | undefined, attempts = 1): Promise<IngestOutcome> {
    const slot = this.#pool.pickSlot();
    try {
      const prepared = await this.#pool.call({ kind: 'file', path: origin.path }, { slot, signal });
      return await this.#settle(prepared, slot, origin);
    } catch (error) {
      if (attempts < MOST_ATTEMPTS && isOthersFault(error)) return this.#file(origin, signal, attempts + 1);
      throw error;
    }
  }

  /** Whether a file of this machine may still be on its way here (cut-file.ts); false where its content does not tell. Rejects as the
   * file system does where it cannot be read. */
  async mayBeCut(file: string): Promise<boolean> {
    try {
      return await this.#pool.call({ kind: 'may-be-cut', path: file });
    } catch (error) {
      if (systemCode(error) !== undefined) throw error;
      return false;
    }
  }

  /** Opens a stream. Throws LecternError 'disk-full'. */
  stream(origin: IngestOrigin): IngestStream {
    const slot = this.#pool.pickReserved();
    const streamId = this.#nextStream++;
    const claim = this.#space.claim(0);
    let isFirst = true;
    const next = (): { streamId: number; isFirst: boolean } => {
      const opens = isFirst;
      isFirst = false;
      return { streamId, isFirst: opens };
    };
    let wantsMore = true;
    const pieces = this.#pieces.stream(async (bytes) => {
      wantsMore = await this.#pool.call({ kind: 'stream-write', ...next(), bytes }, { slot });
    }, MAX_QUEUED_BYTES);
    let sizeBytes = 0;
    let { announcedUid } = origin;
    const abort = async (): Promise<void> => {
      await this.#pool.call({ kind: 'stream-abort', streamId }, { slot }).catch(() => null);
    };
    return {
      get wantsMore() {
        return wantsMore;
      },
      write: (bytes) => {
        // What may be refused for its study is not placed before that is known.
        if (sizeBytes === 0 && origin.studyUid === undefined) announcedUid ??= statedUids(bytes).sopInstanceUid;
        sizeBytes += bytes.length;
        claim.grow(bytes.length);
        return pieces.write(bytes);
      },
      finish: async () => {
        const uid = announcedUid;
        const isNew =
          uid !== undefined && origin.studyUid === undefined && !this.#underway.has(uid) && !this.#index.locate(uid);
        const work = async (): Promise<IngestOutcome> => {
          const prepared = await pieces.end((bytes) =>
            this.#pool.call({ kind: 'stream-finish', ...next(), bytes, isNew }, { slot }),
          );
          return this.#settle(prepared, slot, origin, isNew ? uid : undefined);
        };
        try {
          return await (isNew ? this.#reserve(uid, work()) : work());
        } catch (error) {
          this.#mayHaveLeft ||= error instanceof WorkerLost || isWriteFailure(error);
          await abort();
          return { ...outcomeOfFailure(error, this.#store.dataDir), sizeBytes };
        } finally {
          claim.release();
        }
      },
      abort: async () => {
        claim.release();
        await abort();
      },
    };
  }

  /** Something with this SOP Instance UID is on its way into the index. */
  isUnderway(sopUid: string): boolean {
    return this.#underway.has(sopUid);
  }

  /** Resolves when nothing is on its way into the index. */
  async settled(): Promise<void> {
    while (this.#underway.size) await this.passed();
  }

  /** Resolves when what is on its way now has come to its end, whatever comes meanwhile. */
  async passed(): Promise<void> {
    await Promise.allSettled(this.#underway.values());
  }

  /** Flushes the index. False where that failed, or where something may have left a file without a row: then there is something to
   * settle at the next start. */
  close(): boolean {
    return this.#rows.close() && !this.#mayHaveLeft;
  }

  /** Lets others with this SOP Instance UID wait for `work`. */
  async #reserve(sopUid: string, work: Promise<IngestOutcome>): Promise<IngestOutcome> {
    this.#underway.set(sopUid, work);
    try {
      return await work;
    } finally {
      if (this.#underway.get(sopUid) === work) this.#underway.delete(sopUid);
    }
  }

  /** `reservedUid`: UID for which this work is listed as under way already. */
  async #settle(answer: Prepared, slot: number, origin: IngestOrigin, reservedUid?: string): Promise<IngestOutcome> {
    if (!answer.ok) return outcomeOfRefusal(answer);
    const prepared: Taken = { ...answer, slot };
    const { sopUid, study } = prepared.record;
    if (origin.studyUid !== undefined && study.studyUid !== origin.studyUid) {
      await this.#discard(prepared);
      const reason = 'The instance belongs to another study than the one it was sent to.';
      const { sizeBytes, record } = prepared;
      const told = { sopInstanceUid: sopUid, sopClassUid: record.sopClassUid };
      return { ...told, outcome: 'refused', code: 'other-study', reason, sizeBytes };
    }
    const isReserved = sopUid === reservedUid;
    // Who waits holds nothing: two that announced each other's UID would wait for ever.
    if (reservedUid !== undefined && !isReserved) this.#underway.delete(reservedUid);
    if (!isReserved) for (let other; (other = this.#underway.get(sopUid));) await other.catch(() => undefined);
    // The clearing up belongs to the work that others wait for: they must not find it settled but still listed.
    const work = this.#place(prepared, origin, isReserved).catch(async (error: unknown) => {
      this.#mayHaveLeft = true;
      await this.#discard(prepared);
      // What is read and written from here on is the archive's.
      throw asWriteFailure(error);
    });
    return isReserved ? work : this.#reserve(sopUid, work);
  }

  /** `isNew`: known to be in nobody's hands but ours since before it came. */
  async #place(prepared: Taken, origin: IngestOrigin, isNew: boolean): Promise<IngestOutcome> {
    const { record } = prepared;
    const base = {
      sopInstanceUid: record.sopUid,
      sopClassUid: record.sopClassUid,
      studyUid: record.study.studyUid,
      seriesUid: record.series.seriesUid,
      sizeBytes: prepared.sizeBytes,
    };
    const existing = isNew ? undefined : this.#index.locate(record.sopUid);
    if (!existing) {
      // In its place before it was known to be here already, and removed with the study.
      if (!isNew && prepared.place.kind === 'stored' && !fs.existsSync(prepared.place.path))
        throw new LecternError('conflict', 'The study was removed while this instance came in: send it again.');
      await this.#commit(prepared, origin, false);
      return { ...base, ...fateOf(record.repairs) };
    }
    /** Its study was removed meanwhile: what is said to be stored after that has to be there. */
    const isGone = (): boolean => this.#index.locate(record.sopUid)?.id !== existing.id;
    if (existing.sha256 === prepared.sha256 && !(await this.#compare.isIntact(existing))) {
      await this.#toPlace(prepared, this.#store.pathOf(existing.name));
      if (isGone()) return this.#place(prepared, origin, false);
      if (this.#index.damage.clear(existing)) this.#onCommit();
      const reason = 'The stored file of this instance was damaged or missing; this one took its place.';
      return { ...base, outcome: 'stored', code: 'restored', reason };
    }
    if (existing.sha256 === prepared.sha256 || (await this.#compare.sameDataset(prepared, existing))) {
      if (isGone()) return this.#place(prepared, origin, false);
      // Its bytes were read just now, whatever was said of them before.
      if (this.#index.damage.clear(existing)) this.#onCommit();
      // With the same name it is the file of the one that is stored.
      if (prepared.place.kind !== 'stored' || existing.name !== prepared.name) await this.#discard(prepared);
      return { ...base, outcome: 'duplicate', code: 'duplicate', reason: 'The archive holds this instance already.' };
    }
    if (await this.#compare.continues(prepared, existing)) {
      this.#removals.makeRoom(prepared.name);
      await this.#toPlace(prepared, this.#store.pathOf(prepared.name));
      if (isGone()) return this.#place(prepared, origin, false);
      this.#putInPlaceOf(existing, prepared);
      return { ...base, ...fateOfContinued(record.repairs) };
    }
    if (await this.#compare.isBeginningOf(prepared, existing)) {
      if (isGone()) return this.#place(prepared, origin, false);
      await this.#discard(prepared);
      return { ...base, outcome: 'duplicate', code: 'duplicate', reason: ONLY_BEGINNING };
    }
    if (this.#index.hasConflict(prepared.name)) await this.#discard(prepared);
    else await this.#commit(prepared, origin, true);
    const other = this.#index.damage.isCut(record.sopUid) ? OTHER_IS_CUT : OTHER_CONTENT;
    const reason = (await this.#compare.isIntact(existing)) ? other : OTHER_IS_DAMAGED;
    return { ...base, outcome: 'conflict', code: 'conflict', reason };
  }

  /** What has its file takes the row of a cut one, whose file goes; so does its own in quarantine, where it stood against that one. */
  #putInPlaceOf(cut: InstanceLocation, { name, ...prepared }: Taken): void {
    const conflict = this.#index.conflictNamed(name);
    this.#index.swap(conflict, { name, ...prepared }, undefined);
    this.#onCommit();
    const gone = [{ name: cut.name, file: this.#store.pathOf(cut.name) }];
    if (conflict !== undefined) gone.push({ name, file: this.#store.quarantinePathOf(name) });
    // Whether they can be destroyed now or at the next removal: this one is stored.
    this.#removals.remove(gone).catch(() => undefined);
  }

  async #discard({ place, slot, name, record, isOverOther }: Taken): Promise<void> {
    if (place.kind === 'held')
      return void (await this.#pool.call({ kind: 'drop', id: place.id }, { slot }).catch(() => null));
    if (place.kind === 'file') await close(place.fd).catch(() => undefined);
    const file = place.kind === 'file' ? place.temporaryPath : place.path;
    // Its row may have been lost with the index's last ones; the next start looks.
    if (isOverOther === true && place.kind === 'stored') return void (this.#mayHaveLeft = true);
    // Another stream with the same content may have put its own file there, which has its row.
    const isListed =
      file === this.#store.pathOf(name)
        ? this.#index.locate(record.sopUid)?.name === name
        : file === this.#store.quarantinePathOf(name) && this.#index.hasConflict(name);
    // Never what is told: that is what went wrong before, if anything.
    if (!isListed) await fs.promises.rm(file, { force: true }).catch(() => (this.#mayHaveLeft = true));
  }

  async #commit(prepared: Taken, origin: IngestOrigin, isConflict: boolean): Promise<void> {
    const { name, place } = prepared;
    this.#removals.makeRoom(name);
    if (place.kind !== 'stored')
      await this.#toPlace(prepared, isConflict ? this.#store.quarantinePathOf(name) : this.#store.pathOf(name));
    else if (isConflict) {
      prepared.isOverOther = fs.existsSync(this.#store.quarantinePathOf(name));
      await this.#store.moveToQuarantine(name);
      prepared.place = { kind: 'stored', path: this.#store.quarantinePathOf(name) };
    }
    await this.#rows.add(
      isConflict
        ? { conflict: { ...prepared, path: origin.path } }
        : { instance: { ...prepared, isDemo: origin.isDemo ?? false } },
    );
  }

  /** Gives what was prepared its place, which survives a power cut when this resolves. */
  async #toPlace(prepared: Taken, target: string): Promise<void> {
    const { place, slot } = prepared;
    if (place.kind === 'held')
      prepared.isOverOther = await this.#pool.call({ kind: 'place', id: place.id, target }, { slot });
    else if (place.kind === 'file') await this.#settleFile(prepared, place, target);
    prepared.place = { kind: 'stored', path: target };
  }

  async #settleFile(prepared: Taken, { fd, temporaryPath }: FilePlace, target: string): Promise<void> {
    await fdatasync(fd);
    // Closed once, whatever comes of the rest; and Windows renames no open file.
    prepared.place = { kind: 'stored', path: temporaryPath };
    await close(fd);
    const isOverOther = fs.existsSync(target);
    await this.#store.settle(temporaryPath, target);
    prepared.isOverOther = isOverOther;
  }
}
