// The one writer of the archive index: takes batches of instance records, keeps the study and series rows true, answers
// look-ups and the change feed. Durable when a call returns. Queries by attribute stand in query.ts.
import { randomUUID } from 'node:crypto';
import type { Database } from '#backend/base/database.ts';
import { patientKeyOf, type InstanceRecord } from './instance-record.ts';
import { INDEX_VERSION, SCHEMA } from './schema.ts';

export interface NewInstance {
  record: InstanceRecord;
  name: string;
  sha256: string;
  sizeBytes: number;
  datasetOffset: number;
  isDemo: boolean;
}

export interface NewConflict {
  record: InstanceRecord;
  name: string;
  sha256: string;
  sizeBytes: number;
  path: string;
}

/** Where one stored instance lies. */
export interface InstanceLocation {
  id: number;
  sopUid: string;
  sopClassUid: string;
  studyUid: string;
  seriesUid: string;
  transferSyntaxUid: string;
  name: string;
  sha256: string;
  sizeBytes: number;
  datasetOffset: number;
  frameCount: number;
}

const LOCATION = `SELECT i.id, i.uid AS sopUid, i.sop_class AS sopClassUid, st.uid AS studyUid, se.uid AS seriesUid,
  i.transfer_syntax AS transferSyntaxUid, i.name, lower(hex(i.sha256)) AS sha256, i.size AS sizeBytes,
  i.dataset_offset AS datasetOffset, i.frame_count AS frameCount
  FROM instance i JOIN study st ON st.id = i.study JOIN series se ON se.id = i.series`;

export class ArchiveIndex {
  readonly db: Database;
  #seq: number;
  #epoch: string;

  /** True when the tables were made anew: the files, if any, wait for a rebuild. */
  readonly isFresh: boolean;

  constructor(db: Database) {
    this.db = db;
    db.execute(SCHEMA);
    this.isFresh = this.#setting('version') !== String(INDEX_VERSION);
    this.#epoch = this.#setting('epoch') ?? this.renewEpoch();
    if (this.isFresh) this.#set('version', String(INDEX_VERSION));
    this.#seq = Number(this.#setting('seq') ?? 0);
  }

  get epoch(): string {
    return this.#epoch;
  }

  get seq(): number {
    return this.#seq;
  }

