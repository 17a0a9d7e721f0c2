// The rows of the study and series that an instance belongs to: made from the first instance, completed by those after it.
import { trimmedEnd } from '#shared/base/trimmed-end.ts';
import type { Database, SqlValue } from '#backend/base/database.ts';
import { searchFold } from '#shared/dicom/person-name.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { patientKeyOf, type InstanceRecord, type SeriesAttributes, type StudyAttributes } from './instance-record.ts';

type Columns = Record<string, string | number | null>;

const studyColumns = (s: StudyAttributes): Columns => ({
  patient_id: s.patientId,
  issuer: s.issuer,
  patient_name: s.patientName,
  birth_date: s.birthDate,
  sex: s.sex,
  date: s.studyDate,
  time: s.studyTime,
  accession: s.accession,
  study_id: s.studyId,
  description: s.description,
  referrer: s.referrer,
});
const seriesColumns = (s: SeriesAttributes): Columns => ({
  modality: s.modality,
  number: s.number,
  description: s.description,
  body_part: s.bodyPart,
  laterality: s.laterality,
  date: s.seriesDate,
  time: s.seriesTime,
});

interface StudyRow {
  id: number;
  modalities: string;
  sop_classes: string;
}
interface SeriesRow {
  id: number;
  repairs: string;
  sop_classes: string;
  transfer_syntaxes: string;
}

/** `isOfOther`: the study is there, and of another patient than the instance says. */
export function studyFor(
  db: Database,
  { study, studyJson }: InstanceRecord,
  isDemo: boolean,
): StudyRow & { isOfOther: boolean } {
  const columns = studyColumns(study);
  const found = db.prepare<StudyRow & Columns>('SELECT * FROM study WHERE uid = ?').get(study.studyUid);
  if (found) {
    const isOfOther = isOtherPatient(found, columns);
    if (!isOfOther && complete(db, 'study', found, columns, studyJson)) {
      const text = (column: string): string => String(found[column] || columns[column] || '');
      const patientKey = patientKeyOf({
        patientId: text('patient_id'),
        issuer: text('issuer'),
        patientName: text('patient_name'),
        birthDate: text('birth_date'),
      });
      db.prepare('UPDATE study SET patient_key = ? WHERE id = ?').run(patientKey, found.id);
    }
    return { ...found, isOfOther };
  }
  const id = insert(db, 'study', {
    uid: study.studyUid,
    patient_key: patientKeyOf(study),
    ...columns,
    demo: isDemo ? 1 : 0,
    json: studyJson,
  });
  db.prepare('DELETE FROM removed_study WHERE uid = ?').run(study.studyUid);
  return { id, modalities: '[]', sop_classes: '[]', isOfOther: false };
}

export function seriesFor(
  db: Database,
  { series, seriesJson }: InstanceRecord,
  study: number,
): SeriesRow & { isNew: boolean } {
  const columns = seriesColumns(series);
  const found = db
    .prepare<SeriesRow & Columns>('SELECT * FROM series WHERE study = ? AND uid = ?')
    .get(study, series.seriesUid);
  if (found) {
    complete(db, 'series', found, columns, seriesJson);
    return { ...found, isNew: false };
  }
  const id = insert(db, 'series', { study, uid: series.seriesUid, ...columns, json: seriesJson });
  return { id, isNew: true, repairs: '[]', sop_classes: '[]', transfer_syntaxes: '[]' };
}

function insert(db: Database, table: 'study' | 'series', columns: Columns): number {
  const names = Object.keys(columns);
  const values: SqlValue[] = Object.values(columns);
  return db
    .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
    .run(...values).lastInsertRowid;
}

/** A study is of one patient (PS3.3 A.1.2): told apart by ID and its issuer, or by name where one of them has no ID. */
function isOtherPatient(row: Columns, said: Columns): boolean {
  const differs = (column: string, text: (value: string) => string = (value) => value): boolean => {
    const [a, b] = [row, said].map((columns) => text(String(columns[column] ?? '')));
    return Boolean(a && b && a !== b);
  };
  if (row['patient_id'] && said['patient_id']) return differs('patient_id') || differs('issuer');
  return differs('patient_name', (name) => trimmedEnd(searchFold(name.split('=')[0] ?? ''), '^'));
}

const isEmpty = (value: string | number | null | undefined): boolean => value === '' || value === null;

/** What the first instances left out (a report without a description, say) is taken from those after them; whether there was
 * anything. */
function complete(
  db: Database,
  table: 'study' | 'series',
  row: { id: number } & Columns,
  said: Columns,
  json: string,
): boolean {
  const blank = Object.keys(said).filter((column) => isEmpty(row[column]) && !isEmpty(said[column]));
  if (!blank.length) return false;
  const known = JSON.parse(String(row['json'])) as DicomJson;
  const merged = JSON.parse(json) as DicomJson;
  for (const [tag, element] of Object.entries(known))
    if (element.Value?.length || !merged[tag]?.Value?.length) merged[tag] = element;
  const values: SqlValue[] = blank.map((column) => said[column] ?? null);
  db.prepare(`UPDATE ${table} SET json = ?, ${blank.map((column) => `${column} = ?`).join(', ')} WHERE id = ?`).run(
    JSON.stringify(merged),
    ...values,
    row.id,
  );
  return true;
}
