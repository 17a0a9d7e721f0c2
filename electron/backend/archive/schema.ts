// Tables of the archive index. The index can be thrown away and rebuilt from the files, so a new shape is a new version
// and a rebuild, not a chain of migrations; what exists nowhere else (pins, jobs, audit) lives in tables of its own.

import type { Renewable } from '#backend/base/open-or-renew.ts';

export const INDEX_VERSION = 1;

export const SCHEMA = `
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS study (
  id INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, patient_key TEXT NOT NULL,
  patient_id TEXT NOT NULL, issuer TEXT NOT NULL, patient_name TEXT NOT NULL, birth_date TEXT NOT NULL, sex TEXT NOT NULL,
  date TEXT NOT NULL, time TEXT NOT NULL, accession TEXT NOT NULL, study_id TEXT NOT NULL, description TEXT NOT NULL,
  referrer TEXT NOT NULL, modalities TEXT NOT NULL DEFAULT '[]', sop_classes TEXT NOT NULL DEFAULT '[]',
  series_count INTEGER NOT NULL DEFAULT 0, instance_count INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
  repaired INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0, received_at INTEGER NOT NULL DEFAULT 0,
  demo INTEGER NOT NULL DEFAULT 0, pinned INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL DEFAULT 0, json TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS study_seq ON study (seq);
CREATE INDEX IF NOT EXISTS study_date ON study (date DESC, time DESC, id);
CREATE INDEX IF NOT EXISTS study_patient ON study (patient_id);
CREATE INDEX IF NOT EXISTS study_accession ON study (accession);
-- What each look at the session asks for, without reading the rows.
CREATE INDEX IF NOT EXISTS study_demo ON study (uid) WHERE demo = 1;
CREATE INDEX IF NOT EXISTS study_totals ON study (instance_count, size);

CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY, study INTEGER NOT NULL, uid TEXT NOT NULL, modality TEXT NOT NULL, number INTEGER,
  description TEXT NOT NULL, body_part TEXT NOT NULL, laterality TEXT NOT NULL, date TEXT NOT NULL, time TEXT NOT NULL,
  instance_count INTEGER NOT NULL DEFAULT 0, frame_count INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
  repaired INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0, repairs TEXT NOT NULL DEFAULT '[]',
  sop_classes TEXT NOT NULL DEFAULT '[]', transfer_syntaxes TEXT NOT NULL DEFAULT '[]', seq INTEGER NOT NULL DEFAULT 0,
  json TEXT NOT NULL, UNIQUE (study, uid));
CREATE INDEX IF NOT EXISTS series_uid ON series (uid);
CREATE INDEX IF NOT EXISTS series_seq ON series (seq);
CREATE INDEX IF NOT EXISTS series_modality ON series (modality);

CREATE TABLE IF NOT EXISTS instance (
  id INTEGER PRIMARY KEY, study INTEGER NOT NULL, series INTEGER NOT NULL, uid TEXT NOT NULL UNIQUE,
  sop_class TEXT NOT NULL, transfer_syntax TEXT NOT NULL, number INTEGER, frame_count INTEGER NOT NULL,
  image_rows INTEGER, image_columns INTEGER, size INTEGER NOT NULL, sha256 BLOB NOT NULL, name TEXT NOT NULL,
  dataset_offset INTEGER NOT NULL, repairs TEXT, received_at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS instance_series ON instance (series, number, id);
CREATE INDEX IF NOT EXISTS instance_study ON instance (study);

CREATE TABLE IF NOT EXISTS instance_detail (
  id INTEGER PRIMARY KEY, json TEXT NOT NULL, metadata BLOB NOT NULL, frames BLOB NOT NULL);

CREATE TABLE IF NOT EXISTS conflict (
  id INTEGER PRIMARY KEY, sop_uid TEXT NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, name TEXT NOT NULL UNIQUE,
  sha256 BLOB NOT NULL, size INTEGER NOT NULL, path TEXT NOT NULL, received_at INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS damaged_instance (
  sop_uid TEXT PRIMARY KEY, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS damaged_study ON damaged_instance (study_uid, series_uid);

CREATE TABLE IF NOT EXISTS node_expectation (
  study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, node TEXT NOT NULL, expected INTEGER NOT NULL,
  PRIMARY KEY (study_uid, series_uid, node)) WITHOUT ROWID;
-- Of older programs, which did not note the node.
CREATE TABLE IF NOT EXISTS expectation (
  study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, expected INTEGER NOT NULL, PRIMARY KEY (study_uid, series_uid)) WITHOUT ROWID;
INSERT OR IGNORE INTO node_expectation SELECT study_uid, series_uid, '', expected FROM expectation;
DELETE FROM expectation WHERE true;

CREATE TABLE IF NOT EXISTS kept_study (uid TEXT PRIMARY KEY, pinned INTEGER NOT NULL, demo INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS left_out (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lost_instance (
  sop_uid TEXT PRIMARY KEY, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lost_study ON lost_instance (study_uid, series_uid);
CREATE TABLE IF NOT EXISTS tombstone (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removed_study (uid TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS removed_seq ON removed_study (seq);

CREATE TABLE IF NOT EXISTS job (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job_item (
  job TEXT NOT NULL, path TEXT NOT NULL, outcome TEXT NOT NULL, sop_uid TEXT, code TEXT, reason TEXT, PRIMARY KEY (job, path)) WITHOUT ROWID;
`;

/** What a rebuild empties; the other tables hold what the files do not. */
export const REBUILT_TABLES = [
  'study',
  'series',
  'instance',
  'instance_detail',
  'conflict',
  'damaged_instance',
] as const;

/** Rows of `node_expectation` that say what this archive itself held: no node has such a name. */
export const HELD_HERE = `SELECT st.uid AS study_uid, se.uid AS series_uid, '*' AS node, se.instance_count AS expected
  FROM series se JOIN study st ON st.id = se.study`;

/** The same of what the retention rules removed: what comes to a study after that is not the whole of it. */
export const RETIRED = '-';

/** Rows of `lost_instance` before a rebuild: what does not come back by its end is lost. */
export const LISTED_HERE = `SELECT i.uid AS sop_uid, st.uid AS study_uid, se.uid AS series_uid, i.name
  FROM instance i JOIN study st ON st.id = i.study JOIN series se ON se.id = i.series`;

/** Rows that go from a damaged index into a new one: what a rebuild leaves alone, and what it cannot find in the files. The
 * marks of a study; which instances each series had, and how many, so that those whose files are gone are missed. */
const SALVAGED: Renewable['salvaged'] = [
  ...[
    'tombstone',
    'removed_study',
    'job',
    'job_item',
    'node_expectation',
    'kept_study',
    'left_out',
    'lost_instance',
    'watched_file',
    'arrival',
  ].map((table) => ({ into: table, select: `SELECT * FROM ${table}`, by: '1' })),
  { into: 'kept_study', select: 'SELECT uid, pinned, demo FROM study WHERE pinned OR demo', by: 'id' },
  {
    into: 'node_expectation',
    select: `SELECT study_uid, series_uid, '' AS node, expected FROM expectation`,
    by: 'study_uid',
  },
  { into: 'node_expectation', select: HELD_HERE, by: 'se.id' },
  { into: 'lost_instance', select: LISTED_HERE, by: 'i.id' },
];

export const INDEX: Renewable = { schema: SCHEMA, salvaged: SALVAGED };
