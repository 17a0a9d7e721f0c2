// The one writer of the archive index: takes batches of instance records, keeps the study and series rows true, answers
// look-ups and the change feed. Durable when a call returns. Queries by attribute stand in query.ts.
import { randomUUID } from 'node:crypto';
import type { Repair } from '#shared/dicom/model.ts';
import type { Database } from '#backend/base/database.ts';
import { DamageNotes } from './damage-notes.ts';
import {
  insertConflict,
  insertInstance,
  recountConflicts,
  removeConflict,
  removeInstance,
  type NewConflict,
  type NewInstance,
} from './index-rows.ts';
import { receivedNow } from './received-time.ts';
import { removeStudyRows } from './study-rows.ts';
import { Tombstones } from './tombstones.ts';
import { HELD_HERE, INDEX_VERSION, REBUILT_TABLES, SCHEMA } from './schema.ts';

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

/** What changes places with a quarantined instance. */
type StoredFile = Omit<NewInstance, 'isDemo'>;

/** An instance in quarantine: its UID is in the archive with other content. */
export interface QuarantinedInstance {
  id: number;
  sopUid: string;
  studyUid: string;
  seriesUid: string;
  name: string;
  sha256: string;
  sizeBytes: number;
  receivedAt: number;
  path: string;
}

const CONFLICT = `SELECT id, sop_uid AS sopUid, study_uid AS studyUid, series_uid AS seriesUid, name,
  lower(hex(sha256)) AS sha256, size AS sizeBytes, received_at AS receivedAt, path FROM conflict`;

const LOCATION = `SELECT i.id, i.uid AS sopUid, i.sop_class AS sopClassUid, st.uid AS studyUid, se.uid AS seriesUid,
  i.transfer_syntax AS transferSyntaxUid, i.name, lower(hex(i.sha256)) AS sha256, i.size AS sizeBytes,
  i.dataset_offset AS datasetOffset, i.frame_count AS frameCount
  FROM instance i JOIN study st ON st.id = i.study JOIN series se ON se.id = i.series`;

export class ArchiveIndex {
  readonly db: Database;
  readonly damage: DamageNotes;
  readonly tombstones: Tombstones;
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
    this.tombstones = new Tombstones(db);
    this.damage = new DamageNotes(db, (work) => this.#change(work));
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** True from when a rebuild is needed, or begins, to its end, also over a crash. */
  get isIncomplete(): boolean {
    return this.#setting('incomplete') === '1';
  }
  setIncomplete(isIncomplete: boolean): void {
    this.#set('incomplete', isIncomplete ? '1' : '0');
  }

  /** Empties what a rebuild fills again. What it cannot find in the files stays: the marks of studies, and how many instances each
   * series had, so that those whose files are gone are missed. Which they are is for the caller to keep (lost-instances.ts). */
  beginRebuild(): void {
    this.db.transact(() => {
      this.db.execute(`
        INSERT OR IGNORE INTO kept_study SELECT uid, pinned, demo FROM study WHERE pinned OR demo;
        INSERT OR IGNORE INTO node_expectation ${HELD_HERE};
        ${REBUILT_TABLES.map((table) => `DELETE FROM ${table};`).join('\n')}`);
      this.renewEpoch();
      this.setIncomplete(true);
    });
  }

  /** Files that the last rebuild could not take in: they may have been said to be stored. */
  leftOut(): Set<string> {
    return new Set(
      this.db
        .prepare<{ name: string }>('SELECT name FROM left_out')
        .all()
        .map((row) => row.name),
    );
  }

  /** Demo studies of before the rebuild that is under way. */
  demoStudiesBefore(): string[] {
    return this.db
      .prepare<{ uid: string }>('SELECT uid FROM kept_study WHERE demo')
      .all()
      .map((row) => row.uid);
  }

  /** Gives the studies that are back their pins. */
  restorePins(): void {
    this.#change((seq) =>
      this.db
        .prepare(
          'UPDATE study SET pinned = 1, seq = ? WHERE pinned = 0 AND uid IN (SELECT uid FROM kept_study WHERE pinned)',
        )
        .run(seq),
    );
  }

