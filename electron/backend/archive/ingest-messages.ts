// What the backend and its ingest workers say to each other.
import type { FilePlace, Prepared, PrepareKeys, StoredRecord } from './prepare.ts';
import type { Refusal } from '#shared/dicom/model.ts';
import type { WorkerPool } from '#backend/workers/worker-pool.ts';

export interface WorkerSetup {
  keys: PrepareKeys;
  temporaryDir: string;
  /** Folder of the stored files. */
  objects: string;
  /** Folders that files go to, open (folders.ts). */
  folders: ReadonlyMap<string, number>;
}

/** One call; `stream` calls of one `streamId` go to the same worker in order. */
export type IngestCall =
  | { kind: 'file'; path: string }
  | { kind: 'may-be-cut'; path: string }
  /** Bytes are in shared memory, which is the caller's again after the answer. `isFirst` opens the stream: without it a worker that
   * took the place of a lost one would take the middle of a file for its beginning. */
  | { kind: 'stream-write'; streamId: number; isFirst: boolean; bytes: Uint8Array }
  /** With the last of its bytes. `isNew`: the index knows no such instance, so it may go to its place at once. */
  | { kind: 'stream-finish'; streamId: number; isFirst: boolean; bytes: Uint8Array; isNew: boolean }
  | { kind: 'stream-abort'; streamId: number }
  /** What becomes of a prepared file that this worker holds: a file at `target`, flushed with its folder (true: another stood there); a
   * temporary file; nothing. */
  | { kind: 'place'; id: string; target: string }
  | { kind: 'spill'; id: string }
  | { kind: 'drop'; id: string }
  | DigestCall
  | { kind: 'stored-record'; path: string };

/** SHA-256 of what a sealed file holds, with or without preamble and file meta: of all of it, or of so much of its beginning. */
export type DigestCall =
  | { kind: 'dataset-digest'; path: string; datasetOffset: number; length?: number }
  | { kind: 'content-digest'; path: string; length?: number };

/** Calls that leave nothing behind in the worker. */
export const REPEATABLE: ReadonlySet<IngestCall['kind']> = new Set([
  'file',
  'may-be-cut',
  'dataset-digest',
  'content-digest',
  'stored-record',
]);

/** Name of the failure where what was held went with the worker that held it. */
export const HELD_LOST = 'HeldLost';

export interface IngestAnswers {
  file: Prepared;
  'may-be-cut': boolean;
  /** False once the beginning shows that it is no DICOM file: no more of it is wanted. */
  'stream-write': boolean;
  'stream-finish': Prepared;
  'stream-abort': null;
  place: boolean;
  spill: FilePlace;
  drop: null;
  'dataset-digest': string;
  'content-digest': string;
  'stored-record': StoredRecord | { refusal: Refusal };
}

export type IngestPool = WorkerPool<IngestCall, IngestAnswers>;

export type WorkerRequest = { id: number; call: IngestCall };
export type WorkerReply =
  | { id: number; answer: IngestAnswers[keyof IngestAnswers] }
  | { id: number; failure: { name: string; message: string; code: string | undefined } };
