// What the backend and its ingest workers say to each other.
import type { Prepared, PrepareKeys, StoredRecord } from './prepare.ts';
import type { Refusal } from '#shared/dicom/model.ts';

export interface WorkerSetup {
  keys: PrepareKeys;
  temporaryDir: string;
}

/** One call; `stream` calls of one `streamId` go to the same worker in order. */
export type IngestCall =
  | { kind: 'file'; path: string }
  | { kind: 'stream-open'; streamId: number }
  | { kind: 'stream-write'; streamId: number; bytes: Uint8Array }
  | { kind: 'stream-finish'; streamId: number }
  | { kind: 'stream-abort'; streamId: number }
  | { kind: 'dataset-digest'; path: string; datasetOffset: number }
  | { kind: 'content-digest'; path: string }
  | { kind: 'stored-record'; path: string };

export interface IngestAnswers {
  file: Prepared;
  'stream-open': null;
  'stream-write': null;
  'stream-finish': Prepared;
  'stream-abort': null;
  'dataset-digest': string;
  'content-digest': string;
  'stored-record': StoredRecord | { refusal: Refusal };
}

export type WorkerRequest = { id: number; call: IngestCall };
export type WorkerReply =
  | { id: number; answer: IngestAnswers[keyof IngestAnswers] }
  | { id: number; failure: { name: string; message: string; code: string | undefined } };
