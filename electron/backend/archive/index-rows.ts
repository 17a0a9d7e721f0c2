// Writes and removes the rows of single instances and conflicts, and keeps the sums on their series and study true. Used
// inside a transaction of archive-index.ts.
import type { Repair } from '#shared/dicom/model.ts';
import type { Database } from '#backend/base/database.ts';
import type { InstanceRecord } from './instance-record.ts';
import { seriesFor, studyFor } from './parent-rows.ts';
import { receivedNow } from './received-time.ts';

export interface NewInstance {
  record: InstanceRecord;
  name: string;
  sha256: string;
  sizeBytes: number;
  datasetOffset: number;
  isDemo: boolean;
  /** Epoch milliseconds; now, if not given. */
  receivedAt?: number;
}

export interface NewConflict {
  record: InstanceRecord;
  name: string;
  sha256: string;
  sizeBytes: number;
  path: string;
  receivedAt?: number;
}

/** So many are told of a series. */
const MOST_REPAIRS = 20;
const OTHER_PATIENT = 'The instance names another patient than the study that it belongs to by its Study Instance UID.';

export function insertInstance(db: Database, instance: NewInstance, seq: number): void {
  const receivedAt = instance.receivedAt ?? receivedNow(db, seq);
  const { record } = instance;
  const study = studyFor(db, record, instance.isDemo);
  // Known only now: whoever asks the record what was remarkable is told this too.
  if (study.isOfOther && !record.repairs.some(({ code }) => code === 'other-patient'))
    record.repairs.push({ code: 'other-patient', detail: OTHER_PATIENT, tag: '00100020' });
  const series = seriesFor(db, record, study.id);
  const repaired = record.repairs.length > 0 ? 1 : 0;
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO instance (study, series, uid, sop_class, transfer_syntax, number, frame_count, image_rows, image_columns,
         size, sha256, name, dataset_offset, repairs, received_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
    )
    .run(
      study.id,
      series.id,
      record.sopUid,
      record.sopClassUid,
      record.transferSyntaxUid,
      record.number,
      record.frameCount,
      record.rows,
      record.columns,
      instance.sizeBytes,
      Buffer.from(instance.sha256, 'hex'),
      instance.name,
      instance.datasetOffset,
      repaired ? JSON.stringify(record.repairs) : null,
      receivedAt,
    );
  dropTombstone(db, instance.name);
  db.prepare('INSERT INTO instance_detail (id, json, metadata, frames) VALUES (?, ?, ?, ?)').run(
    lastInsertRowid,
    record.instanceJson,
    Buffer.from(record.metadata),
    Buffer.from(record.frameTable),
  );
  db.prepare(
    `UPDATE series SET instance_count = instance_count + 1, frame_count = frame_count + ?, size = size + ?,
         repaired = repaired + ?, repairs = ?, sop_classes = ?, transfer_syntaxes = ?, seq = ? WHERE id = ?`,
  ).run(
    record.frameCount,
    instance.sizeBytes,
    repaired,
    withAll(
      series.repairs,
      record.repairs.map((repair) => repair.detail),
      MOST_REPAIRS,
    ),
    withAll(series.sop_classes, [record.sopClassUid]),
    withAll(series.transfer_syntaxes, [record.transferSyntaxUid]),
    seq,
    series.id,
  );
  db.prepare(
    `UPDATE study SET instance_count = instance_count + 1, series_count = series_count + ?, size = size + ?,
         repaired = repaired + ?, modalities = ?, sop_classes = ?, received_at = max(received_at, ?), seq = ? WHERE id = ?`,
  ).run(
    series.isNew ? 1 : 0,
    instance.sizeBytes,
    repaired,
    withAll(study.modalities, record.series.modality ? [record.series.modality] : []),
    withAll(study.sop_classes, [record.sopClassUid]),
    receivedAt,
    seq,
    study.id,
  );
}

export function insertConflict(db: Database, conflict: NewConflict, seq: number): void {
  const { record } = conflict;
  const { changes } = db
    .prepare(
      `INSERT OR IGNORE INTO conflict (sop_uid, study_uid, series_uid, name, sha256, size, path, received_at) VALUES (?,?,?,?,?,?,?,?)`,
    )
    .run(
      record.sopUid,
      record.study.studyUid,
      record.series.seriesUid,
      conflict.name,
      Buffer.from(conflict.sha256, 'hex'),
      conflict.sizeBytes,
      conflict.path,
      conflict.receivedAt ?? Date.now(),
    );
  dropTombstone(db, conflict.name);
  if (changes > 0) recountConflicts(db, holderOf(db, record.sopUid), seq);
}

