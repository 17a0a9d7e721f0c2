// Attribute queries over the index as QIDO-RS asks them (PS3.18 8.3.4, 10.6; matching of PS3.4 C.2.2.2). What SQL can
// narrow it narrows; every key is then checked on the stored DICOM JSON, so that no key is ever ignored.
import { setImmediate } from 'node:timers/promises';
import type { DicomJson, DicomJsonElement } from '#shared/dicom/model.ts';
import type { SqlValue } from '#backend/base/database.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { LEVEL_TAGS, unpack } from './instance-record.ts';
import { isUniversal, matches, type MatchKey } from './attribute-match.ts';

export type QueryLevel = 'study' | 'series' | 'instance';

export interface Query {
  level: QueryLevel;
  keys: readonly MatchKey[];
  /** Tags to answer beside the level's own; 'all' for everything known. */
  include: readonly string[] | 'all';
  isFuzzy: boolean;
  limit: number;
  offset: number;
}

export interface QueryAnswer {
  results: DicomJson[];
  /** More results exist beyond `limit`. */
  isCut: boolean;
}

/** Attributes answered without being asked for (PS3.18 tables 10.6.3-3 to -5), with the few every list shows. */
const DEFAULT_TAGS: Record<QueryLevel, readonly string[]> = {
  study: [
    '00080005',
    '00080020',
    '00080030',
    '00080050',
    '00080056',
    '00080061',
    '00080090',
    '00080201',
    '00081030',
    '00081190',
    '00100010',
    '00100020',
    '00100021',
    '00100030',
    '00100040',
    '0020000D',
    '00200010',
    '00201206',
    '00201208',
  ],
  series: [
    '00080005',
    '00080021',
    '00080031',
    '00080056',
    '00080060',
    '00080201',
    '0008103E',
    '00081190',
    '0020000E',
    '00200011',
    '00180015',
    '00201209',
    '00400244',
    '00400245',
    '00400275',
  ],
  instance: [
    '00080005',
    '00080016',
    '00080018',
    '00080056',
    '00080201',
    '00081190',
    '00083002',
    '00200013',
    '00280010',
    '00280011',
    '00280100',
    '00280008',
  ],
};

interface Row {
  id: number;
  study_uid: string;
  study_json: string;
  modalities: string;
  sop_classes: string;
  series_count: number;
  study_instances: number;
  series_uid: string;
  series_json: string;
  series_instances: number;
  sop_uid: string;
  instance_json: string;
  transfer_syntax: string;
}

const STUDY_COLUMNS = `st.uid AS study_uid, st.json AS study_json, st.modalities, st.sop_classes, st.series_count, st.instance_count AS study_instances`;
const SERIES_COLUMNS = `se.uid AS series_uid, se.json AS series_json, se.instance_count AS series_instances`;
const FROM: Record<QueryLevel, string> = {
  study: `SELECT st.id, ${STUDY_COLUMNS} FROM study st`,
  series: `SELECT se.id, ${STUDY_COLUMNS}, ${SERIES_COLUMNS} FROM series se JOIN study st ON st.id = se.study`,
  instance: `SELECT i.id, ${STUDY_COLUMNS}, ${SERIES_COLUMNS}, i.uid AS sop_uid, d.json AS instance_json, i.transfer_syntax
    FROM instance i JOIN series se ON se.id = i.series JOIN study st ON st.id = i.study JOIN instance_detail d ON d.id = i.id`,
};
const ORDER: Record<QueryLevel, string> = {
  study: 'st.date DESC, st.time DESC, st.id',
  series: 'st.date DESC, st.time DESC, st.id, se.number, se.id',
  instance: 'st.id, se.number, se.id, i.number, i.id',
};

/** In agreement with ORDER. */
const STUDY_ORDER: Record<QueryLevel, string> = {
  study: ORDER.study,
  series: ORDER.study,
  instance: 'st.id',
};
/** Rows of a study at each level. */
const COUNT: Record<QueryLevel, string> = { study: '1', series: 'st.series_count', instance: 'st.instance_count' };
/** Rows between two pauses. */
const BATCH_ROWS = 500;

