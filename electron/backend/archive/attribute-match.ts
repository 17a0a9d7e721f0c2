// Attribute matching of PS3.4 C.2.2.2 on DICOM JSON: single value, UID list, wildcard, range, universal, sequence. Person
// names match without regard to case; all else as written. Fuzzy name matching is word by word on folded text.
import { isWildcardMatch } from '#shared/base/wildcard.ts';
import { trimmedEnd } from '#shared/base/trimmed-end.ts';
import type { DicomJson, DicomJsonElement, JsonValue, PersonNameJson } from '#shared/dicom/model.ts';
import { searchFold } from '#shared/dicom/person-name.ts';
import { isBackwards, isTimeKey, isWithin, momentOf, rangeOf } from './moments.ts';

/** One matching key: tag path (sequence tags, then the attribute's), its VR and the value as asked for. */
export interface MatchKey {
  path: readonly string[];
  vr: string;
  value: string;
}

const NO_WILDCARD_VRS = new Set([
  'UI',
  'DA',
  'TM',
  'DT',
  'IS',
  'DS',
  'SL',
  'SS',
  'UL',
  'US',
  'FL',
  'FD',
  'SV',
  'UV',
  'AT',
]);

const ONE_VALUE_VRS = new Set(['LT', 'ST', 'UT', 'UR']);

/** Asks for what has no value (PS3.4 C.2.2.2.1.4). */
const EMPTY_VALUE = '""';

/** An empty key, or only asterisks, asks for the attribute without narrowing anything (PS3.4 C.2.2.2.3). */
export const isUniversal = (value: string): boolean => /^\**$/.test(value);

const TIME_FORMS = {
  DA: 'a date: ask for 20240101 or for a range, 20240101-20241231',
  TM: 'a time: ask for 1015 or for a range, 101500-113000',
  DT: 'a moment: ask for 20240101 or for a range, 20240101101500-20241231',
} as const;
const isTimeVr = (vr: string): vr is keyof typeof TIME_FORMS => Object.hasOwn(TIME_FORMS, vr);

/** Why a value can match nothing: it is not what an attribute of this VR is asked for by, or a range that ends before it begins. */
export function wrongForm({ vr, value }: Pick<MatchKey, 'vr' | 'value'>): string | undefined {
  if (!isTimeVr(vr) || isUniversal(value) || value === EMPTY_VALUE) return undefined;
  const keys = value.split('\\');
  if (!keys.every((each) => isTimeKey(each, vr))) return TIME_FORMS[vr];
  return keys.some((each) => isBackwards(each, vr)) ? 'asked for by a range that begins before it ends' : undefined;
}

export function matches(dataset: DicomJson, key: MatchKey, isFuzzy: boolean, depth = 0): boolean {
  const tag = key.path[depth] ?? '';
  const found = dataset[tag];
  // Universal matching: an empty key, or only asterisks, takes everything, also what has no value, or no such sequence.
  if (isUniversal(key.value)) return true;
  if (depth < key.path.length - 1) {
    return (found?.Value ?? []).some(
      (item) => typeof item === 'object' && item !== null && matches(item as DicomJson, key, isFuzzy, depth + 1),
    );
  }
  if (key.value === EMPTY_VALUE) return !found?.Value?.length;
  return textsOf(found, key.vr).some((text) =>
    listOf(key).some((value) => matchesText(text, { ...key, value }, isFuzzy)),
  );
}

/** A backslash parts values of which any may match (PS3.4 C.2.2.2.2, and as clients ask for several modalities); so does a comma
 * where no value holds one. Texts in which a backslash is a character are one value. */
function listOf({ vr, value }: MatchKey): readonly string[] {
  if (ONE_VALUE_VRS.has(vr)) return [value];
  return value.split(vr === 'UI' || vr === 'CS' ? /[\\,]/ : '\\');
}

function textsOf(found: DicomJsonElement | undefined, vr: string): string[] {
  const values = found?.Value ?? [];
  if (vr !== 'PN')
    return values
      .filter((value): value is string | number => typeof value === 'string' || typeof value === 'number')
      .map(String);
  return values.flatMap((value: JsonValue) =>
    typeof value === 'object' && value !== null ? namesOf(value as PersonNameJson) : [],
  );
}

/** The component groups, and the whole name where it has several: a key may be one or the other. */
function namesOf({ Alphabetic = '', Ideographic = '', Phonetic = '' }: PersonNameJson): string[] {
  const groups = [Alphabetic, Ideographic, Phonetic].filter(Boolean);
  const whole = trimmedEnd(`${Alphabetic}=${Ideographic}=${Phonetic}`, '=');
  return groups.length > 1 || (groups.length === 1 && !Alphabetic) ? [...groups, whole] : groups;
}

function matchesText(text: string, { vr, value }: MatchKey, isFuzzy: boolean): boolean {
  if (vr === 'UI') return value.trim() === text;
  if (isTimeVr(vr)) return isInTime(text, value, vr);
  if (vr === 'PN') return isFuzzy ? fuzzyName(text, value) : fits(trimmed(text), value, true);
  if (NO_WILDCARD_VRS.has(vr)) return text === value || (value.trim() !== '' && Number(text) === Number(value));
  return fits(text.trim(), value, false);
}

/** Trailing empty components do not count (PS3.5 6.2.1). */
const trimmed = (name: string): string => trimmedEnd(name.trim(), '^');

/** Names match without regard to case, and without the empty components at a key's end. */
function fits(text: string, pattern: string, isName: boolean): boolean {
  const wanted = pattern.trim();
  if (!isName) return isWildcardMatch(text, wanted);
  return isWildcardMatch(text.toLowerCase(), trimmedEnd(wanted, '^').toLowerCase());
}

function isInTime(text: string, value: string, vr: 'DA' | 'TM' | 'DT'): boolean {
  // Old objects write dates as 1995.06.26 and times as 10:15:00 (PS3.5 6.2).
  if (vr === 'DA') {
    const plain = text.replaceAll('.', '');
    const [from, to] = rangeOf(value, vr) ?? [value, value];
    return (from === '' || plain >= from) && (to === '' || plain <= to);
  }
  const stored = momentOf(text.replaceAll(':', ''), vr);
  return stored ? isWithin(stored, value.replaceAll(':', ''), vr) : text === value;
}

function fuzzyName(name: string, value: string): boolean {
  const words = searchFold(name).split(/[\s^=,.\-']+/);
  return searchFold(value.replaceAll('*', ' '))
    .split(/[\s^,]+/)
    .filter(Boolean)
    .every((term) => words.some((word) => word.startsWith(term)));
}