/** The file of a name that has a row is another than the one that was removed. */
const dropTombstone = (db: Database, name: string): void =>
  void db.prepare('DELETE FROM tombstone WHERE name = ?').run(name);

interface Holder {
  study: number;
  series: number;
}

const holderOf = (db: Database, sopUid: string): Holder | undefined =>
  db.prepare<Holder>('SELECT study, series FROM instance WHERE uid = ?').get(sopUid);

/** The mark stands where the instance with the UID in question stands already: counts it for that series and study. */
export function recountConflicts(db: Database, holder: Holder | undefined, seq: number): void {
  if (!holder) return;
  for (const table of ['series', 'study'] as const) {
    db.prepare(
      `UPDATE ${table} SET seq = ?, conflicts = (SELECT count(*) FROM conflict c JOIN instance i ON i.uid = c.sop_uid
       WHERE i.${table} = ${table}.id) WHERE id = ?`,
    ).run(seq, holder[table]);
  }
}

/** Takes one instance out of its series and study, which go when nothing is left in them; gives what held it. */
export function removeInstance(db: Database, id: number, seq: number): Holder | undefined {
  const row = db
    .prepare<{
      study: number;
      series: number;
      uid: string;
      size: number;
      frame_count: number;
      repairs: string | null;
    }>('SELECT study, series, uid, size, frame_count, repairs FROM instance WHERE id = ?')
    .get(id);
  if (!row) return undefined;
  const repaired = row.repairs === null ? 0 : 1;
  db.prepare('DELETE FROM instance WHERE id = ?').run(id);
  db.prepare('DELETE FROM instance_detail WHERE id = ?').run(id);
  db.prepare('DELETE FROM damaged_instance WHERE sop_uid = ?').run(row.uid);
  db.prepare(
    `UPDATE series SET instance_count = instance_count - 1, frame_count = frame_count - ?, size = size - ?,
     repaired = repaired - ?, seq = ? WHERE id = ?`,
  ).run(row.frame_count, row.size, repaired, seq, row.series);
  if (repaired) restateRepairs(db, row.series);
  const { changes } = db.prepare('DELETE FROM series WHERE id = ? AND instance_count = 0').run(row.series);
  db.prepare(
    `UPDATE study SET instance_count = instance_count - 1, series_count = series_count - ?, size = size - ?,
     repaired = repaired - ?, seq = ? WHERE id = ?`,
  ).run(changes, row.size, repaired, seq, row.study);
  const empty = db.prepare<{ uid: string }>('SELECT uid FROM study WHERE id = ? AND instance_count = 0').get(row.study);
  if (!empty) return row;
  db.prepare('DELETE FROM study WHERE id = ?').run(row.study);
  db.prepare('INSERT OR REPLACE INTO removed_study (uid, seq) VALUES (?, ?)').run(empty.uid, seq);
  return row;
}

/** What is said of a series is what is said of those that are left in it. */
function restateRepairs(db: Database, series: number): void {
  const left = db
    .prepare<{ repairs: string }>('SELECT repairs FROM instance WHERE series = ? AND repairs IS NOT NULL ORDER BY id')
    .all(series)
    .flatMap(({ repairs }) => (JSON.parse(repairs) as Repair[]).map(({ detail }) => detail));
  db.prepare('UPDATE series SET repairs = ? WHERE id = ?').run(withAll('[]', left, MOST_REPAIRS), series);
}

/** Takes a conflict away, and its mark from the instance that it stood against. */
export function removeConflict(db: Database, id: number, sopUid: string, seq: number): void {
  db.prepare('DELETE FROM conflict WHERE id = ?').run(id);
  recountConflicts(db, holderOf(db, sopUid), seq);
}

/** A JSON list of distinct texts with more added, at most `limit` long. */
function withAll(list: string, more: readonly string[], limit = 1000): string {
  const known = JSON.parse(list) as string[];
  const added = more.filter((text, index) => !known.includes(text) && more.indexOf(text) === index);
  return added.length ? JSON.stringify([...known, ...added].slice(0, limit)) : list;
}
