// The shapes that the header reader hands out: DICOM JSON (PS3.18 Annex F), frame table, repairs, refusals.
// Only types: what makes them stands in the files beside.

/** Eight upper-case hex digits, group then element: the key of DICOM JSON. */
export type TagKey = string;

export interface PersonNameJson {
  Alphabetic?: string;
  Ideographic?: string;
  Phonetic?: string;
}
export type JsonValue = string | number | null | PersonNameJson | DicomJson;

/** One attribute of DICOM JSON (PS3.18 F.2.2). Binary values longer than the inline limit carry a `BulkDataURI` of the
 * archive's own form `bulkdata:OFFSET/LENGTH` (bytes from the start of the file); routes turn it into an address. */
export interface DicomJsonElement {
  vr: string;
  Value?: JsonValue[];
  InlineBinary?: string;
  BulkDataURI?: string;
}
export type DicomJson = { [tag: TagKey]: DicomJsonElement };

/** Bytes with random access. `read` returns fewer bytes than asked for only at the end; offsets count from 0. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export interface Fragment {
  /** Bytes from the start of the file to the fragment's value. */
  offset: number;
  length: number;
}

/** Where the frames lie in the file. `native`: frame i (from 0) of `count` starts at bit `i * frameBits` after `offset`
 * (PS3.5 8.1.1: frames of single-bit data are not padded). `encapsulated`: each frame is the concatenation of its fragments. */
export type FrameTable =
  | { kind: 'none' }
  | {
      kind: 'native';
      offset: number;
      length: number;
      count: number;
      frameBits: number;
      bigEndianWordBytes: 1 | 2 | 4 | 8;
    }
  | { kind: 'encapsulated'; frames: Fragment[][] };

/** A deviation from the standard that was tolerated: shown on the series, never silent. */
export interface Repair {
  code: RepairCode;
  /** English sentence for a person: what was wrong and what was assumed. */
  detail: string;
  tag?: TagKey;
  offset?: number;
}
export type RepairCode =
  | 'missing-preamble'
  | 'missing-meta'
  | 'meta-group-length'
  | 'wrong-transfer-syntax'
  | 'odd-length'
  | 'invalid-vr'
  | 'truncated-pixels'
  | 'truncated-tail'
  | 'trailing-bytes'
  | 'undefined-length-value'
  | 'pixel-length-mismatch'
  | 'frame-count-guessed'
  | 'offset-table-wrong'
  | 'unknown-charset'
  | 'unfit-text'
  | 'invalid-value'
  | 'missing-attribute'
  | 'other-patient'
  | 'deep-nesting';

/** Those that say that a part is missing. */
export const CUT_REPAIRS: ReadonlySet<string> = new Set<RepairCode>(['truncated-pixels', 'truncated-tail']);
/** What a file that is cut between two elements or in the head of one has, and some whole ones have too. */
const MAYBE_CUT_REPAIRS: ReadonlySet<string> = new Set([
  ...CUT_REPAIRS,
  'missing-attribute' satisfies RepairCode,
  'trailing-bytes' satisfies RepairCode,
]);
export const mayBeCut = (repairs: readonly Repair[]): boolean =>
  repairs.some(({ code }) => MAYBE_CUT_REPAIRS.has(code));

/** Why a file was not taken in. */
export interface Refusal {
  code: RefusalCode;
  detail: string;
  tag?: TagKey;
  offset?: number;
}
export type RefusalCode =
  | 'not-dicom'
  | 'empty'
  | 'truncated'
  | 'malformed'
  | 'too-deep'
  | 'too-large'
  | 'missing-uid'
  | 'invalid-uid'
  | 'dicomdir';

/** What one parse of one file yields. */
export interface ParsedInstance {
  /** Transfer syntax that the data set is really in (after repair), PS3.10 7.1 (0002,0010) otherwise. */
  transferSyntaxUid: string;
  /** File meta group as DICOM JSON (group 0002), empty when the file had none. */
  meta: DicomJson;
  dataset: DicomJson;
  frames: FrameTable;
  repairs: Repair[];
  /** Offset of the data set's first element (after preamble and group 0002), for comparing data sets without their meta. */
  datasetOffset: number;
}