  #setting(name: string): string | undefined {
    return this.db.prepare<{ value: string }>('SELECT value FROM setting WHERE name = ?').get(name)?.value;
  }
  #set(name: string, value: string): void {
    this.db.prepare('INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)').run(name, value);
  }
  /** Tells everyone who mirrors this index to start over. */
  renewEpoch(): string {
    this.#epoch = randomUUID();
    this.#set('epoch', this.#epoch);
    return this.#epoch;
  }

  /** Runs `work` durably under a new change number. */
  #change<T>(work: (seq: number) => T): T {
    const seq = this.#seq + 1;
    const result = this.db.transact(() => {
      this.#set('seq', String(seq));
      return work(seq);
    });
    this.#seq = seq;
    return result;
  }

  locate(sopUid: string): InstanceLocation | undefined {
    return this.db.prepare<InstanceLocation>(`${LOCATION} WHERE i.uid = ?`).get(sopUid);
  }

  /** All instances below a study, series or instance UID, in series and instance number order. */
  locateAll(where: { studyUid?: string; seriesUid?: string; sopUid?: string }): InstanceLocation[] {
    const terms: string[] = [];
    const values: string[] = [];
    for (const [column, value] of [
      ['st.uid', where.studyUid],
      ['se.uid', where.seriesUid],
      ['i.uid', where.sopUid],
    ] as const) {
      if (value === undefined) continue;
      terms.push(`${column} = ?`);
      values.push(value);
    }
    const filter = terms.length ? ` WHERE ${terms.join(' AND ')}` : '';
    return this.db
      .prepare<InstanceLocation>(`${LOCATION}${filter} ORDER BY se.number, se.id, i.number, i.id`)
      .all(...values);
  }

  metadata(id: number): Buffer | undefined {
    return this.db.prepare<{ metadata: Buffer }>('SELECT metadata FROM instance_detail WHERE id = ?').get(id)?.metadata;
  }
  frames(id: number): Buffer | undefined {
    return this.db.prepare<{ frames: Buffer }>('SELECT frames FROM instance_detail WHERE id = ?').get(id)?.frames;
  }

  /** Adds instances and conflicts in one durable step. The caller has made sure that no SOP Instance UID is there yet. */
  commit(instances: readonly NewInstance[], conflicts: readonly NewConflict[]): void {
    const now = Date.now();
    this.#change((seq) => {
      for (const instance of instances) this.#insert(instance, seq, now);
      for (const conflict of conflicts) this.#insertConflict(conflict, seq, now);
    });
  }

  #insert(instance: NewInstance, seq: number, now: number): void {
    const { record } = instance;
    const study = this.#studyFor(record, instance.isDemo);
    const series = this.#seriesFor(record, study.id);
    const repaired = record.repairs.length > 0 ? 1 : 0;
    const { lastInsertRowid } = this.db
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
        now,
      );
    this.db
      .prepare('INSERT INTO instance_detail (id, json, metadata, frames) VALUES (?, ?, ?, ?)')
      .run(lastInsertRowid, record.instanceJson, Buffer.from(record.metadata), Buffer.from(record.frameTable));
    this.db
      .prepare(
        `UPDATE series SET instance_count = instance_count + 1, frame_count = frame_count + ?, size = size + ?,
         repaired = repaired + ?, repairs = ?, sop_classes = ?, transfer_syntaxes = ?, seq = ? WHERE id = ?`,
      )
      .run(
        record.frameCount,
        instance.sizeBytes,
        repaired,
        withAll(
          series.repairs,
          record.repairs.map((repair) => repair.detail),
          20,
        ),
        withAll(series.sop_classes, [record.sopClassUid]),
        withAll(series.transfer_syntaxes, [record.transferSyntaxUid]),
        seq,
        series.id,
      );
    this.db
      .prepare(
        `UPDATE study SET instance_count = instance_count + 1, series_count = series_count + ?, size = size + ?,
         repaired = repaired + ?, modalities = ?, sop_classes = ?, received_at = ?, seq = ? WHERE id = ?`,
      )
      .run(
        series.isNew ? 1 : 0,
        instance.sizeBytes,
        repaired,
        withAll(study.modalities, record.series.modality ? [record.series.modality] : []),
        withAll(study.sop_classes, [record.sopClassUid]),
        now,
        seq,
        study.id,
      );
  }

  #studyFor(record: InstanceRecord, isDemo: boolean): { id: number; modalities: string; sop_classes: string } {
    const found = this.db
      .prepare<{ id: number; modalities: string; sop_classes: string }>(
        'SELECT id, modalities, sop_classes FROM study WHERE uid = ?',
      )
      .get(record.study.studyUid);
    if (found) return found;
    const s = record.study;
    const { lastInsertRowid } = this.db
      .prepare(
        `INSERT INTO study (uid, patient_key, patient_id, issuer, patient_name, birth_date, sex, date, time, accession,
         study_id, description, referrer, demo, json) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
      )
      .run(
        s.studyUid,
        patientKeyOf(s),
        s.patientId,
        s.issuer,
        s.patientName,
        s.birthDate,
        s.sex,
        s.studyDate,
        s.studyTime,
        s.accession,
        s.studyId,
        s.description,
        s.referrer,
        isDemo ? 1 : 0,
        record.studyJson,
      );
    this.db.prepare('DELETE FROM removed_study WHERE uid = ?').run(s.studyUid);
    return { id: lastInsertRowid, modalities: '[]', sop_classes: '[]' };
  }

  #seriesFor(
    record: InstanceRecord,
    study: number,
  ): { id: number; isNew: boolean; repairs: string; sop_classes: string; transfer_syntaxes: string } {
    const s = record.series;
    const found = this.db
      .prepare<{ id: number; repairs: string; sop_classes: string; transfer_syntaxes: string }>(
        'SELECT id, repairs, sop_classes, transfer_syntaxes FROM series WHERE study = ? AND uid = ?',
      )
      .get(study, s.seriesUid);
    if (found) return { ...found, isNew: false };
    const { lastInsertRowid } = this.db
      .prepare(
        `INSERT INTO series (study, uid, modality, number, description, body_part, laterality, date, time, json)
         VALUES (?,?,?,?,?,?,?,?,?,?)`,
      )
      .run(
        study,
        s.seriesUid,
        s.modality,
        s.number,
        s.description,
        s.bodyPart,
        s.laterality,
        s.seriesDate,
        s.seriesTime,
        record.seriesJson,
      );
    return { id: lastInsertRowid, isNew: true, repairs: '[]', sop_classes: '[]', transfer_syntaxes: '[]' };
  }

  #insertConflict(conflict: NewConflict, seq: number, now: number): void {
    const { record } = conflict;
    const { changes } = this.db
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
        now,
      );
    if (changes === 0) return;
    // The mark belongs where the instance with that UID stands already.
    this.db
      .prepare(
        `UPDATE series SET conflicts = conflicts + 1, seq = ? WHERE id = (SELECT series FROM instance WHERE uid = ?)`,
      )
      .run(seq, record.sopUid);
    this.db
      .prepare(
        `UPDATE study SET conflicts = conflicts + 1, seq = ? WHERE id = (SELECT study FROM instance WHERE uid = ?)`,
      )
      .run(seq, record.sopUid);
  }

  hasConflict(name: string): boolean {
    return this.db.prepare('SELECT 1 FROM conflict WHERE name = ?').get(name) !== undefined;
  }

  /** Takes one conflict out of quarantine; its file name becomes a tombstone, to be destroyed by the caller. False: not there. */
  discardConflict(id: number): boolean {
    const found = this.db
      .prepare<{ name: string; sop_uid: string }>('SELECT name, sop_uid FROM conflict WHERE id = ?')
      .get(id);
    if (!found) return false;
    this.#change((seq) => {
      this.db.prepare('INSERT OR IGNORE INTO tombstone (name) VALUES (?)').run(found.name);
      this.db.prepare('DELETE FROM conflict WHERE id = ?').run(id);
      for (const level of ['series', 'study'])
        this.db
          .prepare(
            `UPDATE ${level} SET conflicts = max(0, conflicts - 1), seq = ? WHERE id = (SELECT ${level} FROM instance WHERE uid = ?)`,
          )
          .run(seq, found.sop_uid);
    });
    return true;
  }

  /** Takes a study out of the index; its file names become tombstones, to be destroyed by the caller. */
  removeStudy(studyUid: string): string[] | undefined {
    const study = this.db.prepare<{ id: number }>('SELECT id FROM study WHERE uid = ?').get(studyUid);
    if (!study) return undefined;
    return this.#change((seq) => {
      const names = this.db
        .prepare<{ name: string }>('SELECT name FROM instance WHERE study = ?')
        .all(study.id)
        .map((row) => row.name);
      const quarantined = this.db
        .prepare<{ name: string }>('SELECT name FROM conflict WHERE study_uid = ?')
        .all(studyUid)
        .map((row) => row.name);
      for (const name of [...names, ...quarantined])
        this.db.prepare('INSERT OR IGNORE INTO tombstone (name) VALUES (?)').run(name);
      this.db
        .prepare('DELETE FROM instance_detail WHERE id IN (SELECT id FROM instance WHERE study = ?)')
        .run(study.id);
      this.db.prepare('DELETE FROM instance WHERE study = ?').run(study.id);
      this.db.prepare('DELETE FROM series WHERE study = ?').run(study.id);
      this.db.prepare('DELETE FROM conflict WHERE study_uid = ?').run(studyUid);
      this.db.prepare('DELETE FROM study WHERE id = ?').run(study.id);
      this.db.prepare('INSERT OR REPLACE INTO removed_study (uid, seq) VALUES (?, ?)').run(studyUid, seq);
      return [...names, ...quarantined];
    });
  }

  tombstones(): string[] {
    return this.db
      .prepare<{ name: string }>('SELECT name FROM tombstone')
      .all()
      .map((row) => row.name);
  }
  clearTombstone(name: string): void {
    this.db.prepare('DELETE FROM tombstone WHERE name = ?').run(name);
  }

  pin(studyUid: string, isPinned: boolean): boolean {
    return this.#change(
      (seq) =>
        this.db.prepare('UPDATE study SET pinned = ?, seq = ? WHERE uid = ?').run(isPinned ? 1 : 0, seq, studyUid)
          .changes > 0,
    );
  }

  demoStudies(): string[] {
    return this.db
      .prepare<{ uid: string }>('SELECT uid FROM study WHERE demo = 1')
      .all()
      .map((row) => row.uid);
  }

  totals(): { studies: number; instances: number; sizeBytes: number } {
    const row = this.db
      .prepare<{ studies: number; instances: number | null; size: number | null }>(
        'SELECT count(*) AS studies, sum(instance_count) AS instances, sum(size) AS size FROM study',
      )
      .get();
    return { studies: row?.studies ?? 0, instances: row?.instances ?? 0, sizeBytes: row?.size ?? 0 };
  }
}

/** A JSON list of distinct texts with more added, at most `limit` long. */
function withAll(list: string, more: readonly string[], limit = 1000): string {
  const known = JSON.parse(list) as string[];
  const added = more.filter((text, index) => !known.includes(text) && more.indexOf(text) === index);
  return added.length ? JSON.stringify([...known, ...added].slice(0, limit)) : list;
}
