// What another system can be asked for, whatever its protocol: test, query, retrieve, store, commit. `dimse` and `dicomweb`
// implement it; neither knows the archive: instances go as byte streams into an InstanceSink and come as OutgoingInstances.
import type { TestStep } from '#shared/contract/nodes.ts';
import type { DicomJson, Repair, TagKey } from '#shared/dicom/model.ts';

import type { QueryNotice } from '#shared/contract/network.ts';

export type { CertificateView, TestStep, TestStepName } from '#shared/contract/nodes.ts';

export type QueryLevel = 'patient' | 'study' | 'series' | 'instance' | 'worklist';

/** One matching key (PS3.4 C.2.2.2): single value, list of UIDs (`\`), wildcard, range; '' is universal matching. */
export interface MatchKey {
  /** Tags of the sequences that lead to it, then its own: `['00400100', '00080060']`. */
  path: readonly TagKey[];
  vr: string;
  value: string;
}

export interface QueryRequest {
  level: QueryLevel;
  keys: readonly MatchKey[];
  /** Whose study it is, where that is known: see Selection. No matching key by itself. */
  patientId?: string;
  /** Attributes to return beside the keys and the level's own; in sequences as a dotted path, `00400100.00400001`. */
  include: readonly string[];
  /** Most matches to give; more end the list with a `cut` notice. */
  limit?: number;
  /** Matches to leave out at the start of the list, to go on where one was cut. DICOMweb nodes only: C-FIND begins anew each time. */
  offset?: number;
  /** Specific Character Set of the keys, values joined by `\`; else the node's. */
  charset?: string;
}

/** What a query yields: matches as they arrive, and notices. A list is whole only if no notice of a code `cut` came: `cut` at our
 * own limit, `cut-by-peer` where the peer gives no more to anybody. */
export type QueryAnswer =
  | { kind: 'match'; dataset: DicomJson; repairs: readonly Repair[] }
  | { kind: 'notice'; code: QueryNotice; reason: string };

/** What was taken in, of one instance. `conflict`: kept aside, since other bytes are held under the same UID. */
export interface SinkOutcome {
  outcome: 'stored' | 'repaired' | 'duplicate' | 'conflict' | 'refused';
  sopInstanceUid?: string;
  /** Where it belongs by its own data set. */
  studyUid?: string;
  seriesUid?: string;
  code?: string;
  /** One sentence for a person, without patient data. */
  reason?: string;
  sizeBytes: number;
}

/** Where the bytes of one instance go: a whole Part 10 file (preamble, meta, data set exactly as received). */
export interface InstanceWriter {
  /** Takes a copy at once; a promise where the caller should wait before more comes. Throws, or rejects with, LecternError
   * 'disk-full'. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Resolves when the instance survives power loss, or with what was wrong with it. Rejects with 'disk-full'. */
  finish(): Promise<SinkOutcome>;
  abort(): Promise<void>;
}

export interface AnnouncedInstance {
  sopClassUid?: string;
  sopInstanceUid?: string;
  transferSyntaxUid?: string;
  /** Who sends it, for reports: AE title or host. */
  peer: string;
}

export interface InstanceSink {
  /** Throws LecternError 'disk-full'. */
  open(announced: AnnouncedInstance): InstanceWriter;
}

/** What to retrieve: a study, several of its series, one of them, or instances of that one. */
export interface Selection {
  studyUid: string;
  /** Where it is known: DIMSE nodes of the patient root must be told (PS3.4 C.4.2.2.1); else the node is asked for it. */
  patientId?: string;
  /** One after the other. */
  seriesUids?: readonly string[];
  seriesUid?: string;
  sopInstanceUids?: readonly string[];
}

/** An instance that did not come, or came and was not taken in. Some peers count failures without naming them. */
export interface FailedInstance {
  sopInstanceUid?: string;
  reason: string;
}

