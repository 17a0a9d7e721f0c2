// The part of ingest that needs no index: bytes in, encrypted temporary file and index record out. Runs in a worker
// thread, synchronously, so that a hostile file costs at most that worker.
import { createHash, createHmac, randomUUID, type Hash, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Refusal } from '#shared/dicom/model.ts';
import { rawPath } from '#backend/base/raw-path.ts';
import { step } from '#backend/workers/signs.ts';
import { removeOwn } from './direct-file.ts';
import type { Folders } from './folders.ts';
import { HELD_LOST } from './ingest-messages.ts';
import type { InstanceRecord } from './instance-record.ts';
import { storedPath } from './object-store.ts';
import { memorySource, parse, readForIndex } from './read-for-index.ts';
import { SealedReader, sealedSource } from './sealed-file.ts';
import { MOST_HELD_BYTES, SealedWriter } from './sealed-writer.ts';
import { asWriteFailure } from './write-failure.ts';

export interface PrepareKeys {
  files: KeyObject;
  names: KeyObject;
}

/** Where the encrypted bytes are: held by the worker under a name, to be written or dropped; or, large ones, in a temporary file,
 * not yet flushed, whose descriptor belongs to whoever gets this; or in their place already, flushed. */
export type PreparedPlace = { kind: 'held'; id: string } | FilePlace | StoredPlace;
export interface FilePlace {
  kind: 'file';
  fd: number;
  temporaryPath: string;
}

export interface StoredPlace {
  kind: 'stored';
  path: string;
}

export interface PreparedFile {
  ok: true;
  place: PreparedPlace;
  /** Name in the store: keyed digest of the content, so that equal files meet and the name tells nothing. */
  name: string;
  sha256: string;
  sizeBytes: number;
  /** Offset of the data set, for comparing two files without their file meta information. */
  datasetOffset: number;
  record: InstanceRecord;
}
export interface RefusedFile {
  ok: false;
  refusal: Refusal;
  sizeBytes: number;
}
export type Prepared = PreparedFile | RefusedFile;

/** Files up to this size are read whole; larger ones pass through in pieces. */
const WHOLE_FILE_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 2 * 1024 * 1024;
/** Once this much of a stream has come, its beginning is looked at. */
const LOOKED_AT_BYTES = MOST_HELD_BYTES / 2;
const HEAD_BYTES = 65536;

const fdatasync = promisify(fs.fdatasync);

/** Takes in pieces of one file; then `finish` parses what was written and gives the outcome. Never leaves a temporary
 * file behind unless it returns it. */
export class Preparation {
  readonly #keys: PrepareKeys;
  readonly #temporaryPath: string;
  readonly #writer: SealedWriter;
  readonly #hash: Hash = createHash('sha256');
  #isLooked = false;
  /** Set once the beginning shows that it is no DICOM file: the rest is not even written. */
  #refused: { refusal: Refusal; sizeBytes: number } | undefined;
  #done = false;

  constructor(keys: PrepareKeys, temporaryDir: string) {
    this.#keys = keys;
    this.#temporaryPath = path.join(temporaryDir, randomUUID());
    this.#writer = new SealedWriter(this.#temporaryPath, keys.files, MOST_HELD_BYTES);
  }

