// What the backend tells the study browser: rows, jobs, session, events. Plain JSON, checked at the border.
import { z } from 'zod';

/** One study of the archive as the browser's table shows it. Dates as YYYYMMDD, times as HHMMSS, empty string = not in the header. */
export const studyRow = z.object({
  studyUid: z.string(),
  /** PatientID + issuer: the identity that groups studies (PS3.3 C.7.1.1), never the name alone. */
  patientKey: z.string(),
  patientId: z.string(),
  issuer: z.string(),
  /** Person name component groups joined by '=' as in PS3.5 6.2.1. */
  patientName: z.string(),
  birthDate: z.string(),
  sex: z.string(),
  studyDate: z.string(),
  studyTime: z.string(),
  accession: z.string(),
  studyId: z.string(),
  description: z.string(),
  referrer: z.string(),
  modalities: z.array(z.string()),
  /** Distinct Body Part Examined (0018,0015) of its series, in alphabetical order. */
  bodyParts: z.array(z.string()),
  seriesCount: z.number(),
  instanceCount: z.number(),
  sizeBytes: z.number(),
  /** Epoch milliseconds of the last instance taken in. */
  receivedAt: z.number(),
  repairedCount: z.number(),
  conflictCount: z.number(),
  /** Instances that are known to belong to it (a node has them, or they were here) and that the archive does not hold: the study is
   * incomplete while this is not 0. */
  missingCount: z.number(),
  /** Those of them that were stored here and are lost. */
  lostCount: z.number(),
  /** Those of them that the retention rules removed before others of the study came. */
  retiredCount: z.number(),
  /** Instances whose stored file is known to be damaged or missing; counted in `instanceCount`. */
  damagedCount: z.number(),
  isDemo: z.boolean(),
  isPinned: z.boolean(),
});
export type StudyRow = z.infer<typeof studyRow>;

export const seriesRow = z.object({
  seriesUid: z.string(),
  studyUid: z.string(),
  modality: z.string(),
  number: z.number().nullable(),
  description: z.string(),
  bodyPart: z.string(),
  laterality: z.string(),
  seriesDate: z.string(),
  seriesTime: z.string(),
  instanceCount: z.number(),
  frameCount: z.number(),
  sizeBytes: z.number(),
  repairedCount: z.number(),
  conflictCount: z.number(),
  /** As for the study. */
  missingCount: z.number(),
  lostCount: z.number(),
  retiredCount: z.number(),
  damagedCount: z.number(),
  /** Distinct sentences of the repair records, at most 20. */
  repairs: z.array(z.string()),
  sopClassUids: z.array(z.string()),
  transferSyntaxUids: z.array(z.string()),
  /** SOP instance that stands for the series in thumbnails (the middle one by instance number); null: no image in it. */
  thumbnailSopUid: z.string().nullable(),
});
export type SeriesRow = z.infer<typeof seriesRow>;

/** Answer of GET /api/changes?since=N: rows changed after change number N, oldest first. `more`: ask again from `seq`. */
export const changes = z.object({
  /** Identity of this index; another one than before means: throw the local view away and start at 0. */
  epoch: z.string(),
  seq: z.number(),
  more: z.boolean(),
  studies: z.array(studyRow),
  series: z.array(seriesRow),
  removedStudies: z.array(z.string()),
});
export type Changes = z.infer<typeof changes>;

/** An instance in quarantine: its UID was here already, with other content. */
export const conflict = z.object({
  id: z.number(),
  sopInstanceUid: z.string(),
  /** As the quarantined file says. */
  studyUid: z.string(),
  seriesUid: z.string(),
  /** Where it came from. */
  path: z.string(),
  receivedAt: z.number(),
  sizeBytes: z.number(),
  sha256: z.string(),
  /** The instance that keeps the UID; null where it was removed meanwhile. */
  stored: z
    .object({
      studyUid: z.string(),
      seriesUid: z.string(),
      receivedAt: z.number(),
      sizeBytes: z.number(),
      sha256: z.string(),
    })
    .nullable(),
});
export type Conflict = z.infer<typeof conflict>;