/** Columns that hold the same text as the attribute, for keys without wildcards. */
const EXACT_COLUMNS: Record<string, { column: string; level: QueryLevel }> = {
  '0020000D': { column: 'st.uid', level: 'study' },
  '0020000E': { column: 'se.uid', level: 'series' },
  '00080018': { column: 'i.uid', level: 'instance' },
  '00100020': { column: 'st.patient_id', level: 'study' },
  '00080050': { column: 'st.accession', level: 'study' },
};
const LEVELS: readonly QueryLevel[] = ['study', 'series', 'instance'];
const includesLevel = (level: QueryLevel, other: QueryLevel): boolean => LEVELS.indexOf(other) <= LEVELS.indexOf(level);

/** Tags that can be asked for at a level without opening each instance's metadata. */
export function isIndexed(level: QueryLevel, tag: string): boolean {
  const computed = ['00080061', '00080062', '00201206', '00201208', '00201209', '00080056', '00083002'];
  return (
    computed.includes(tag) ||
    LEVELS.some((other) => includesLevel(level, other) && LEVEL_TAGS[other].some((known) => known === tag))
  );
}

/** All at once: for what is asked of one study. */
export function runQuery(index: ArchiveIndex, query: Query): QueryAnswer {
  const batches = answer(index, query);
  for (;;) {
    const step = batches.next();
    if (step.done) return step.value;
  }
}

/** Batch by batch, and everything else in between: a million instances take a while to be looked at, if no index narrows them. Rejects
 * with the signal's reason. */
export async function runLongQuery(index: ArchiveIndex, query: Query, signal?: AbortSignal): Promise<QueryAnswer> {
  const batches = answer(index, query);
  for (;;) {
    const step = batches.next();
    if (step.done) return step.value;
    await setImmediate();
    signal?.throwIfAborted();
  }
}

/** Pauses behind each batch. */
function* answer(index: ArchiveIndex, query: Query): Generator<void, QueryAnswer> {
  const results: DicomJson[] = [];
  let skipped = 0;
  for (const rows of batchesOf(index, query)) {
    for (const row of rows) {
      const dataset = datasetOf(index, row, query);
      if (!query.keys.every((key) => matches(dataset, key, query.isFuzzy))) continue;
      if (skipped < query.offset) {
        skipped++;
        continue;
      }
      if (results.length === query.limit) return { results, isCut: true };
      results.push(chosen(dataset, query));
    }
    yield;
  }
  return { results, isCut: false };
}

/** The rows that may match, study by study: no statement stays open in a pause, in which others may write. */
function* batchesOf({ db }: ArchiveIndex, query: Query): Generator<Row[]> {
  const { studies, below } = narrow(query);
  const rowsOf = (filter: Filter): Row[] =>
    db.prepare<Row>(`${FROM[query.level]}${whereOf(filter)} ORDER BY ${ORDER[query.level]}`).all(...filter.values);
  // Series or instances are named: there are few.
  if (below.terms.length > 0) {
    yield rowsOf({ terms: [...studies.terms, ...below.terms], values: [...studies.values, ...below.values] });
    return;
  }
  const listed = db
    .prepare<{
      id: number;
      count: number;
    }>(
      `SELECT st.id, ${COUNT[query.level]} AS count FROM study st${whereOf(studies)} ORDER BY ${STUDY_ORDER[query.level]}`,
    )
    .all(...studies.values);
  let batch: number[] = [];
  let count = 0;
  for (const study of listed) {
    batch.push(study.id);
    count += study.count;
    if (count < BATCH_ROWS && study !== listed.at(-1)) continue;
    yield rowsOf({ terms: ['st.id IN (SELECT value FROM json_each(?))'], values: [JSON.stringify(batch)] });
    batch = [];
    count = 0;
  }
}

interface Filter {
  terms: string[];
  values: SqlValue[];
}

const whereOf = ({ terms }: Filter): string => (terms.length ? ` WHERE ${terms.join(' AND ')}` : '');

