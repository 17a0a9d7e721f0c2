// The columns of the results: what they show and by what they sort.
import { knownDate, sortableMoment } from '#shared/dicom/date-time.ts';
import { displayPersonName } from '#shared/dicom/person-name.ts';
import type { FoundRow } from './search-store.ts';

export interface ResultColumn {
  key: string;
  label: string;
  /** A track of the grid. */
  width: string;
  isNumber?: boolean;
  show(row: FoundRow): string;
  sortValue(row: FoundRow): string | number | undefined;
}

const showTime = (time: string): string => (/^\d{4}/.test(time) ? `${time.slice(0, 2)}:${time.slice(2, 4)}` : time);
const text = (key: string, label: string, width: string, read: (row: FoundRow) => string): ResultColumn => ({
  key,
  label,
  width,
  show: read,
  sortValue: (row) => read(row).toLowerCase(),
});

const NAME: ResultColumn = {
  key: 'patientName',
  label: 'Patient',
  width: 'minmax(160px, 1fr)',
  show: (row) => displayPersonName(row.patientName) || 'No name',
  sortValue: (row) => row.patientName.replaceAll('^', ' ').toLowerCase(),
};
const PATIENT: readonly ResultColumn[] = [
  text('patientId', 'Patient ID', 'minmax(108px, 0.4fr)', (row) => row.patientId),
  { ...text('birthDate', 'Born', '92px', (row) => knownDate(row.birthDate)), sortValue: (row) => row.birthDate },
  text('sex', 'Sex', '44px', (row) => row.sex),
];
const DESCRIPTION = text('description', 'Description', 'minmax(120px, 1fr)', (row) => row.description);
const ACCESSION = text('accession', 'Accession', 'minmax(120px, 0.3fr)', (row) => row.accession);

/** What the table draws itself: where the study is here, and at which nodes. */
export const LOCAL: ResultColumn = {
  key: 'local',
  label: 'On this machine',
  width: '190px',
  show: () => '',
  sortValue: () => undefined,
};

export const STUDY_COLUMNS: readonly ResultColumn[] = [
  NAME,
  LOCAL,
  ...PATIENT,
  {
    key: 'studyDate',
    label: 'Study date',
    width: '136px',
    show: (row) => (row.kind === 'study' ? `${knownDate(row.studyDate)} ${showTime(row.studyTime)}` : ''),
    sortValue: (row) => (row.kind === 'study' ? sortableMoment(row.studyDate, row.studyTime) : ''),
  },
  text('modalities', 'Modality', '76px', (row) => (row.kind === 'study' ? row.modalities.join(' ') : row.modality)),
  DESCRIPTION,
  ACCESSION,
  {
    key: 'instanceCount',
    label: 'Images',
    width: '64px',
    isNumber: true,
    show: (row) => (row.kind === 'study' && row.instanceCount !== undefined ? String(row.instanceCount) : ''),
    sortValue: (row) => (row.kind === 'study' ? row.instanceCount : undefined),
  },
  text('nodes', 'At', 'minmax(120px, 0.6fr)', (row) =>
    row.kind === 'study' ? row.at.map(({ node }) => node).join(', ') : row.node,
  ),
];

export const STEP_COLUMNS: readonly ResultColumn[] = [
  {
    key: 'start',
    label: 'Planned',
    width: '136px',
    show: (row) => (row.kind === 'step' ? `${knownDate(row.startDate)} ${showTime(row.startTime)}` : ''),
    sortValue: (row) => (row.kind === 'step' ? sortableMoment(row.startDate, row.startTime) : ''),
  },
  NAME,
  ...PATIENT,
  text('modality', 'Modality', '76px', (row) => (row.kind === 'step' ? row.modality : '')),
  DESCRIPTION,
  text('station', 'Station', '104px', (row) => (row.kind === 'step' ? row.station : '')),
  text('performer', 'Performer', '140px', (row) => (row.kind === 'step' ? displayPersonName(row.performer) : '')),
  ACCESSION,
  text('nodes', 'At', '120px', (row) => (row.kind === 'step' ? row.node : '')),
];

/** Least width of a row with its padding. */
export const leastWidthPx = (columns: readonly ResultColumn[]): number =>
  columns.reduce((sum, { width }) => sum + Number(/\d+/.exec(width)?.[0] ?? 0), 32);

export interface ResultSort {
  key: string;
  isDown: boolean;
}
export const FIRST_SORT: Record<'studies' | 'worklist', ResultSort> = {
  studies: { key: 'studyDate', isDown: true },
  worklist: { key: 'start', isDown: false },
};

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Sorted; what is unknown comes last either way. */
export function sortRows(
  rows: readonly FoundRow[],
  columns: readonly ResultColumn[],
  { key, isDown }: ResultSort,
  localRank: (row: FoundRow) => number,
): FoundRow[] {
  const column = columns.find((each) => each.key === key);
  if (!column) return [...rows];
  const valueOf = (row: FoundRow): string | number | undefined =>
    column.key === LOCAL.key ? localRank(row) : column.sortValue(row);
  const keyed = rows.map((row) => ({ row, value: valueOf(row) }));
  const isKnown = (value: string | number | undefined): boolean => value !== undefined && value !== '';
  keyed.sort((a, b) => {
    if (!isKnown(a.value) || !isKnown(b.value)) return Number(isKnown(b.value)) - Number(isKnown(a.value));
    const order =
      typeof a.value === 'number' && typeof b.value === 'number'
        ? a.value - b.value
        : collator.compare(String(a.value), String(b.value));
    return isDown ? -order : order;
  });
  return keyed.map(({ row }) => row);
}
