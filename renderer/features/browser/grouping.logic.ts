// The lines of the study table: studies, or patients with all their studies. A patient is Patient ID and issuer, never
// the name; a study without Patient ID stands alone. Pure.
import type { StudyRow } from '#shared/contract/views.ts';

export type TableLine =
  | { kind: 'study'; row: StudyRow; isFound: boolean; level: 1 | 2 }
  | { kind: 'patient'; key: string; rows: readonly StudyRow[]; foundCount: number; isOpen: boolean };

/** Identity that may group studies (PS3.3 C.7.1.1); undefined: no Patient ID, so nothing says whose study it is. */
export function patientOf(row: StudyRow): string | undefined {
  return row.patientId === '' ? undefined : JSON.stringify([row.patientId, row.issuer]);
}

export const lineId = (line: TableLine): string => (line.kind === 'study' ? line.row.studyUid : line.key);

/** The line of a study in the list without groups. */
export const plainLine = (row: StudyRow): TableLine => ({ kind: 'study', row, isFound: true, level: 1 });

/**
 * Patients in the order of their first found study, each with all its studies of `sorted`, those that the search did
 * not find included. Keys in `closed` show their head only.
 */
export function groupedLines(
  sorted: readonly StudyRow[],
  found: readonly StudyRow[],
  closed: ReadonlySet<string>,
): TableLine[] {
  const foundSet = new Set(found);
  const groups = new Map<string, StudyRow[]>();
  const keyOf = (row: StudyRow): string => patientOf(row) ?? `study ${row.studyUid}`;
  for (const row of found) groups.set(keyOf(row), []);
  for (const row of sorted) groups.get(keyOf(row))?.push(row);
  const lines: TableLine[] = [];
  for (const [key, rows] of groups) {
    const isOpen = !closed.has(key);
    lines.push({ kind: 'patient', key, rows, foundCount: rows.filter((row) => foundSet.has(row)).length, isOpen });
    if (isOpen) for (const row of rows) lines.push({ kind: 'study', row, isFound: foundSet.has(row), level: 2 });
  }
  return lines;
}