/** What SQL can check of studies, and of what is below them. */
function narrow(query: Query): { studies: Filter; below: Filter } {
  const studies: Filter = { terms: [], values: [] };
  const below: Filter = { terms: [], values: [] };
  const { terms, values } = studies;
  for (const { path, value, vr } of query.keys) {
    const tag = path[0] ?? '';
    // An asked-for empty value (two quotes) is no text of a column.
    if (path.length > 1 || isUniversal(value) || value === '""') continue;
    const exact = EXACT_COLUMNS[tag];
    if (exact && includesLevel(query.level, exact.level)) {
      const list = value.split(vr === 'UI' ? /[\\,]/ : '\\').map((each) => each.trim());
      if (vr !== 'UI' && /[*?]/.test(value)) continue;
      const filter = exact.level === 'study' ? studies : below;
      // One statement for lists of all lengths: each is kept for the next time.
      filter.terms.push(`${exact.column} IN (SELECT value FROM json_each(?))`);
      filter.values.push(JSON.stringify(list));
    } else if (tag === '00080020') {
      const range = /^(\d{8})?(-)?(\d{8})?$/.exec(value);
      if (!range) continue;
      const [, from, dash, to] = range;
      // Old objects write 1995.06.26, which sorts before all other dates of its year: let through here, it is checked below.
      if (from && dash) {
        const year = from.slice(0, 4);
        terms.push('(st.date >= ? OR (st.date >= ? AND st.date < ?))');
        values.push(from, `${year}.`, `${year}/`);
      } else if (from) {
        terms.push('st.date IN (?, ?)');
        values.push(from, `${from.slice(0, 4)}.${from.slice(4, 6)}.${from.slice(6)}`);
      }
      if (to) {
        terms.push("st.date <= ? AND st.date <> ''");
        values.push(to);
      }
    }
  }
  return { studies, below };
}

const element = (vr: string, ...values: (string | number)[]): DicomJsonElement => ({ vr, Value: values });
const json = (text: string): DicomJson => JSON.parse(text) as DicomJson;
const list = (text: string): string[] => JSON.parse(text) as string[];

/** All that is known of a row at its level and above, computed attributes included. */
function datasetOf(index: ArchiveIndex, row: Row, query: Query): DicomJson {
  const dataset: DicomJson = { ...json(row.study_json) };
  const modalities = list(row.modalities);
  dataset['00080061'] = modalities.length ? element('CS', ...modalities) : { vr: 'CS' };
  dataset['00080062'] = element('UI', ...list(row.sop_classes));
  dataset['00201206'] = element('IS', row.series_count);
  dataset['00201208'] = element('IS', row.study_instances);
  if (query.level !== 'study') {
    Object.assign(dataset, json(row.series_json));
    dataset['00201209'] = element('IS', row.series_instances);
  }
  if (query.level === 'instance') {
    const needsAll =
      query.include === 'all' ||
      query.keys.some((key) => !isIndexed('instance', key.path[0] ?? '')) ||
      query.include.some((tag) => !isIndexed('instance', tag));
    const metadata = needsAll ? index.metadata(row.id) : undefined;
    Object.assign(dataset, metadata ? withoutBulk(json(unpack(metadata))) : json(row.instance_json));
    dataset['00083002'] = element('UI', row.transfer_syntax);
  }
  dataset['00080005'] = element('CS', 'ISO_IR 192');
  dataset['00080056'] = element('CS', 'ONLINE');
  return dataset;
}

/** Query answers carry no bulk data (PS3.18 10.6.3.3). */
function withoutBulk(dataset: DicomJson): DicomJson {
  return Object.fromEntries(
    Object.entries(dataset).filter(([, value]) => value.BulkDataURI === undefined && value.InlineBinary === undefined),
  );
}

function chosen(dataset: DicomJson, query: Query): DicomJson {
  if (query.include === 'all') return sorted(Object.entries(dataset));
  const wanted = new Set<string>([...query.include, ...query.keys.map((key) => key.path[0] ?? '')]);
  const hasKey = (tag: string): boolean => query.keys.some((key) => key.path[0] === tag);
  for (const tag of DEFAULT_TAGS[query.level]) wanted.add(tag);
  if (query.level !== 'study') wanted.add('0020000D');
  if (query.level === 'instance') wanted.add('0020000E');
  // A query that is not below one study (or series) answers the upper levels' attributes too (PS3.18 10.6.3.3).
  if (query.level !== 'study' && !hasKey('0020000D')) for (const tag of DEFAULT_TAGS.study) wanted.add(tag);
  if (query.level === 'instance' && !hasKey('0020000E')) for (const tag of DEFAULT_TAGS.series) wanted.add(tag);
  return sorted(Object.entries(dataset).filter(([tag]) => wanted.has(tag)));
}

const sorted = (entries: [string, DicomJsonElement][]): DicomJson =>
  Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
