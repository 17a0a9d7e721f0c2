// What was measured, in an encrypted database of its own: a rebuilt index takes none of it along. Each change is a row that
// stays until its study is deleted, so that what a length was, who changed it and when is never lost; the last one counts.
import fs from 'node:fs';
import { openDatabase, type Database } from '#backend/base/database.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { storedLength, type ReportView, type StoredLength } from '#shared/contract/measurements.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS length_change (
  number INTEGER PRIMARY KEY, uid TEXT NOT NULL, study_uid TEXT NOT NULL, at INTEGER NOT NULL, person TEXT NOT NULL, body TEXT);
CREATE INDEX IF NOT EXISTS length_change_uid ON length_change (study_uid, uid, number);
CREATE TABLE IF NOT EXISTS report (
  number INTEGER PRIMARY KEY, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, sop_uid TEXT NOT NULL, at INTEGER NOT NULL,
  person TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS report_study ON report (study_uid, number);`;

interface ReportRow {
  series_uid: string;
  sop_uid: string;
  at: number;
  body: string;
}

export class LengthJournal {
  readonly #file: string;
  readonly #key: Uint8Array;
  readonly #listeners = new Set<(studyUid: string) => void>();
  #opened: Database | undefined;

  /** The database is opened, and made, when it is needed first. */
  constructor(file: string, key: Uint8Array) {
    this.#file = file;
    this.#key = key;
  }

  get #db(): Database {
    if (this.#opened) return this.#opened;
    this.#opened = openDatabase(this.#file, this.#key);
    this.#opened.execute(SCHEMA);
    return this.#opened;
  }
  /** Nothing was ever measured: then nothing is made to find that out. */
  get #isUnused(): boolean {
    return !this.#opened && !fs.existsSync(this.#file);
  }

  /** The lengths of a study, oldest first. Throws LecternError 'internal' where one cannot be read: it must not look deleted. */
  of(studyUid: string): StoredLength[] {
    if (this.#isUnused) return [];
    return this.#db
      .prepare<{ uid: string; body: string }>(
        `SELECT uid, body FROM length_change c WHERE study_uid = ? AND body IS NOT NULL AND number =
         (SELECT max(number) FROM length_change WHERE study_uid = c.study_uid AND uid = c.uid)`,
      )
      .all(studyUid)
      .map(({ uid, body }) => {
        const parsed = storedLength.safeParse(JSON.parse(body));
        if (parsed.success) return parsed.data;
        throw new LecternError('internal', `The length ${uid} was kept by another version of Lectern, which reads it.`);
      })
      .sort((a, b) => a.drawnAt - b.drawnAt);
  }

  /** Durable when it returns. Said again, the same is no change. */
  keep(length: StoredLength, person: string): void {
    this.#write(length.studyUid, length.uid, JSON.stringify(length), person);
  }

  /** Durable when it returns. */
  forget(studyUid: string, uid: string, person: string): void {
    this.#write(studyUid, uid, null, person);
  }

  #write(studyUid: string, uid: string, body: string | null, person: string): void {
    const last = this.#db
      .prepare<{ body: string | null }>(
        'SELECT body FROM length_change WHERE study_uid = ? AND uid = ? ORDER BY number DESC LIMIT 1',
      )
      .get(studyUid, uid);
    if (last ? last.body === body : body === null) return;
    this.#db
      .prepare('INSERT INTO length_change (uid, study_uid, at, person, body) VALUES (?, ?, ?, ?, ?)')
      .run(uid, studyUid, Date.now(), person, body);
    this.#announce(studyUid);
  }

  /** A report of these lengths is in the archive. Durable when it returns. */
  noteReport(
    report: { studyUid: string; seriesUid: string; sopInstanceUid: string; lengths: readonly StoredLength[] },
    person: string,
  ): void {
    const { studyUid, seriesUid, sopInstanceUid, lengths } = report;
    this.#db
      .prepare('INSERT INTO report (study_uid, series_uid, sop_uid, at, person, body) VALUES (?, ?, ?, ?, ?, ?)')
      .run(studyUid, seriesUid, sopInstanceUid, Date.now(), person, JSON.stringify(lengths));
    this.#announce(studyUid);
  }

  /** Reports made of a study's lengths, oldest first. */
  reportsOf(studyUid: string): { seriesUid: string; sopInstanceUid: string }[] {
    return this.#reportRows(studyUid).map((row) => ({ seriesUid: row.series_uid, sopInstanceUid: row.sop_uid }));
  }

  /** The latest report; null where there is none. */
  report(studyUid: string): ReportView | null {
    const row = this.#reportRows(studyUid).at(-1);
    if (!row) return null;
    return {
      sopInstanceUid: row.sop_uid,
      seriesUid: row.series_uid,
      savedAt: row.at,
      lengthCount: (JSON.parse(row.body) as unknown[]).length,
      isCurrent: row.body === JSON.stringify(this.of(studyUid)),
    };
  }

  #reportRows(studyUid: string): ReportRow[] {
    if (this.#isUnused) return [];
    return this.#db
      .prepare<ReportRow>('SELECT series_uid, sop_uid, at, body FROM report WHERE study_uid = ? ORDER BY number')
      .all(studyUid);
  }

  /** How many lengths there are, by study; studies without any are not in it. */
  counts(): Map<string, number> {
    if (this.#isUnused) return new Map();
    const rows = this.#db
      .prepare<{ study_uid: string; count: number }>(
        `SELECT study_uid, count(*) AS count FROM length_change c WHERE body IS NOT NULL AND number =
         (SELECT max(number) FROM length_change WHERE study_uid = c.study_uid AND uid = c.uid) GROUP BY study_uid`,
      )
      .all();
    return new Map(rows.map((row) => [row.study_uid, row.count]));
  }

  /** Destroys all that is known of a study's lengths. */
  removeStudy(studyUid: string): void {
    if (this.#isUnused) return;
    const { changes } = this.#db.prepare('DELETE FROM length_change WHERE study_uid = ?').run(studyUid);
    this.#db.prepare('DELETE FROM report WHERE study_uid = ?').run(studyUid);
    if (changes > 0) this.#announce(studyUid);
  }

  /** Calls back after each change of a study's lengths; returns the function that unregisters. */
  onChange(listener: (studyUid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  #announce(studyUid: string): void {
    for (const listener of this.#listeners) listener(studyUid);
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }
}
