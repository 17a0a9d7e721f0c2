// The columns of the study table: what they show, by what they sort, how wide they start.
import { knownDate, OLDEST_YEARS, sortableMoment } from '#shared/dicom/date-time.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { StudyRow } from '#shared/contract/views.ts';

export type ColumnKey =
  | 'patientName'
  | 'patientId'
  | 'issuer'
  | 'birthDate'
  | 'age'
  | 'sex'
  | 'studyDate'
  | 'modalities'
  | 'bodyParts'
  | 'description'
  | 'accession'
  | 'studyId'
  | 'referrer'
  | 'seriesCount'
  | 'instanceCount'
  | 'sizeBytes'
  | 'receivedAt'
  | 'marks';

export interface Column {
  key: ColumnKey;
  label: string;
  widthPx: number;
  /** Its share of the width that is left over, until the person sizes it. */
  grow?: number;
  /** Numbers stand right. */
  isNumber?: boolean;
  show(row: StudyRow): string;
  /** What rows are sorted by; '' and undefined: unknown, always last. */
  sortValue(row: StudyRow): string | number | undefined;
  /** Sorted so at the first click. */
  isNewestFirst?: boolean;
}

/** Of a row, YYYYMMDD there. */
export const showDate = knownDate;
const showTime = (time: string): string => (/^\d{4}/.test(time) ? `${time.slice(0, 2)}:${time.slice(2, 4)}` : '');

/** Local date and time, YYYY-MM-DD HH:MM. */
export function showMoment(epochMs: number): string {
  const date = new Date(epochMs - new Date(epochMs).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16).replace('T', ' ');
}

export function showBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

const day = (text: string): number | undefined => {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  const isDay = parts && Number(parts[2]) >= 1 && Number(parts[2]) <= 12 && Number(parts[3]) >= 1;
  return isDay ? Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])) / 86_400_000 : undefined;
};

/** Age on the study date in days; undefined where a date is unknown, or both give an age that nobody has. */
function ageDays(row: StudyRow): number | undefined {
  const [born, studied] = [day(row.birthDate), day(row.studyDate)];
  if (born === undefined || studied === undefined) return undefined;
  const days = studied - born;
  return days >= 0 && days <= OLDEST_YEARS * 365.25 ? days : undefined;
}

/** Age at the study as PS3.5 6.2 AS counts it: years, below two years months, below two months days. */
export function showAge(row: StudyRow): string {
  const days = ageDays(row);
  if (days === undefined) return '';
  const months =
    (Number(row.studyDate.slice(0, 4)) - Number(row.birthDate.slice(0, 4))) * 12 +
    Number(row.studyDate.slice(4, 6)) -
    Number(row.birthDate.slice(4, 6)) -
    (row.studyDate.slice(6) < row.birthDate.slice(6) ? 1 : 0);
  if (months >= 24) return `${Math.floor(months / 12)} y`;
  return months >= 2 ? `${months} m` : `${days} d`;
}

export const markWords = (row: StudyRow): string[] => [
  ...(row.damagedCount > 0 ? ['damaged'] : []),
  ...(row.missingCount > 0 ? ['incomplete'] : []),
  ...(row.conflictCount > 0 ? ['conflict'] : []),
  ...(row.repairedCount > 0 ? ['repaired'] : []),
  ...(row.isPinned ? ['pinned'] : []),
  ...(row.isDemo ? ['demo'] : []),
];

/** A column that shows a text of the row as it is. */
const text = (
  key: ColumnKey & keyof StudyRow,
  label: string,
  widthPx: number,
  read: (row: StudyRow) => string,
  grow = 0,
): Column => ({ key, label, widthPx, grow, show: read, sortValue: read });
const count = (key: 'seriesCount' | 'instanceCount', label: string): Column => ({
  key,
  label,
  widthPx: 60,
  isNumber: true,
  show: (row) => String(row[key]),
  sortValue: (row) => row[key],
});

export const COLUMNS: readonly Column[] = [
  {
    key: 'patientName',
    label: 'Patient',
    widthPx: 196,
    grow: 0.5,
    show: (row) => displayPersonName(row.patientName) || 'No name',
    // By the first group that is not empty: a name may be written in ideographs alone (PS3.5 6.2.1).
    sortValue: (row) => row.patientName.replace(/^[\s^]*=[\s^=]*/, '').replaceAll('^', ' '),
  },
  text('patientId', 'Patient ID', 108, (row) => row.patientId, 0.5),
  text('issuer', 'Issuer of ID', 112, (row) => row.issuer, 0.25),
  {
    key: 'birthDate',
    label: 'Born',
    widthPx: 92,
    show: (row) => showDate(row.birthDate),
    sortValue: (row) => row.birthDate,
  },
  { key: 'age', label: 'Age', widthPx: 52, isNumber: true, show: showAge, sortValue: ageDays },
  text('sex', 'Sex', 48, (row) => row.sex),
  {
    key: 'studyDate',
    label: 'Study date',
    widthPx: 148,
    show: (row) => `${showDate(row.studyDate)} ${showTime(row.studyTime)}`,
    sortValue: (row) => sortableMoment(row.studyDate, row.studyTime),
    isNewestFirst: true,
  },
  {
    key: 'modalities',
    label: 'Modality',
    widthPx: 76,
    grow: 0.4,
    show: (row) => row.modalities.join(' '),
    sortValue: (row) => row.modalities.join(' '),
  },
  text('bodyParts', 'Body part', 112, (row) => row.bodyParts.join(', '), 0.25),
  text('description', 'Description', 168, (row) => row.description, 1),
  text('accession', 'Accession', 120, (row) => row.accession, 0.5),
  text('studyId', 'Study ID', 96, (row) => row.studyId, 0.5),
  {
    key: 'referrer',
    label: 'Referrer',
    widthPx: 160,
    grow: 0.25,
    show: (row) => displayPersonName(row.referrer),
    sortValue: (row) => row.referrer.replaceAll('^', ' '),
  },
  count('seriesCount', 'Series'),
  count('instanceCount', 'Images'),
  {
    key: 'sizeBytes',
    label: 'Size',
    widthPx: 72,
    isNumber: true,
    show: (row) => showBytes(row.sizeBytes),
    sortValue: (row) => row.sizeBytes,
  },
  {
    key: 'receivedAt',
    label: 'Received',
    widthPx: 136,
    show: (row) => showMoment(row.receivedAt),
    sortValue: (row) => row.receivedAt,
    isNewestFirst: true,
  },
  {
    key: 'marks',
    label: 'Marks',
    widthPx: 108,
    show: (row) => markWords(row).join(', '),
    sortValue: (row) => markWords(row).join(' '),
  },
];

const BY_KEY = new Map(COLUMNS.map((column) => [column.key, column]));
export const columnOf = (key: ColumnKey): Column => BY_KEY.get(key) ?? (COLUMNS[0] as Column);
export const isColumnKey = (key: string): key is ColumnKey => BY_KEY.has(key as ColumnKey);

/** Shown until the person chooses. */
export const FIRST_COLUMNS: readonly ColumnKey[] = [
  'patientName',
  'marks',
  'patientId',
  'birthDate',
  'age',
  'sex',
  'studyDate',
  'modalities',
  'description',
  'accession',
  'seriesCount',
  'instanceCount',
];
