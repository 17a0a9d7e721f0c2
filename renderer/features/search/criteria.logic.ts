// What a person fills in, as matching keys of a query (PS3.4 C.2.2.2) and in words. Pure.
import { parseDate, type DateRange } from '../../ui/date-words.logic.ts';
import type { SearchRequest } from '#shared/contract/network.ts';

export type SearchKind = 'studies' | 'worklist';

export interface Criteria {
  kind: SearchKind;
  name: string;
  patientId: string;
  issuer: string;
  accession: string;
  /** A date word: today, 7d, 2026-11, 2026-10..2026-11. */
  date: string;
  modalities: readonly string[];
  description: string;
  /** Worklist: AE title of the station. */
  station: string;
}
export const NO_CRITERIA: Criteria = {
  kind: 'studies',
  name: '',
  patientId: '',
  issuer: '',
  accession: '',
  date: '',
  modalities: [],
  description: '',
  station: '',
};
export const WORKLIST_OF_TODAY: Criteria = { ...NO_CRITERIA, kind: 'worklist', date: 'today' };

type Match = SearchRequest['match'];
const STEP = 'ScheduledProcedureStepSequence';

/** A letter of the ideographic and phonetic groups of a name (PS3.5 6.2.1.1). */
const EAST_ASIAN = String.raw`[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}ー]`;
const HAS_EAST_ASIAN = new RegExp(EAST_ASIAN, 'u');
const BEFORE_EAST_ASIAN = new RegExp(`(?<=^|${EAST_ASIAN})(?=${EAST_ASIAN})`, 'gu');

/**
 * A name as it is asked for: words in their order, each the start of a name part (`müll jör` is `müll*jör*`). Who writes a
 * wildcard, a caret or an equals sign is taken at their word.
 *
 * East Asian names stand behind the alphabetic group, and whether a key is for one group or for the whole name is left to each
 * system (PS3.4 C.2.2.2.1): so they begin anywhere, also with a caret. Nobody writes a blank in them, so the caret may stand
 * between any two letters. What is found beyond that stays in the list: the name is seen there, and a name that we cannot read
 * may be the right one.
 */
export function nameKey(text: string): string {
  const words = text.trim();
  if (words === '' || /[*?=]/.test(words)) return words;
  if (words.includes('^')) return HAS_EAST_ASIAN.test(words) ? `*${words}*` : words;
  const parts = words.split(/[\s,]+/).filter(Boolean);
  return `${parts.join('*')}*`.replace(BEFORE_EAST_ASIAN, '*');
}

/** Not every system matches all letters of the name. */
export const hasOtherLetters = (text: string): boolean => /[^ -~]/.test(text);

const withoutRuns = (key: string): string => key.replace(/\*{2,}/g, '*');

/** What to ask for where a name with other letters is not found: `*` for each of these, or where only these narrow it, the same
 * anywhere in the name. Undefined: there is nothing more to ask for but everybody. */
export function widerName(text: string): string | undefined {
  const key = nameKey(text);
  const ascii = withoutRuns(key.replace(/[^ -~]+/g, '*'));
  const wider = /[a-z\d]/i.test(ascii) ? ascii : HAS_EAST_ASIAN.test(key) ? withoutRuns(`*${key}*`) : key;
  return wider === key ? undefined : wider;
}

/** A description is found by any part of it. */
const anywhereKey = (text: string): string => (text === '' || /[*?]/.test(text) ? text : `*${text}*`);

const pad = (value: number): string => String(value).padStart(2, '0');

/** A range of days as a range of DA (PS3.4 C.2.2.2.5): open ends left out, the end of a month a day that there is. */
export function dateKey({ from, to }: DateRange): string {
  const [start, end] = [from === '00000000' ? '' : from, to === '99999999' ? '' : lastDay(to)];
  return start === end ? start : `${start}-${end}`;
}
function lastDay(day: string): string {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(4, 6))];
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return Number(day.slice(6)) > days ? `${day.slice(0, 6)}${pad(days)}` : day;
}

/** Whether a match is of another patient than the ID that was asked for: a node that does not match by it gives studies of anybody. */
export function isOfOtherPatient({ patientId }: Pick<Criteria, 'patientId'>, foundId: string): boolean {
  const wanted = patientId.trim().toLowerCase();
  const isOne = wanted !== '' && !/[*?\\]/.test(wanted);
  return isOne && foundId.trim() !== '' && foundId.trim().toLowerCase() !== wanted;
}

export interface Asked {
  level: SearchRequest['level'];
  /** Requests to make: several modalities cannot be asked for at once (PS3.4 C.2.2.2.1), so there is one for each. */
  requests: Match[];
  /** The keys in words, as they go out. */
  words: string[];
  /** What cannot be asked so; nothing is asked then. */
  problem: string | undefined;
  /** Nothing narrows the query. */
  isUnlimited: boolean;
}

export function askedOf(criteria: Criteria, now: Date): Asked {
  const isWorklist = criteria.kind === 'worklist';
  const range = criteria.date.trim() === '' ? undefined : parseDate(criteria.date.trim().toLowerCase(), now);
  const date = range ? dateKey(range) : '';
  const fields: [string, string, string][] = [
    ['PatientName', 'name', nameKey(criteria.name)],
    ['PatientID', 'patient ID', criteria.patientId.trim()],
    ['IssuerOfPatientID', 'issuer', isWorklist ? '' : criteria.issuer.trim()],
    ['AccessionNumber', 'accession', criteria.accession.trim()],
    [isWorklist ? `${STEP}.ScheduledProcedureStepStartDate` : 'StudyDate', 'date', date],
    ['StudyDescription', 'description', isWorklist ? '' : anywhereKey(criteria.description.trim())],
    [`${STEP}.ScheduledStationAETitle`, 'station', isWorklist ? criteria.station.trim() : ''],
  ];
  const set = fields.filter(([, , value]) => value !== '');
  const match = set.map(([keyword, , value]) => ({ keyword, value }));
  const modalityKeyword = isWorklist ? `${STEP}.Modality` : 'ModalitiesInStudy';
  const { modalities } = criteria;
  const words = set.map(([, label, value]) => `${label} ${value}`);
  if (modalities.length) words.push(`modality ${modalities.join(' or ')}`);
  return {
    level: isWorklist ? 'worklist' : 'study',
    requests: modalities.length
      ? modalities.map((modality) => [...match, { keyword: modalityKeyword, value: modality }])
      : [match],
    words,
    problem:
      criteria.date.trim() !== '' && !range
        ? `“${criteria.date.trim()}” is not a date: today, 7d, 2026-11, 2026-11-24 or 2026-10..2026-11.`
        : undefined,
    isUnlimited: set.length === 0 && modalities.length === 0,
  };
}

/** As many names of nodes as are read at a glance. */
const MOST_NAMES = 5;

/** Which nodes are asked, of so many that there are. */
export const nodesWords = (chosen: readonly string[], count: number): string =>
  chosen.length <= MOST_NAMES
    ? chosen.join(', ')
    : chosen.length === count
      ? `all ${count} nodes`
      : `${chosen.length} of ${count} nodes`;
