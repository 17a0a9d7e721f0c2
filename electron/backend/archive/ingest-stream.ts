// What is given to the archive piece by piece, and what is said of it before.
import type { IngestOutcome } from './ingest-outcome.ts';

export interface IngestOrigin {
  /** What to call it in reports and in the quarantine. */
  path: string;
  isDemo?: boolean;
  /** Instances of another study are refused (PS3.18 10.5.1). */
  studyUid?: string;
  /** SOP Instance UID that it is said to have; else what its own first bytes say counts as announced. */
  announcedUid?: string;
  /** Size of the file, where the caller knows it. */
  sizeBytes?: number;
}

/** A file on its way in, piece by piece. */
export interface IngestStream {
  /** Whether the rest may change its outcome: not once its beginning has shown that it is no DICOM file. */
  readonly wantsMore: boolean;
  /** Takes a copy at once; a promise where the caller should wait before more comes. Throws LecternError 'disk-full'. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  finish(): Promise<IngestOutcome>;
  abort(): Promise<void>;
}
