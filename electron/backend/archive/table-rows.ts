// Rows of the study and series tables as the contract's rows.
import type { Conflict, SeriesRow, StudyRow } from '#shared/contract/views.ts';
import type { Lack } from './lacks.ts';

export interface StudyTableRow {
  id: number;
  uid: string;
  patient_key: string;
  patient_id: string;
  issuer: string;
  patient_name: string;
  birth_date: string;
  sex: string;
  date: string;
  time: string;
  accession: string;
  study_id: string;
  description: string;
  referrer: string;
  modalities: string;
  sop_classes: string;
  series_count: number;
  instance_count: number;
  size: number;
  repaired: number;
  conflicts: number;
  received_at: number;
  demo: number;
  pinned: number;
  json: string;
}

export interface SeriesTableRow {
  id: number;
  study: number;
  study_uid: string;
  uid: string;
  modality: string;
  number: number | null;
  description: string;
  body_part: string;
  laterality: string;
  date: string;
  time: string;
  instance_count: number;
  frame_count: number;
  size: number;
  repaired: number;
  conflicts: number;
  repairs: string;
  sop_classes: string;
  transfer_syntaxes: string;
  json: string;
}

/** Text lists that this program wrote itself. */
const texts = (json: string): string[] => JSON.parse(json) as string[];

/** `bodyParts`: a JSON list of texts. */
export function studyRowOf(row: StudyTableRow, lack: Lack, bodyParts: string): StudyRow {
  return {
    studyUid: row.uid,
    patientKey: row.patient_key,
    patientId: row.patient_id,
    issuer: row.issuer,
    patientName: row.patient_name,
    birthDate: row.birth_date,
    sex: row.sex,
    studyDate: row.date,
    studyTime: row.time,
    accession: row.accession,
    studyId: row.study_id,
    description: row.description,
    referrer: row.referrer,
    modalities: texts(row.modalities),
    bodyParts: texts(bodyParts),
    seriesCount: row.series_count,
    instanceCount: row.instance_count,
    sizeBytes: row.size,
    receivedAt: row.received_at,
    repairedCount: row.repaired,
    conflictCount: row.conflicts,
    missingCount: lack.missingCount,
    lostCount: lack.lostCount,
    retiredCount: lack.retiredCount,
    damagedCount: lack.damagedCount,
    isDemo: row.demo === 1,
    isPinned: row.pinned === 1,
  };
}

export function seriesRowOf(row: SeriesTableRow, lack: Lack, thumbnailSopUid: string | null): SeriesRow {
  return {
    seriesUid: row.uid,
    studyUid: row.study_uid,
    modality: row.modality,
    number: row.number,
    description: row.description,
    bodyPart: row.body_part,
    laterality: row.laterality,
    seriesDate: row.date,
    seriesTime: row.time,
    instanceCount: row.instance_count,
    frameCount: row.frame_count,
    sizeBytes: row.size,
    repairedCount: row.repaired,
    conflictCount: row.conflicts,
    missingCount: lack.missingCount,
    lostCount: lack.lostCount,
    retiredCount: lack.retiredCount,
    damagedCount: lack.damagedCount,
    repairs: texts(row.repairs),
    sopClassUids: texts(row.sop_classes),
    transferSyntaxUids: texts(row.transfer_syntaxes),
    thumbnailSopUid,
  };
}

export interface ConflictTableRow extends Omit<Conflict, 'stored'> {
  storedStudyUid: string | null;
  storedSeriesUid: string | null;
  storedReceivedAt: number | null;
  storedSizeBytes: number | null;
  storedSha256: string | null;
}

export function conflictOf(row: ConflictTableRow): Conflict {
  const { storedStudyUid, storedSeriesUid, storedReceivedAt, storedSizeBytes, storedSha256, ...conflict } = row;
  return {
    ...conflict,
    stored:
      storedStudyUid === null
        ? null
        : {
            studyUid: storedStudyUid,
            seriesUid: storedSeriesUid ?? '',
            receivedAt: storedReceivedAt ?? 0,
            sizeBytes: storedSizeBytes ?? 0,
            sha256: storedSha256 ?? '',
          },
  };
}