  /** Takes a piece, which is the caller's again afterwards; false where no more is wanted. */
  write(bytes: Buffer): boolean {
    if (this.#refused) {
      this.#refused.sizeBytes += bytes.length;
      return false;
    }
    this.#hash.update(bytes);
    this.#writer.write(bytes);
    if (this.#isLooked || this.#writer.size < LOOKED_AT_BYTES || !this.#writer.isHeld) return true;
    this.#isLooked = true;
    const refusal = notDicom(this.#writer.read(0, HEAD_BYTES));
    if (!refusal) return true;
    this.#refused = { refusal, sizeBytes: this.#writer.size };
    this.abort();
    return false;
  }

  /** `whole`: the plain bytes, if the caller still has them; else they are read back from what was sealed. */
  finish(whole?: Uint8Array): Prepared {
    const known = this.#conclude(whole);
    return known.ok ? this.#kept(known) : known;
  }

  /** As `finish`, for what nobody else has: what is held goes to its place below `objects` at once, and the record is made while the
   * disk works. Another file in that place is left alone. */
  async finishInPlace(objects: string, folders: Folders): Promise<Prepared> {
    const known = this.#conclude();
    if (!known.ok) return known;
    // Its last bytes may have made it a file.
    if (!this.#writer.isHeld) return this.#kept(known);
    const target = storedPath(objects, known.facts.name);
    this.#done = true;
    const placing = place(this.#writer, target, folders);
    try {
      const record = known.record();
      const isPlaced = await placing;
      return { ...known.facts, place: isPlaced ? { kind: 'stored', path: target } : hold(this.#writer), record };
    } catch (error) {
      if (await placing.catch(() => false)) fs.rmSync(target, { force: true });
      this.#writer.release();
      throw error;
    }
  }

  #kept({ facts, record: made }: Concluded): PreparedFile {
    // First: where it fails, `abort` still has what there is.
    const record = made();
    this.#done = true;
    const place: PreparedPlace = this.#writer.isHeld
      ? hold(this.#writer)
      : { kind: 'file', fd: this.#writer.toFile(), temporaryPath: this.#temporaryPath };
    return { ...facts, place, record };
  }

  /** Ends the writing, and reads what was written. */
  #conclude(whole?: Uint8Array): RefusedFile | Concluded {
    if (this.#refused) return { ok: false, ...this.#refused };
    const sizeBytes = this.#writer.finish();
    const read = whole ? readForIndex(memorySource(whole)) : this.#readSealed();
    if (!read.ok) {
      this.abort();
      return { ok: false, refusal: read.error, sizeBytes };
    }
    const digest = this.#hash.digest();
    const facts: Facts = {
      ok: true,
      name: createHmac('sha256', this.#keys.names).update(digest).digest('hex').slice(0, 40),
      sha256: digest.toString('hex'),
      sizeBytes,
      datasetOffset: read.value.datasetOffset,
    };
    return { ok: true, facts, record: read.value.record };
  }

  abort(): void {
    if (this.#done) return;
    this.#done = true;
    this.#writer.discard();
  }

  #readSealed(): ReturnType<typeof readForIndex> {
    if (this.#writer.isHeld) return readForIndex(sealedSource(this.#writer));
    const reader = new SealedReader(this.#temporaryPath, this.#keys.files);
    try {
      return readForIndex(sealedSource(reader));
    } finally {
      reader.close();
    }
  }
}

/** By names that no other worker gives, also not the one that takes the place of this one when it is lost. */
const heldWriters = new Map<string, SealedWriter>();

function hold(writer: SealedWriter): PreparedPlace {
  const id = randomUUID();
  heldWriters.set(id, writer);
  return { kind: 'held', id };
}

function takeHeld(id: string): SealedWriter {
  const writer = heldWriters.get(id);
  if (!writer) throw Object.assign(new Error(`nothing is held as ${id}`), { name: HELD_LOST });
  heldWriters.delete(id);
  return writer;
}

/** Writes what is held to `target`, where it survives a power cut when this resolves: true where another file stood there, which is
 * still whole where this rejects. */
export async function placeHeld(id: string, target: string, folders: Folders): Promise<boolean> {
  const writer = takeHeld(id);
  try {
    if (await place(writer, target, folders)) return false;
    // A file of its own, whatever is there: who made that one may still remove it.
    await putOver(writer, target, folders);
    return true;
  } catch (error) {
    writer.release();
    throw error;
  }
}

async function putOver(writer: SealedWriter, target: string, folders: Folders): Promise<void> {
  const fd = writer.toFile();
  try {
    await fdatasync(fd).finally(() => fs.closeSync(fd));
    fs.renameSync(writer.path, target);
    await folders.flush(path.dirname(target));
  } catch (error) {
    fs.rmSync(writer.path, { force: true });
    throw asWriteFailure(error);
  }
}

/** Writes what is held to a new file, lets go of it and flushes; false, and it is held still, where there is a file already. Leaves none
 * where it rejects. */
async function place(writer: SealedWriter, target: string, folders: Folders): Promise<boolean> {
  let fd: number;
  try {
    fd = await writer.copyTo(target);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  writer.release();
  try {
    await flush(fd, target, folders);
    return true;
  } catch (error) {
    removeOwn(fd, target);
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}

/** Flushes a file and the folder that it is in, both at once: what the file system writes for them is one. */
async function flush(fd: number, file: string, folders: Folders): Promise<void> {
  const done = await Promise.allSettled([fdatasync(fd), folders.flush(path.dirname(file))]);
  for (const each of done) if (each.status === 'rejected') throw asWriteFailure(each.reason);
}

export function dropHeld(id: string): void {
  takeHeld(id).release();
}

/** Gives what is held a temporary file after all. */
export function spillHeld(id: string): FilePlace {
  const writer = takeHeld(id);
  return { kind: 'file', fd: writer.toFile(), temporaryPath: writer.path };
}

/** What is known of a file before its record is made. */
type Facts = Omit<PreparedFile, 'place' | 'record'>;
interface Concluded {
  ok: true;
  facts: Facts;
  record: () => InstanceRecord;
}

let scratch = Buffer.alloc(0);

/** Prepares a file of the machine's file system. Throws what the file system throws (file gone, disk full). */
export function prepareFile(file: string, keys: PrepareKeys, temporaryDir: string): Prepared {
  const input = fs.openSync(rawPath(file), 'r');
  try {
    const { size } = fs.fstatSync(input);
    if (size === 0) return { ok: false, refusal: { code: 'empty', detail: 'The file is empty.' }, sizeBytes: 0 };
    const peeked = peekNotDicom(input, size);
    if (peeked) return { ok: false, refusal: peeked, sizeBytes: size };
    const preparation = new Preparation(keys, temporaryDir);
    try {
      if (size <= WHOLE_FILE_BYTES) {
        const whole = readWhole(input, size);
        preparation.write(whole);
        return preparation.finish(whole);
      }
      readPieces(input, (bytes) => preparation.write(bytes));
      return preparation.finish();
    } finally {
      preparation.abort();
    }
  } finally {
    fs.closeSync(input);
  }
}

function readWhole(fd: number, size: number): Buffer {
  if (scratch.length < size) scratch = Buffer.allocUnsafe(Math.ceil(size * 1.25));
  let at = 0;
  for (;;) {
    const got = fs.readSync(fd, scratch, at, Math.min(PIECE_BYTES, size - at), at);
    at += got;
    step();
    if (got === 0 || at === size) return scratch.subarray(0, at);
  }
}

function readPieces(fd: number, take: (bytes: Buffer) => void): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = 0; ;) {
    const got = fs.readSync(fd, piece, 0, PIECE_BYTES, at);
    if (got === 0) return;
    take(piece.subarray(0, got));
    at += got;
    step();
  }
}

/** Looks at the first bytes so that a 4 GB video beside a study is not copied before it is refused. */
function peekNotDicom(fd: number, size: number): Refusal | undefined {
  if (size <= WHOLE_FILE_BYTES) return undefined;
  const head = Buffer.alloc(HEAD_BYTES);
  fs.readSync(fd, head, 0, head.length, 0);
  return notDicom(head);
}

function notDicom(head: Buffer): Refusal | undefined {
  const parsed = parse(memorySource(head));
  return !parsed.ok && (parsed.error.code === 'not-dicom' || parsed.error.code === 'dicomdir')
    ? parsed.error
    : undefined;
}

/** SHA-256 of the data set alone (without preamble and file meta) of a sealed file, by its offset, or of its first `length` bytes. */
export const datasetDigest = (file: string, keys: PrepareKeys, datasetOffset: number, length?: number): string =>
  digestOf(file, keys, datasetOffset, length);

/** SHA-256 of the whole plain content of a sealed file, or of its first `length` bytes. Throws DamagedFile. */
export const contentDigest = (file: string, keys: PrepareKeys, length?: number): string =>
  digestOf(file, keys, 0, length);

function digestOf(file: string, keys: PrepareKeys, from: number, length = Infinity): string {
  const reader = new SealedReader(file, keys.files);
  try {
    const hash = createHash('sha256');
    const end = Math.min(reader.size, from + length);
    for (let at = from; at < end; at += PIECE_BYTES) {
      hash.update(reader.read(at, Math.min(PIECE_BYTES, end - at)));
      step();
    }
    return hash.digest('hex');
  } finally {
    reader.close();
  }
}

/** What a stored file says, read from its encrypted bytes. */
export interface StoredRecord {
  record: InstanceRecord;
  sha256: string;
  sizeBytes: number;
  datasetOffset: number;
}

/** Parses a stored file again, for rebuilding the index. Throws DamagedFile. */
export function recordOfStored(file: string, keys: PrepareKeys): StoredRecord | { refusal: Refusal } {
  // First: damage must not pass for a file that is not understood.
  const sha256 = contentDigest(file, keys);
  const reader = new SealedReader(file, keys.files);
  try {
    const read = readForIndex(sealedSource(reader));
    if (!read.ok) return { refusal: read.error };
    return {
      record: read.value.record(),
      sha256,
      sizeBytes: reader.size,
      datasetOffset: read.value.datasetOffset,
    };
  } finally {
    reader.close();
  }
}
