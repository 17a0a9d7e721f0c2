// The encrypted database of what a person put on images: of its own, so that a rebuilt index takes none of it along. Each change is
// a row that stays until its study is deleted; the last one counts.
import fs from 'node:fs';
import type { Database } from '#backend/base/database.ts';
import { openOrRenew, type OnRenewed } from '#backend/base/open-or-renew.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS length_change (
  number INTEGER PRIMARY KEY, uid TEXT NOT NULL, study_uid TEXT NOT NULL, at INTEGER NOT NULL, person TEXT NOT NULL, body TEXT);
CREATE INDEX IF NOT EXISTS length_change_uid ON length_change (study_uid, uid, number);
CREATE TABLE IF NOT EXISTS key_change (
  number INTEGER PRIMARY KEY, image TEXT NOT NULL, study_uid TEXT NOT NULL, at INTEGER NOT NULL, person TEXT NOT NULL, body TEXT);
CREATE INDEX IF NOT EXISTS key_change_image ON key_change (study_uid, image, number);
CREATE TABLE IF NOT EXISTS document (
  number INTEGER PRIMARY KEY, kind TEXT NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, sop_uid TEXT NOT NULL,
  at INTEGER NOT NULL, person TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS document_study ON document (study_uid, kind, number);`;

const MARKS = {
  schema: SCHEMA,
  salvaged: ['length_change', 'key_change', 'document'].map((table) => ({
    into: table,
    select: `SELECT * FROM ${table}`,
    by: 'number',
  })),
};

export class MarkDatabase {
  readonly #file: string;
  readonly #key: Uint8Array;
  readonly #onRenewed: OnRenewed | undefined;
  #opened: Database | undefined;

  /** It is opened, and made, when it is needed first. */
  constructor(file: string, key: Uint8Array, onRenewed?: OnRenewed) {
    this.#file = file;
    this.#key = key;
    this.#onRenewed = onRenewed;
  }

  get db(): Database {
    if (this.#opened) return this.#opened;
    this.#opened = openOrRenew(this.#file, this.#key, MARKS, this.#onRenewed);
    return this.#opened;
  }

  /** Nothing was ever kept: then nothing is made to find that out. */
  get isUnused(): boolean {
    return !this.#opened && !fs.existsSync(this.#file);
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }
}
