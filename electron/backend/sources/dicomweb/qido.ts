// QIDO-RS as a client (PS3.18 10.6): keys to parameters, pages one after the other, cut lists noticed.
import { LecternError } from '#shared/contract/errors.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { MatchKey, QueryAnswer, QueryLevel, QueryRequest } from '../source.ts';
import type { HttpClient } from './http-client.ts';
import { datasetsOf } from './datasets.ts';
import { needsEncoding, plainKeys, plainKeysNotice, takesEncodingLiterally } from './plain-keys.ts';

/** Servers of Microsoft's DICOM service refuse a limit above 200. */
const PAGE = 200;
/** Of a list without a limit: some give another full page for ever. */
const MOST_MATCHES = 200_000;
const ACCEPT = 'application/dicom+json';

/** Asked for by every list, for some servers answer only what is asked for. */
const USUAL_FIELDS: Record<'study' | 'series' | 'instance', readonly string[]> = {
  study: ['00081030', '00080061', '00201206', '00201208', '00100021', '00080090'],
  series: ['0008103E', '00201209', '00180015', '00200060', '00080021'],
  instance: ['00280008', '00280010', '00280011', '00083002'],
};

interface Address {
  path: string;
  parameters: URLSearchParams;
}

/** Address of a query: UIDs of the levels above go into the path, other keys into parameters. */
export function addressOf(level: 'study' | 'series' | 'instance', request: QueryRequest): Address {
  const parameters = new URLSearchParams();
  const above: Partial<Record<string, string>> = {};
  for (const key of request.keys) {
    const [tag = ''] = key.path;
    const isSingleUid = key.path.length === 1 && /^[0-9.]+$/.test(key.value);
    if (isSingleUid && (tag === '0020000D' || tag === '0020000E') && level !== 'study') above[tag] = key.value;
    else if (key.value !== '') parameters.append(key.path.join('.'), valueOf(key));
  }
  const { '0020000D': study, '0020000E': series } = above;
  let path = { study: '/studies', series: '/series', instance: '/instances' }[level];
  if (level !== 'study' && study !== undefined) {
    path = `/studies/${study}/${level === 'series' ? 'series' : 'instances'}`;
    if (level === 'instance' && series !== undefined) path = `/studies/${study}/series/${series}/instances`;
  } else if (series !== undefined) parameters.append('0020000E', series);
  if (level === 'series' && study !== undefined && series !== undefined) parameters.append('0020000E', series);
  for (const field of new Set([...USUAL_FIELDS[level], ...request.include])) parameters.append('includefield', field);
  return { path, parameters };
}

/** Lists of UIDs are joined by commas here (PS3.18 8.3.4.2). */
const valueOf = ({ vr, value }: MatchKey): string => (vr === 'UI' ? value.replaceAll('\\', ',') : value);

export async function* query(
  http: HttpClient,
  request: QueryRequest,
  signal: AbortSignal,
): AsyncGenerator<QueryAnswer> {
  if (request.level === 'worklist')
    throw new LecternError('peer-without', 'A DICOMweb node has no worklist; ask a DIMSE node for it.');
  if (request.level === 'patient') return yield* queryPatients(http, request, signal);
  yield* queryLevel(http, request.level, request, signal);
}

async function* queryLevel(
  http: HttpClient,
  level: 'study' | 'series' | 'instance',
  request: QueryRequest,
  signal: AbortSignal,
): AsyncGenerator<QueryAnswer> {
  let hasMatch = false;
  for await (const answer of pages(http, level, request, signal)) {
    hasMatch ||= answer.kind === 'match';
    yield answer;
  }
  if (hasMatch || request.offset || !needsEncoding(request.keys) || !(await takesEncodingLiterally(http, signal)))
    return;
  const sets = plainKeys(request.keys);
  const isAsked = sets.every((keys) => keys.some(({ value }) => value !== ''));
  yield { kind: 'notice', code: 'keys-unsupported', reason: plainKeysNotice(http.name, sets.flat(), isAsked) };
  // Of several lists each match counts once.
  const seen = new Set<string>();
  for (const keys of isAsked ? sets : [])
    for await (const answer of pages(http, level, { ...request, keys }, signal)) {
      const isMatch = answer.kind === 'match';
      if (isMatch && seen.size === request.limit && !seen.has(uidOf(level, answer.dataset)))
        return yield cutNotice(request.limit);
      if (!isMatch || isNew(seen, level, answer.dataset)) yield answer;
      if (!isMatch && answer.code === 'cut') return;
    }
}

