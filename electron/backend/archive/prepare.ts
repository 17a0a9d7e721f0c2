// The part of ingest that needs no index: bytes in, encrypted temporary file and index record out. Runs in a worker
// thread, synchronously, so that a hostile file costs at most that worker.
import { createHash, createHmac, randomUUID, type Hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { readInstance } from '#shared/dicom/read-instance.ts';
import type { ByteSource, Refusal } from '#shared/dicom/model.ts';
import { recordOf, type InstanceRecord } from './instance-record.ts';
import { SealedReader, SealedWriter, sealedSource } from './sealed-file.ts';

export interface PrepareKeys {
  files: Uint8Array;
  names: Uint8Array;
}

/** A file encrypted under a temporary name, not yet flushed; `fd` is open and belongs to whoever gets this. */
export interface PreparedFile {
  ok: true;
  fd: number;
  temporaryPath: string;
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
/** Streams up to this size are parsed from memory. */
const KEPT_BYTES = 2 * 1024 * 1024;
/** A deflated data set may grow to this; more is refused as a bomb. */
const MAX_INFLATED_BYTES = 1024 * 1024 * 1024;

const inflate = (bytes: Uint8Array, maxBytes: number): Uint8Array =>
  inflateRawSync(bytes, { maxOutputLength: Math.min(maxBytes, MAX_INFLATED_BYTES) });

/** Takes in pieces of one file; then `finish` parses what was written and gives the outcome. Never leaves a temporary
 * file behind unless it returns it. */
export class Preparation {
  readonly #keys: PrepareKeys;
  readonly #temporaryPath: string;
  readonly #writer: SealedWriter;
  readonly #hash: Hash = createHash('sha256');
  /** The pieces so far while they are few bytes: parsing them spares reading the file back. */
  #kept: Uint8Array[] | undefined = [];
  #keptBytes = 0;
  #done = false;

  constructor(keys: PrepareKeys, temporaryDir: string) {
    this.#keys = keys;
    this.#temporaryPath = path.join(temporaryDir, randomUUID());
    this.#writer = new SealedWriter(this.#temporaryPath, keys.files);
  }

  /** Takes a piece, which must not change afterwards. */
  write(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#writer.write(bytes);
    this.#keptBytes += bytes.length;
    if (this.#keptBytes <= KEPT_BYTES) this.#kept?.push(bytes);
    else this.#kept = undefined;
  }

  /** `whole`: the plain bytes, if the caller still has them; else they are read back from the encrypted file. */
  finish(whole?: Uint8Array): Prepared {
    const sizeBytes = this.#writer.finish();
    const inMemory = whole ?? (this.#kept && Buffer.concat(this.#kept));
    this.#kept = undefined;
    const parsed = inMemory ? parse(memorySource(inMemory)) : this.#parseWritten();
    if (!parsed.ok) {
      this.abort();
      return { ok: false, refusal: parsed.error, sizeBytes };
    }
    this.#done = true;
    const digest = this.#hash.digest();
    return {
      ok: true,
      fd: this.#writer.fd,
      temporaryPath: this.#temporaryPath,
      name: createHmac('sha256', this.#keys.names).update(digest).digest('hex').slice(0, 40),
      sha256: digest.toString('hex'),
      sizeBytes,
      datasetOffset: parsed.value.datasetOffset,
      record: recordOf(parsed.value),
    };
  }

  abort(): void {
    if (this.#done) return;
    this.#done = true;
    fs.closeSync(this.#writer.fd);
    fs.rmSync(this.#temporaryPath, { force: true });
  }

  #parseWritten(): ReturnType<typeof parse> {
    const reader = new SealedReader(this.#temporaryPath, this.#keys.files);
    try {
      return parse(sealedSource(reader));
    } finally {
      reader.close();
    }
  }
}

const parse = (source: ByteSource): ReturnType<typeof readInstance> => readInstance(source, { inflate });

export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

let scratch = Buffer.alloc(0);

/** Prepares a file of the machine's file system. Throws what the file system throws (file gone, disk full). */
export function prepareFile(file: string, keys: PrepareKeys, temporaryDir: string): Prepared {
  const input = fs.openSync(file, 'r');
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
    const got = fs.readSync(fd, scratch, at, size - at, at);
    at += got;
    if (got === 0 || at === size) return scratch.subarray(0, at);
  }
}

function readPieces(fd: number, take: (bytes: Uint8Array) => void): void {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = 0; ;) {
    const got = fs.readSync(fd, piece, 0, PIECE_BYTES, at);
    if (got === 0) return;
    take(piece.subarray(0, got));
    at += got;
  }
}

/** Looks at the first bytes so that a 4 GB video beside a study is not copied before it is refused. */
function peekNotDicom(fd: number, size: number): Refusal | undefined {
  if (size <= WHOLE_FILE_BYTES) return undefined;
  const head = Buffer.alloc(65536);
  fs.readSync(fd, head, 0, head.length, 0);
  const parsed = readInstance(memorySource(head), { inflate });
  return !parsed.ok && (parsed.error.code === 'not-dicom' || parsed.error.code === 'dicomdir')
    ? parsed.error
    : undefined;
}

/** SHA-256 of the data set alone (without preamble and file meta) of a sealed file, by its offset. */
export function datasetDigest(file: string, keys: PrepareKeys, datasetOffset: number): string {
  const reader = new SealedReader(file, keys.files);
  try {
    const hash = createHash('sha256');
    for (let at = datasetOffset; at < reader.size; at += PIECE_BYTES) hash.update(reader.read(at, PIECE_BYTES));
    return hash.digest('hex');
  } finally {
    reader.close();
  }
}

/** SHA-256 of the whole plain content of a sealed file. Throws DamagedFile. */
export function contentDigest(file: string, keys: PrepareKeys): string {
  return datasetDigest(file, keys, 0);
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
  const reader = new SealedReader(file, keys.files);
  try {
    const parsed = parse(sealedSource(reader));
    if (!parsed.ok) return { refusal: parsed.error };
    return {
      record: recordOf(parsed.value),
      sha256: contentDigest(file, keys),
      sizeBytes: reader.size,
      datasetOffset: parsed.value.datasetOffset,
    };
  } finally {
    reader.close();
  }
}