/** null: no limit. */
export const retention = z.object({ maxBytes: z.number().nullable(), maxAgeDays: z.number().nullable() });
export type Retention = z.infer<typeof retention>;

export const settings = z.object({
  retention,
  /** Epoch milliseconds: the computer's clock leapt ahead, and rules of age wait until then. Null: it is believed. */
  clockDoubtedUntil: z.number().nullable(),
  /** Epoch milliseconds: the clock stands before this, the latest time known, and what comes is noted as received then. */
  receivedAs: z.number().nullable(),
  watchFolders: z.array(
    z.object({
      path: z.string(),
      state: z.enum(['watching', 'missing', 'paused']),
      lastSeenAt: z.number().nullable(),
      message: z.string().nullable(),
    }),
  ),
});
export type Settings = z.infer<typeof settings>;

export const fileOutcome = z.enum(['stored', 'repaired', 'duplicate', 'conflict', 'refused', 'not-dicom']);
export type FileOutcome = z.infer<typeof fileOutcome>;

/** Fate of one file of an import. A ZIP member's path reads `file.zip!/member`. */
export const fileReport = z.object({
  path: z.string(),
  outcome: fileOutcome,
  sopInstanceUid: z.string().optional(),
  code: z.string().optional(),
  reason: z.string().optional(),
});
export type FileReport = z.infer<typeof fileReport>;

export const importSummary = z.object({
  files: z.number(),
  stored: z.number(),
  repaired: z.number(),
  duplicate: z.number(),
  conflict: z.number(),
  refused: z.number(),
  notDicom: z.number(),
  bytes: z.number(),
  seconds: z.number(),
});
export type ImportSummary = z.infer<typeof importSummary>;

export const jobState = z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']);
export type JobState = z.infer<typeof jobState>;

export const job = z.object({
  id: z.string(),
  kind: z.enum(['import', 'upload', 'export', 'verify', 'rebuild', 'demo', 'watch', 'retention', 'retrieve', 'send']),
  title: z.string(),
  state: jobState,
  itemsDone: z.number(),
  /** null while still being counted. */
  itemsTotal: z.number().nullable(),
  bytesDone: z.number(),
  bytesTotal: z.number().nullable(),
  createdAt: z.number(),
  finishedAt: z.number().nullable(),
  counts: z.record(z.string(), z.number()),
  /** One sentence where the job failed or needs a look. */
  message: z.string().nullable(),
  /** Of a transfer: the other system. */
  node: z.string().optional(),
  /** Of a transfer: the study that it is about, where it is one. */
  studyUid: z.string().optional(),
});
export type Job = z.infer<typeof job>;

/** It has ended, and something in it did not go as it should. */
export const needsLook = (ended: Job): boolean =>
  ended.finishedAt !== null &&
  (ended.state === 'failed' ||
    ended.message !== null ||
    ['refused', 'conflict', 'repaired'].some((outcome) => (ended.counts[outcome] ?? 0) > 0));

export const sessionInfo = z.object({
  version: z.string(),
  shell: z.enum(['browser', 'electron']),
  archive: z.object({
    state: z.enum(['open', 'locked']),
    /** How the archive key is kept. `key-file` means: not protected against whoever reads this account's files. */
    protection: z.enum(['os-key-store', 'passphrase', 'key-file']),
    /** False while the index does not list all stored files: it is being made anew, or waits for that. */
    isWhole: z.boolean(),
    freeBytes: z.number(),
    usedBytes: z.number(),
  }),
  person: z.object({ id: z.string(), name: z.string() }),
  hasDemo: z.boolean(),
});
export type SessionInfo = z.infer<typeof sessionInfo>;

/** Server-sent events of GET /api/events; `data` is this JSON. */
export type ServerEvent =
  | { type: 'changed'; seq: number }
  | { type: 'job'; job: Job }
  | { type: 'session' }
  /** What persons set (nodes, receiver, rules) is another than before. */
  | { type: 'settings' }
  /** What persons put on images of this study is another than before. */
  | { type: 'marks'; studyUid: string };
