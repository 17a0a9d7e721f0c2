// QIDO-RS (PS3.18 10.6): query parameters to a Query, answers as DICOM JSON.
import type { Archive } from '#backend/archive/archive.ts';
import { wrongForm, type MatchKey } from '#backend/archive/attribute-match.ts';
import { lackNotes } from '#backend/archive/lacks.ts';
import { isIndexed, runLongQuery, type Query, type QueryLevel } from '#backend/archive/query.ts';
import { textOf } from '#backend/archive/instance-record.ts';
import { keywordOf, tagOf, vrOf } from '#shared/dicom/dictionary.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { LecternError } from '#shared/contract/errors.ts';
import { acceptOf, isWanted } from './media-types.ts';
import { warn } from './warnings.ts';

/** Most results one answer carries; a larger set is cut and says so. */
export const MAX_RESULTS = 5000;
const OPTIONS = new Set([
  'limit',
  'offset',
  'fuzzymatching',
  'includefield',
  'accept',
  'charset',
  'emptyvaluematching',
  'multiplevaluematching',
]);

/** Studies of which an answer says what they lack: a client reads no endless header. */
const MOST_WARNINGS = 20;

/** 1995.06.26, as clients of before DICOM 3.0 write a date (PS3.5 6.2, DA). */
const OLD_DATE = /\b(\d{4})\.(\d{2})\.(\d{2})\b/g;

/** Tag of a keyword or of eight hex digits. Throws LecternError 'bad-request' naming what is not known. */
function attributeOf(name: string): string {
  const tag = /^[0-9a-f]{8}$/i.test(name) ? name.toUpperCase() : tagOf(name);
  if (tag === undefined) throw new LecternError('bad-request', `${name} is not an attribute of the DICOM dictionary.`);
  return tag;
}

/** One matching key from its name (keyword, tag, or several with dots for sequences) and value. Throws LecternError 'bad-request' for
 * what could match nothing. */
export function matchKey(level: QueryLevel, name: string, value: string): MatchKey {
  const path = name.split('.').map(attributeOf);
  const first = path[0] ?? '';
  if (level !== 'instance' && !isIndexed(level, first)) {
    throw new LecternError('bad-request', `${keywordOf(first) ?? first} cannot be matched at ${level} level.`);
  }
  const vr = vrOf(path.at(-1) ?? '') ?? 'UN';
  const dates = vr === 'DA' ? value.replaceAll(OLD_DATE, '$1$2$3') : value;
  // Padding of dates and times says nothing (PS3.5 table 6.2-1).
  const key = { path, vr, value: /^(DA|TM|DT)$/.test(vr) ? dates.trim() : dates };
  const form = wrongForm(key);
  if (form !== undefined) throw new LecternError('bad-request', `${name} is ${form}, not for ${value}.`);
  return key;
}

function wholeNumber(value: string, name: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new LecternError('bad-request', `${name} must be a whole number.`);
  return Number(value);
}

function isTrue(value: string, name: string): boolean {
  if (!/^(true|false)$/i.test(value)) throw new LecternError('bad-request', `${name} must be true or false.`);
  return value.toLowerCase() === 'true';
}

export function parseQuery(
  level: QueryLevel,
  parameters: URLSearchParams,
  fixed: Record<string, string | undefined>,
): Query {
  const keys: MatchKey[] = [];
  const include: string[] = [];
  let isAll = false;
  for (const [name, value] of parameters) {
    if (OPTIONS.has(name.toLowerCase())) continue;
    keys.push(matchKey(level, name, value));
  }
  const included = [...parameters].filter(([name]) => name.toLowerCase() === 'includefield');
  for (const value of included.flatMap(([, each]) => each.split(','))) {
    if (value === 'all') isAll = true;
    else if (value !== '') include.push(attributeOf(value.split('.')[0] ?? ''));
  }
  for (const [tag, value] of Object.entries(fixed))
    if (value !== undefined) keys.push({ path: [tag], vr: 'UI', value });
  const option = (wanted: string): string | null => {
    const [first, ...others] = [...parameters].filter(([name]) => name.toLowerCase() === wanted);
    if (others.length) throw new LecternError('bad-request', `${wanted} is given more than once.`);
    return first?.[1] ?? null;
  };
  const limit = option('limit');
  const offset = option('offset');
  return {
    level,
    keys,
    include: isAll ? 'all' : include,
    isFuzzy: isTrue(option('fuzzymatching') ?? 'false', 'fuzzymatching'),
    limit: limit === null ? MAX_RESULTS : Math.min(MAX_RESULTS, wholeNumber(limit, 'limit')),
    offset: offset === null ? 0 : wholeNumber(offset, 'offset'),
  };
}

export async function handleQuery(
  archive: Archive,
  request: Request,
  level: QueryLevel,
  fixed: Record<string, string | undefined>,
): Promise<Response> {
  const url = new URL(request.url);
  const accepted = acceptOf(request);
  if (!accepted.some((each) => isWanted(each, 'application/dicom+json') || isWanted(each, 'application/json'))) {
    throw new LecternError('not-acceptable', 'Queries are answered as application/dicom+json.');
  }
  const asked = parseQuery(level, url.searchParams, fixed);
  const wasIncomplete = archive.needsRebuild;
  const { results, isCut } = await runLongQuery(archive.index, asked, request.signal);
  const base = `${url.origin}${url.pathname.slice(0, url.pathname.indexOf('/dicomweb') + '/dicomweb'.length)}`;
  for (const result of results) result['00081190'] = { vr: 'UR', Value: [retrieveUrl(base, result)] };
  const headers = new Headers({ 'content-type': 'application/dicom+json' });
  const listed = results.flatMap((result) => textOf(result, '0020000D') || []);
  const named = asked.keys.filter(({ path: [tag] }) => tag === '0020000D').flatMap(({ value }) => value.split(/[\\,]/));
  const notes = lackNotes(archive.index, [...new Set([...listed, ...named])], {
    isOfAll: !named.length,
    wasIncomplete,
  });
  const others = notes.length - MOST_WARNINGS;
  for (const note of notes.slice(0, MOST_WARNINGS)) warn(headers, url, note);
  if (others > 0) warn(headers, url, `So it is with ${others} more of what is listed.`);
  if (isCut) warn(headers, url, 'There are more results than this answer holds; ask for the next with offset.');
  if (results.length === 0) return new Response(null, { status: 204, headers });
  return new Response(JSON.stringify(results), { headers });
}

function retrieveUrl(base: string, result: DicomJson): string {
  const uid = (tag: string): string | undefined => {
    const value = result[tag]?.Value?.[0];
    return typeof value === 'string' ? value : undefined;
  };
  const parts = [base, 'studies', uid('0020000D') ?? ''];
  const series = uid('0020000E');
  const sop = uid('00080018');
  if (series !== undefined) parts.push('series', series);
  if (sop !== undefined && series !== undefined) parts.push('instances', sop);
  return parts.join('/');
}