  /** `leftOut`: names of the files that could not be taken in. */
  endRebuild(leftOut: readonly string[]): void {
    this.db.transact(() => {
      // What is whole is missed by nobody.
      this.db
        .execute(`DELETE FROM kept_study; DELETE FROM left_out; DELETE FROM node_expectation WHERE node = '*' AND expected <= (
        SELECT se.instance_count FROM series se JOIN study st ON st.id = se.study
        WHERE st.uid = node_expectation.study_uid AND se.uid = node_expectation.series_uid)`);
      for (const name of leftOut) this.db.prepare('INSERT OR IGNORE INTO left_out (name) VALUES (?)').run(name);
      this.setIncomplete(false);
    });
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

  /** Runs `work` under a new change number; durable on return unless `flush` is to be called later. */
  #change<T>(work: (seq: number) => T, options?: { isFlushedLater: boolean }): T {
    const seq = this.#seq + 1;
    const result = this.db.transact(() => {
      this.#set('seq', String(seq));
      return work(seq);
    }, options);
    this.#seq = seq;
    return result;
  }

  locate(sopUid: string): InstanceLocation | undefined {
    return this.db.prepare<InstanceLocation>(`${LOCATION} WHERE i.uid = ?`).get(sopUid);
  }

  /** All instances below a study, series or instance UID, in series and instance number order, else by UID. */
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
      .prepare<InstanceLocation>(`${LOCATION}${filter} ORDER BY se.number, se.uid, i.number, i.uid`)
      .all(...values);
  }

  /** All instances in the order they came, some at a time: a million at once do not fit. */
  *everyInstance(): Generator<InstanceLocation> {
    const page = this.db.prepare<InstanceLocation>(`${LOCATION} WHERE i.id > ? ORDER BY i.id LIMIT 500`);
    for (let last = 0; ;) {
      const found = page.all(last);
      yield* found;
      const next = found.at(-1);
      if (!next) return;
      last = next.id;
    }
  }

  hasName(name: string): boolean {
    return this.db.prepare('SELECT 1 FROM instance WHERE name = ? LIMIT 1').get(name) !== undefined;
  }

  repairsOf(id: number): Repair[] {
    const row = this.db.prepare<{ repairs: string | null }>('SELECT repairs FROM instance WHERE id = ?').get(id);
    return JSON.parse(row?.repairs ?? '[]') as Repair[];
  }
  metadata(id: number): Buffer | undefined {
    return this.db.prepare<{ metadata: Buffer }>('SELECT metadata FROM instance_detail WHERE id = ?').get(id)?.metadata;
  }
  frames(id: number): Buffer | undefined {
    return this.db.prepare<{ frames: Buffer }>('SELECT frames FROM instance_detail WHERE id = ?').get(id)?.frames;
  }

  /** Adds instances and conflicts in one step, which a power cut can undo until `flush`: their files are to be durable already. The
   * caller has made sure that no SOP Instance UID is there yet. */
  commit(instances: readonly NewInstance[], conflicts: readonly NewConflict[]): void {
    if (!instances.length && !conflicts.length) return;
    // A power cut must not bring back a tombstone for the file of one that was said to be stored.
    const isOfRemoved = [...instances, ...conflicts].some(({ name }) => this.tombstones.has(name));
    this.#change(
      (seq) => {
        for (const instance of instances) insertInstance(this.db, instance, seq);
        for (const conflict of conflicts) insertConflict(this.db, conflict, seq);
      },
      { isFlushedLater: !isOfRemoved },
    );
  }

  /** Makes all commits durable. */
  flush(): void {
    this.#set('seq', String(this.#seq));
  }

  /** Keeps how many instances a node says each series of a study has; series without a count are not looked at. `isWhole`: it has no
   * others. What another node says of them stays, for a study is whole only if it is so by all of them. */
  expect(
    studyUid: string,
    node: string,
    series: readonly { seriesUid: string; count: number | null }[],
    { isWhole }: { isWhole: boolean },
  ): void {
    const listed = JSON.stringify(series.map(({ seriesUid }) => seriesUid));
    const set = this.db.prepare('INSERT OR REPLACE INTO node_expectation VALUES (?, ?, ?, ?)');
    const forget = (which: string, ...values: string[]): void =>
      void this.db
        .prepare(`DELETE FROM node_expectation WHERE study_uid = ? AND ${which} (SELECT value FROM json_each(?))`)
        .run(studyUid, ...values, listed);
    this.#change((seq) => {
      forget("node = '' AND series_uid IN");
      if (isWhole && series.length > 0) forget('node = ? AND series_uid NOT IN', node);
      for (const { seriesUid, count } of series) if (count !== null) set.run(studyUid, seriesUid, node, count);
      this.db.prepare('UPDATE study SET seq = ? WHERE uid = ?').run(seq, studyUid);
      this.db
        .prepare('UPDATE series SET seq = ? WHERE study = (SELECT id FROM study WHERE uid = ?)')
        .run(seq, studyUid);
    });
  }

  /** A node has another name now. */
  renameNode(from: string, to: string): void {
    this.db.transact(
      () => void this.db.prepare('UPDATE OR REPLACE node_expectation SET node = ? WHERE node = ?').run(to, from),
    );
  }

  hasConflict(name: string): boolean {
    return this.conflictNamed(name) !== undefined;
  }
  conflictNamed(name: string): number | undefined {
    return this.db.prepare<{ id: number }>('SELECT id FROM conflict WHERE name = ?').get(name)?.id;
  }

  conflicts(): QuarantinedInstance[] {
    return this.db.prepare<QuarantinedInstance>(`${CONFLICT} ORDER BY id`).all();
  }

  /** Whether an instance with this UID but other content is in quarantine. */
  conflictsWith(sopUid: string): boolean {
    return this.db.prepare('SELECT 1 FROM conflict WHERE sop_uid = ?').get(sopUid) !== undefined;
  }

  conflict(id: number): QuarantinedInstance | undefined {
    return this.db.prepare<QuarantinedInstance>(`${CONFLICT} WHERE id = ?`).get(id);
  }

  /** Puts an instance in the place of the stored one with its UID, and takes it out of quarantine where it was there. The stored one
   * goes to quarantine instead; where it is not to be kept (undefined) it leaves a tombstone. */
  swap(conflictId: number | undefined, preferred: StoredFile, replaced: StoredFile | undefined): void {
    const before = this.locate(preferred.record.sopUid);
    if (!before) return;
    const isDemo = this.demoStudies().includes(before.studyUid);
    const isPinned = this.isPinned(before.studyUid);
    this.#change((seq) => {
      if (conflictId !== undefined) removeConflict(this.db, conflictId, before.sopUid, seq);
      const left = removeInstance(this.db, before.id, seq);
      insertInstance(this.db, { ...preferred, isDemo }, seq);
      if (replaced) insertConflict(this.db, { ...replaced, path: 'was in the archive before' }, seq);
      else this.tombstones.add(before.name);
      // With its only instance the row of a study went, and its pin.
      if (isPinned) this.db.prepare('UPDATE study SET pinned = 1 WHERE uid = ?').run(before.studyUid);
      if (left) recountConflicts(this.db, left, seq);
    });
  }

  /** Takes a quarantined instance out of the index; its name becomes a tombstone, and is given. Undefined when there is none. */
  removeConflict(id: number): string | undefined {
    const conflict = this.conflict(id);
    if (!conflict) return undefined;
    this.#change((seq) => {
      removeConflict(this.db, id, conflict.sopUid, seq);
      // The same content may be stored as an instance by now, under the same name.
      if (this.locate(conflict.sopUid)?.name !== conflict.name) this.tombstones.add(conflict.name);
    });
    return conflict.name;
  }

  /** Keeps how the clock stands, also while nothing is received. */
  noteTime(): void {
    this.#change((seq) => receivedNow(this.db, seq));
  }

  hasStudy(studyUid: string): boolean {
    return this.db.prepare('SELECT 1 FROM study WHERE uid = ?').get(studyUid) !== undefined;
  }

  /** Takes a study out of the index; its file names become tombstones, to be destroyed by the caller. `isRetired`: see
   * study-rows.ts. */
  removeStudy(studyUid: string, { isRetired = false } = {}): string[] | undefined {
    const study = this.db.prepare<{ id: number }>('SELECT id FROM study WHERE uid = ?').get(studyUid);
    if (!study) return undefined;
    return this.#change((seq) => {
      const names = removeStudyRows(this.db, { id: study.id, uid: studyUid }, { seq, isRetired });
      for (const name of names) this.tombstones.add(name);
      return names;
    });
  }

  /** Names of all stored files. */
  *names(): Generator<string> {
    for (const row of this.db.prepare<{ name: string }>('SELECT name FROM instance').iterate()) yield row.name;
  }

  pin(studyUid: string, isPinned: boolean): boolean {
    return this.#change(
      (seq) =>
        this.db.prepare('UPDATE study SET pinned = ?, seq = ? WHERE uid = ?').run(isPinned ? 1 : 0, seq, studyUid)
          .changes > 0,
    );
  }

  isPinned(studyUid: string): boolean {
    return this.db.prepare('SELECT 1 FROM study WHERE uid = ? AND pinned').get(studyUid) !== undefined;
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