async function* pages(
  http: HttpClient,
  level: 'study' | 'series' | 'instance',
  request: QueryRequest,
  signal: AbortSignal,
): AsyncGenerator<QueryAnswer> {
  const { path, parameters } = addressOf(level, request);
  const most = request.limit ?? MOST_MATCHES;
  const seen = new Set<string>();
  let given = 0;
  let saysMore = false;
  for (let offset = request.offset ?? 0; ;) {
    const page = Math.min(PAGE, most - given + 1);
    parameters.set('limit', String(page));
    parameters.set('offset', String(offset));
    // Other than URLSearchParams writes it, a space that every server reads.
    const query = parameters.toString().replaceAll('+', '%20');
    const answer = await http.request(`${path}?${query}`, { accept: ACCEPT, isQuery: true, signal });
    const isRefused = (answer.statusCode ?? 0) >= 300;
    // Beyond its end, some have no list at all.
    if (isRefused && given > 0 && !saysMore) return void answer.resume();
    if (isRefused) throw await http.failure(answer);
    const datasets = await datasetsOf(answer, http.name);
    // A server that knows no paging gives the same list again: each match counts once.
    const fresh = datasets.filter((dataset) => isNew(seen, level, dataset));
    for (const dataset of fresh) {
      if (given === most) {
        yield cutNotice((request.offset ?? 0) + most);
        return;
      }
      given++;
      yield { kind: 'match', dataset, repairs: [] };
    }
    if (fresh.length === 0) {
      if (saysMore && datasets.length > 0) yield cutByPeer(http.name, given);
      return;
    }
    // Code 299 says that more is there than is answered (PS3.18 8.3.4.4), and so does a full page. After a shorter one we ask too:
    // some have a limit of their own and do not tell. More than a page is of one who knows no limit.
    saysMore = /^299\b/.test(answer.headers['warning'] ?? '') || datasets.length === page;
    if (datasets.length > page && !saysMore) return;
    offset += datasets.length;
  }
}

const cutByPeer = (name: string, count: number): QueryAnswer => ({
  kind: 'notice',
  code: 'cut-by-peer',
  reason: `${name} gives the same ${count} matches again when it is asked for more: there may be others.`,
});

const cutNotice = (most: number): QueryAnswer => ({
  kind: 'notice',
  code: 'cut',
  reason: `More than ${most} match; the list was cut there.`,
});

const LEVEL_UID: Record<Exclude<QueryLevel, 'patient' | 'worklist'>, string> = {
  study: '0020000D',
  series: '0020000E',
  instance: '00080018',
};

/** What has no UID is known by all of it, or a server that pages in circles would never end. */
const uidOf = (level: keyof typeof LEVEL_UID, dataset: DicomJson): string =>
  String(dataset[LEVEL_UID[level]]?.Value?.[0] || JSON.stringify(dataset));

function isNew(seen: Set<string>, level: 'study' | 'series' | 'instance', dataset: DicomJson): boolean {
  const uid = uidOf(level, dataset);
  if (seen.has(uid)) return false;
  seen.add(uid);
  return true;
}

/** DICOMweb has no patient level: the patients of the studies that match, each once. */
async function* queryPatients(
  http: HttpClient,
  request: QueryRequest,
  signal: AbortSignal,
): AsyncGenerator<QueryAnswer> {
  const patients = new Set<string>();
  const { limit, offset = 0 } = request;
  const whole = { ...request, limit: MOST_MATCHES, offset: 0 };
  for await (const answer of queryLevel(http, 'study', whole, signal)) {
    if (answer.kind === 'notice') {
      yield answer;
      continue;
    }
    const text = (tag: string): string => JSON.stringify(answer.dataset[tag]?.Value ?? null);
    const key = `${text('00100020')}|${text('00100021')}|${text('00100010')}`;
    if (patients.has(key)) continue;
    if (limit !== undefined && patients.size === offset + limit) {
      yield cutNotice(offset + limit);
      return;
    }
    patients.add(key);
    if (patients.size <= offset) continue;
    const dataset = Object.fromEntries(Object.entries(answer.dataset).filter(([tag]) => tag.startsWith('0010')));
    yield { kind: 'match', dataset, repairs: [] };
  }
}
