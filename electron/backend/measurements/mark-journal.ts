// One kind of mark (lengths, key images) of all studies, and the documents that were made of it.
import { LecternError } from '#shared/contract/errors.ts';
import type { SavedDocument } from '#shared/contract/marks.ts';
import type { z } from 'zod';
import type { MarkDatabase } from './mark-database.ts';

export interface MarkKind<Mark> {
  /** Name of the documents made of them. */
  kind: string;
  table: 'length_change' | 'key_change';
  column: 'uid' | 'image';
  shape: z.ZodType<Mark>;
  nameOf(mark: Mark): string;
  studyOf(mark: Mark): string;
  /** Milliseconds since 1970: oldest first. */
  madeAt(mark: Mark): number;
}

interface DocumentRow {
  series_uid: string;
  sop_uid: string;
  at: number;
  body: string;
}

export class MarkJournal<Mark> {
  readonly #database: MarkDatabase;
  readonly #kind: MarkKind<Mark>;
  readonly #latest: string;
  readonly #listeners = new Set<(studyUid: string) => void>();

  constructor(database: MarkDatabase, kind: MarkKind<Mark>) {
    this.#database = database;
    this.#kind = kind;
    const { table, column } = kind;
    this.#latest = `FROM ${table} c WHERE body IS NOT NULL AND number =
      (SELECT max(number) FROM ${table} WHERE study_uid = c.study_uid AND ${column} = c.${column})`;
  }

  /** Those of a study, oldest first. Throws LecternError 'internal' where one cannot be read: it must not look deleted. */
  of(studyUid: string): Mark[] {
    if (this.#database.isUnused) return [];
    const { column, shape, madeAt } = this.#kind;
    return this.#database.db
      .prepare<{ name: string; body: string }>(`SELECT ${column} AS name, body ${this.#latest} AND study_uid = ?`)
      .all(studyUid)
      .map(({ name, body }) => {
        const parsed = shape.safeParse(JSON.parse(body));
        if (parsed.success) return parsed.data;
        throw new LecternError('internal', `${name} was kept by another version of Lectern, which reads it.`);
      })
      .sort((a, b) => madeAt(a) - madeAt(b));
  }

  /** How many there are, by study; studies without any are not in it. */
  counts(): Map<string, number> {
    if (this.#database.isUnused) return new Map();
    const rows = this.#database.db
      .prepare<{ study_uid: string; count: number }>(
        `SELECT study_uid, count(*) AS count ${this.#latest} GROUP BY study_uid`,
      )
      .all();
    return new Map(rows.map((row) => [row.study_uid, row.count]));
  }

  /** Durable when it returns. Said again, the same is no change. */
  keep(mark: Mark, person: string): void {
    this.#write(this.#kind.studyOf(mark), this.#kind.nameOf(mark), JSON.stringify(mark), person);
  }

  /** Durable when it returns. */
  forget(studyUid: string, name: string, person: string): void {
    this.#write(studyUid, name, null, person);
  }

  #write(studyUid: string, name: string, body: string | null, person: string): void {
    const { table, column } = this.#kind;
    const { db } = this.#database;
    const last = db
      .prepare<{ body: string | null }>(
        `SELECT body FROM ${table} WHERE study_uid = ? AND ${column} = ? ORDER BY number DESC LIMIT 1`,
      )
      .get(studyUid, name);
    if (last ? last.body === body : body === null) return;
    db.prepare(`INSERT INTO ${table} (${column}, study_uid, at, person, body) VALUES (?, ?, ?, ?, ?)`).run(
      name,
      studyUid,
      Date.now(),
      person,
      body,
    );
    this.#announce(studyUid);
  }

  /** A document of these marks is in the archive. Durable when it returns. */
  noteDocument(
    document: { studyUid: string; seriesUid: string; sopInstanceUid: string; marks: readonly Mark[] },
    person: string,
  ): void {
    const { studyUid, seriesUid, sopInstanceUid, marks } = document;
    this.#database.db
      .prepare(
        'INSERT INTO document (kind, study_uid, series_uid, sop_uid, at, person, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(this.#kind.kind, studyUid, seriesUid, sopInstanceUid, Date.now(), person, JSON.stringify(marks));
    this.#announce(studyUid);
  }

  /** Documents made of a study's marks, oldest first. */
  documentsOf(studyUid: string): { seriesUid: string; sopInstanceUid: string }[] {
    return this.#documentRows(studyUid).map((row) => ({ seriesUid: row.series_uid, sopInstanceUid: row.sop_uid }));
  }

  /** The latest document; null where there is none. */
  latestDocument(studyUid: string): SavedDocument | null {
    const row = this.#documentRows(studyUid).at(-1);
    if (!row) return null;
    return {
      sopInstanceUid: row.sop_uid,
      seriesUid: row.series_uid,
      savedAt: row.at,
      count: (JSON.parse(row.body) as unknown[]).length,
      isCurrent: row.body === JSON.stringify(this.of(studyUid)),
    };
  }

  #documentRows(studyUid: string): DocumentRow[] {
    if (this.#database.isUnused) return [];
    return this.#database.db
      .prepare<DocumentRow>(
        'SELECT series_uid, sop_uid, at, body FROM document WHERE study_uid = ? AND kind = ? ORDER BY number',
      )
      .all(studyUid, this.#kind.kind);
  }

  /** Destroys all that is known of a study's marks. */
  removeStudy(studyUid: string): void {
    if (this.#database.isUnused) return;
    const { table, kind } = this.#kind;
    const { db } = this.#database;
    const { changes } = db.prepare(`DELETE FROM ${table} WHERE study_uid = ?`).run(studyUid);
    db.prepare('DELETE FROM document WHERE study_uid = ? AND kind = ?').run(studyUid, kind);
    if (changes > 0) this.#announce(studyUid);
  }

  /** Calls back after each change of a study's marks; returns the function that unregisters. */
  onChange(listener: (studyUid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  #announce(studyUid: string): void {
    for (const listener of this.#listeners) listener(studyUid);
  }
}