export interface RetrieveProgress {
  /** What the peer announced; null where it said nothing. */
  expected: number | null;
  received: number;
  failed: number;
  /** Bytes handed to the sink. */
  bytes: number;
}

export interface RetrieveResult {
  /** What the peer announced; null where it said nothing, never a guess. */
  expected: number | null;
  /** Instances the sink holds for certain (stored, repaired, duplicate). A conflict is kept aside, and counts as failed. */
  received: number;
  failed: FailedInstance[];
  /** What the peer said that is no failure of an instance but belongs on screen. */
  warnings: string[];
  bytes: number;
}

export interface InstanceReference {
  sopClassUid: string;
  sopInstanceUid: string;
}

export interface OutgoingInstance extends InstanceReference {
  transferSyntaxUid: string;
  /** Bytes of the data set. */
  sizeBytes: number;
  /** The data set without preamble and meta, from its start, each time it is called. A piece is used up when the next one is
   * asked for, so its buffer may be filled anew; the first is asked for while the instance before is still on its way. */
  dataset(): AsyncIterable<Uint8Array>;
  /** The same in Explicit or Implicit VR Little Endian, for peers that do not take it as it is stored: nothing is lost that was not
   * lost before. Absent where there is no way. Rejects with LecternError 'cannot-decode'. */
  uncompressed?(transferSyntaxUid: string): Promise<Uncompressed>;
}

export interface Uncompressed {
  dataset: Uint8Array;
  /** What is different now, a clause each. */
  changes: string[];
}

/** Fate of one sent instance. `refused`: the peer takes no such SOP class in this transfer syntax; nothing was sent. */
export interface StoreOutcome extends InstanceReference {
  outcome: 'sent' | 'warning' | 'failed' | 'refused';
  /** DIMSE status or HTTP status or failure reason (0008,1197), where the peer gave one. */
  status?: number;
  /** One sentence, always there unless `sent`. */
  reason?: string;
  bytes: number;
  /** It was not sent at all: the connection, not the instance, is at fault. */
  isUntried?: true;
  /** Milliseconds that the peer asks to be left alone for before it is tried. */
  waitMs?: number;
  /** Not sent as stored: what was different, one sentence. */
  conversion?: string;
}

export interface CommitResult {
  transactionUid: string;
  committed: InstanceReference[];
  failed: (InstanceReference & { status?: number; reason: string })[];
  /** Asked for, and neither committed nor failed in the report. */
  unanswered: InstanceReference[];
}

/** All calls reject with LecternError, or with the signal's reason once it is aborted. Calls may run side by side. */
export interface Source {
  /** Nothing in a retrieval says how many instances it gives (WADO-RS, PS3.18 10.4), so that one that ends early looks whole. A query
   * may name the instances of a study at once. */
  readonly givesUncounted?: true;
  test(signal: AbortSignal): AsyncIterable<TestStep>;
  /** Leaving the loop early cancels the query at the peer. */
  query(request: QueryRequest, signal: AbortSignal): AsyncIterable<QueryAnswer>;
  /** Resolves also when instances failed: compare `expected`, `received`, `failed`. */
  retrieve(
    selection: Selection,
    sink: InstanceSink,
    onProgress: (progress: RetrieveProgress) => void,
    signal: AbortSignal,
  ): Promise<RetrieveResult>;
  /** One outcome for each instance, in the order given; `onOutcome` as they come. */
  store(
    instances: readonly OutgoingInstance[],
    onOutcome: (outcome: StoreOutcome) => void,
    signal: AbortSignal,
  ): Promise<StoreOutcome[]>;
  /** Asks whether the peer has taken over responsibility (PS3.4 J). `onOther`: it has reported, and later reports otherwise. */
  commit(
    references: readonly InstanceReference[],
    signal: AbortSignal,
    onOther?: (result: CommitResult) => void,
  ): Promise<CommitResult>;
  /** Releases what is open; calls under way reject. */
  close(): Promise<void>;
}
