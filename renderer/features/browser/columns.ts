// The columns of the study table: what they show, how wide they start.
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import type { SortKey } from './search.logic.ts';

export interface Column {
  key: SortKey;
  label: string;
  width: number;
  show(row: StudyRow): string;
}

export function showDate(day: string): string {
  return /^\d{8}$/.test(day) ? `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}` : day;
}
const showTime = (time: string): string => (/^\d{4}/.test(time) ? `${time.slice(0, 2)}:${time.slice(2, 4)}` : '');

export function showBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

export const COLUMNS: readonly Column[] = [
  { key: 'patientName', label: 'Patient', width: 240, show: (row) => displayPersonName(row.patientName) || 'No name' },
  { key: 'patientId', label: 'Patient ID', width: 130, show: (row) => row.patientId },
  { key: 'birthDate', label: 'Born', width: 96, show: (row) => showDate(row.birthDate) },
  {
    key: 'studyDate',
    label: 'Study date',
    width: 136,
    show: (row) => `${showDate(row.studyDate)} ${showTime(row.studyTime)}`,
  },
  { key: 'modalities', label: 'Modality', width: 84, show: (row) => row.modalities.join(' ') },
  { key: 'description', label: 'Description', width: 260, show: (row) => row.description },
  { key: 'accession', label: 'Accession', width: 130, show: (row) => row.accession },
  { key: 'instanceCount', label: 'Images', width: 72, show: (row) => String(row.instanceCount) },
  { key: 'sizeBytes', label: 'Size', width: 72, show: (row) => showBytes(row.sizeBytes) },
  {
    key: 'receivedAt',
    label: 'Received',
    width: 130,
    show: (row) => new Date(row.receivedAt).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' }),
  },
];
