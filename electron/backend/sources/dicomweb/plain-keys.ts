// Keys for servers that do not decode the percent-encoding of a query (RFC 3986 2.1), as Orthanc's plug-in 1.7: they look for "%5E"
// where "^" is meant, and find nobody. What must be encoded is left open there, so that the list is wider, and that is said;
// of several values each is asked for by itself.
import type { MatchKey } from '../source.ts';
import { datasetsOf } from './datasets.ts';
import type { HttpClient } from './http-client.ts';

const ENCODED = /[^\w.*?-]+/g;
/** They take wildcards (PS3.4 C.2.2.2.4). */
const TEXT_VRS = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);
/** Of these, those in which a backslash is a character and parts no values (PS3.5 6.2). */
const SINGLE_VRS = new Set(['LT', 'ST', 'UR', 'UT']);
const MOST_SETS = 32;

const isEncoded = ({ vr, value }: MatchKey): boolean => TEXT_VRS.has(vr) && value.search(ENCODED) >= 0;

export const needsEncoding = (keys: readonly MatchKey[]): boolean => keys.some(isEncoded);

/** Without anything that is encoded; a key of which no letter is left asks for nothing any more. Several sets of keys, to be asked
 * for one after the other, where a key lists values: no wildcard finds one of several. Left open where that would be very many. */
export const plainKeys = (keys: readonly MatchKey[]): MatchKey[][] =>
  keys.reduce<MatchKey[][]>(
    (sets, key) => {
      const plain = [...new Set(valuesOf(key).map(isEncoded(key) ? plainValue : String))];
      const isOpen = plain.includes('') || sets.length * plain.length > MOST_SETS;
      const values = isOpen ? [''] : plain;
      return sets.flatMap((set) => values.map((value) => [...set, { ...key, value }]));
    },
    [[]],
  );

const valuesOf = ({ vr, value }: MatchKey): string[] =>
  TEXT_VRS.has(vr) && !SINGLE_VRS.has(vr) ? value.split('\\') : [value];

function plainValue(value: string): string {
  const plain = value.replace(ENCODED, '*');
  return /^[*?]*$/.test(plain) ? '' : plain;
}

/** One sentence for a person. `isAsked`: something is left to ask for. */
export function plainKeysNotice(name: string, keys: readonly MatchKey[], isAsked: boolean): string {
  const values = [...new Set(keys.map(({ value }) => value).filter(Boolean))];
  const what = `${name} does not decode what a query encodes ("^", spaces, letters beyond ASCII)`;
  if (!isAsked) return `${what} and finds nothing by this. Search by Patient ID, date or modality.`;
  return `${what}: it was asked for ${values.join(', ')} instead, so the list may be wider than asked for.`;
}

/** Whether a study that is there is found by its UID, and not by the same with a digit encoded. */
export async function takesEncodingLiterally(http: HttpClient, signal: AbortSignal): Promise<boolean> {
  const list = async (query: string): Promise<string[]> => {
    const answer = await http.request(`/studies?limit=1${query}`, { accept: 'application/dicom+json', signal });
    if (answer.statusCode !== 200) {
      answer.resume();
      return [];
    }
    return (await datasetsOf(answer, http.name)).map((dataset) => String(dataset['0020000D']?.Value?.[0] ?? ''));
  };
  const [uid = ''] = await list('');
  if (uid === '') return false;
  if ((await list(`&StudyInstanceUID=%3${uid}`)).includes(uid)) return false;
  return (await list(`&StudyInstanceUID=${uid}`)).includes(uid);
}
