// What the backend and the worker that takes compression away say to each other.

export interface UncompressCall {
  kind: 'uncompress';
  /** The whole stored file. */
  file: Uint8Array;
  /** Explicit or Implicit VR Little Endian. */
  targetUid: string;
}

export type UncompressAnswer =
  { ok: true; dataset: Uint8Array<ArrayBuffer>; changes: string[] } | { ok: false; detail: string };
export interface UncompressAnswers {
  uncompress: UncompressAnswer;
}
