// Understands what people type to find a study: names in any order and component group, numbers, words of the
// description, modalities, dates in many forms, fields by prefix. Pure; how dates read stands in date-words.logic.ts.
import { searchFold } from '#shared/dicom/person-name.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import { plainLine, type TableLine } from './grouping.logic.ts';
import { dayOf, describeRange, isWithin, parseDate, type DateRange } from '../../ui/date-words.logic.ts';

/** A study with its texts folded once, so that a keystroke costs string searches only. Each text starts with a space and
 * has its words separated by single spaces. */
export interface SearchEntry {
  row: StudyRow;
  /** Made once, so that a keystroke makes nothing anew. */
  line: TableLine;
  any: string;
  name: string;
  /** The first two signs of each word of `any`, each once: most keystrokes are the first letters of a word. */
  starts: string;
}

type TextField = 'name' | 'id' | 'accession' | 'description' | 'referrer' | 'issuer' | 'bodyPart' | 'uid';
type DateField = 'date' | 'born' | 'received';
type Mark = 'repaired' | 'incomplete' | 'damaged' | 'conflict' | 'pinned' | 'demo';

/** One thing that must be true of a study. */
type Criterion =
  | { kind: 'text'; field: TextField | 'any'; text: string; isPhrase: boolean }
  | { kind: 'date'; field: DateField; range: DateRange; orText?: string }
  | { kind: 'sex'; sex: string }
  | { kind: 'mark'; mark: Mark };

export interface ParsedSearch {
  criteria: Criterion[];
  /** Any of these. */
  modalities: string[];
  /** How it was understood, for the person; empty where plain words were typed. */
  explanation: string;
  /** What was left out because it could not be understood. */
  problems: string[];
}

const MODALITIES = new Set(
  'AR ASMT AU BI BMD CR CT CTPROTOCOL DG DOC DX ECG EPS ES FID GM HC HD IO IOL IVOCT IVUS KER KO LEN LS MG MR M3D NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PLAN POS PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV SEG SM SMR SR SRF STAIN TEXTUREMAP TG US VA XA XAPROTOCOL XC'.split(
    ' ',
  ),
);

const TEXT_PREFIXES: Record<string, TextField> = {
  name: 'name',
  patient: 'name',
  id: 'id',
  acc: 'accession',
  accession: 'accession',
  desc: 'description',
  description: 'description',
  ref: 'referrer',
  referrer: 'referrer',
  issuer: 'issuer',
  body: 'bodyPart',
  uid: 'uid',
};
const DATE_PREFIXES: Record<string, DateField> = { date: 'date', born: 'born', received: 'received' };
const PREFIXES = new Set([
  ...Object.keys(TEXT_PREFIXES),
  ...Object.keys(DATE_PREFIXES),
  'mod',
  'modality',
  'sex',
  'is',
]);
const MARKS: Record<string, Mark> = {
  repaired: 'repaired',
  incomplete: 'incomplete',
  damaged: 'damaged',
  conflict: 'conflict',
  pinned: 'pinned',
  demo: 'demo',
};

/** What the help beside the field lists. */
export const SEARCH_HELP: readonly [string, string][] = [
  ['mül jör', 'words of the name, in any order and any script; accents and case do not matter'],
  ['CT, MR', 'modalities, in capitals; several mean any of them'],
  ['today, yesterday, 7d, 3w, 2m', 'study date'],
  ['2026, 2026-11, 24.11.2026, 2026-10..2026-11', 'study date, single or from..to'],
  ['"chest pain"', 'words exactly in this order'],
  ['name: id: acc: desc: body: ref: issuer: uid:', 'only in this field, for example id:4711'],
  ['mod:ct  born:1970  received:today  sex:f', 'modality, birth date, arrival, sex'],
  ['is:damaged  is:incomplete  is:conflict  is:repaired  is:pinned  is:demo', 'marks'],
];

const SEPARATORS = /[\s^=,.;]+/g;
const foldWords = (text: string): string => ` ${searchFold(text).replace(SEPARATORS, ' ').trim()}`;

/** How umlauts are written where a keyboard has none; empty where there are none. */
function spelledOut(text: string): string {
  const spelled = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äöüåøæ]/g, (letter) => ({ ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe', æ: 'ae' })[letter] ?? letter);
  return spelled === text.normalize('NFC').toLowerCase() ? '' : foldWords(spelled);
}

export function makeEntry(row: StudyRow): SearchEntry {
  const name = foldWords(row.patientName) + spelledOut(row.patientName);
  // Numbers also as they are written, dots included.
  const numbers = ` ${searchFold(row.patientId)} ${searchFold(row.accession)}`;
  const words = [
    row.patientId,
    row.accession,
    row.description,
    row.studyId,
    row.referrer,
    row.issuer,
    row.modalities.join(' '),
    row.bodyParts.join(' '),
  ];
  const any = name + foldWords(words.join(' ')) + spelledOut(row.description) + numbers;
  const starts = new Set(any.split(' ').map((word) => ` ${word.slice(0, 2)}`));
  return { row, line: plainLine(row), name, any, starts: [...starts].join('') };
}

export function parseSearch(text: string, now: Date): ParsedSearch {
  const parsed: ParsedSearch = { criteria: [], modalities: [], explanation: '', problems: [] };
  for (const match of text.matchAll(/(?:([A-Za-z]+):)?(?:"([^"]*)"?|([^\s"]+))/g)) {
    const [whole, prefix, phrase, word] = match;
    if (prefix !== undefined && readPrefixed(parsed, prefix.toLowerCase(), phrase ?? word ?? '', now)) continue;
    if (phrase !== undefined && prefix === undefined) addText(parsed, 'any', phrase, true);
    else readWord(parsed, whole, now);
  }
  parsed.explanation = explain(parsed);
  return parsed;
}

function addText(parsed: ParsedSearch, field: TextField | 'any', text: string, isPhrase: boolean): void {
  const folded = searchFold(text).trim();
  if (field !== 'any' && field !== 'name') {
    if (folded) parsed.criteria.push({ kind: 'text', field, text: folded, isPhrase: true });
  } else if (isPhrase) {
    const words = folded.replace(SEPARATORS, ' ').trim();
    if (words) parsed.criteria.push({ kind: 'text', field, text: words, isPhrase });
  } else
    for (const word of folded.split(SEPARATORS))
      if (word) parsed.criteria.push({ kind: 'text', field, text: word, isPhrase });
}

/** A word without prefix: a modality only where it is written as one ("us" may be the start of a name). */
function readWord(parsed: ParsedSearch, word: string, now: Date): void {
  const range = parseDate(word.toLowerCase(), now);
  // A prefix whose value is still to be typed narrows nothing.
  if (word.endsWith(':') && PREFIXES.has(word.slice(0, -1).toLowerCase())) return;
  if (range) {
    // Bare digits may as well be the start of a number.
    const isNumber = /^\d+$/.test(word);
    parsed.criteria.push({ kind: 'date', field: 'date', range, ...(isNumber && { orText: word }) });
    return;
  }
  const listed = word.split(/[,;]/).filter(Boolean);
  if (listed.length > 0 && listed.every((each) => MODALITIES.has(each))) parsed.modalities.push(...listed);
  else addText(parsed, 'any', word, false);
}

/** False: not one of our prefixes, so a text like any other. */
function readPrefixed(parsed: ParsedSearch, prefix: string, value: string, now: Date): boolean {
  const field = TEXT_PREFIXES[prefix];
  const dateField = DATE_PREFIXES[prefix];
  if (field) addText(parsed, field, value, false);
  else if (dateField) {
    const range = parseDate(value.toLowerCase(), now);
    if (range) parsed.criteria.push({ kind: 'date', field: dateField, range });
    else parsed.problems.push(`${prefix}:${value} is not a date`);
  } else if (prefix === 'mod' || prefix === 'modality')
    parsed.modalities.push(...value.toUpperCase().split(/[,|+]/).filter(Boolean));
  else if (prefix === 'sex') parsed.criteria.push({ kind: 'sex', sex: value.toUpperCase() });
  else if (prefix === 'is') {
    const mark = MARKS[value.toLowerCase()];
    if (mark) parsed.criteria.push({ kind: 'mark', mark });
    else parsed.problems.push(`is:${value} is none of ${Object.keys(MARKS).join(', ')}`);
  } else return false;
  return true;
}

const FIELD_WORDS: Record<TextField, string> = {
  name: 'name',
  id: 'patient ID',
  accession: 'accession number',
  description: 'description',
  referrer: 'referring physician',
  issuer: 'issuer of the ID',
  bodyPart: 'body part',
  uid: 'study UID',
};
const DATE_WORDS: Record<DateField, string> = { date: 'study date', born: 'born', received: 'received' };

function explain({ criteria, modalities }: ParsedSearch): string {
  const parts = criteria.map((criterion) => {
    switch (criterion.kind) {
      case 'text':
        if (criterion.field === 'any') return criterion.isPhrase ? `exactly “${criterion.text}”` : '';
        return `${FIELD_WORDS[criterion.field]} has “${criterion.text}”`;
      case 'date': {
        const date = `${DATE_WORDS[criterion.field]} ${describeRange(criterion.range)}`;
        return criterion.orText === undefined ? date : `${date}, or text “${criterion.orText}”`;
      }
      case 'sex':
        return `sex ${criterion.sex}`;
      case 'mark':
        return criterion.mark === 'conflict' ? 'with conflicts' : criterion.mark;
    }
  });
  if (modalities.length) parts.push(`modality ${modalities.join(' or ')}`);
  return parts.filter(Boolean).join('; ');
}

/** Where a word must stand: short ones at the start of a word, longer ones and those without letters' words anywhere. */
const isAnywhere = (term: string, isPhrase: boolean): boolean =>
  isPhrase || term.length >= 3 || term.charCodeAt(0) >= 0x2e80;

/** True where every study that fits `search` fits `before` too, so that what `before` found is all there is to look at. */
export function isNarrower(search: ParsedSearch, before: ParsedSearch): boolean {
  if (search.modalities.join() !== before.modalities.join()) return false;
  return before.criteria.every((old, index) => {
    const next = search.criteria[index];
    if (old.kind !== 'text' || next?.kind !== 'text' || next.field !== old.field) return false;
    if (next.text === old.text) return next.isPhrase || !old.isPhrase;
    // A short term stands for the start of a word, its longer form for any part of one.
    return isAnywhere(old.text, old.isPhrase) && next.text.includes(old.text);
  });
}

export function matchesSearch(entry: SearchEntry, search: ParsedSearch): boolean {
  const { row } = entry;
  for (const criterion of search.criteria) if (!meets(entry, criterion)) return false;
  return search.modalities.length === 0 || search.modalities.some((modality) => row.modalities.includes(modality));
}

function meets(entry: SearchEntry, criterion: Criterion): boolean {
  const { row } = entry;
  switch (criterion.kind) {
    case 'text':
      if (criterion.field === 'any')
        return isAnywhere(criterion.text, criterion.isPhrase)
          ? entry.any.includes(criterion.text)
          : entry.starts.includes(` ${criterion.text}`);
      if (criterion.field === 'name')
        return entry.name.includes(
          isAnywhere(criterion.text, criterion.isPhrase) ? criterion.text : ` ${criterion.text}`,
        );
      return searchFold(valueOf(row, criterion.field)).includes(criterion.text);
    case 'date':
      if (criterion.orText !== undefined && entry.any.includes(criterion.orText)) return true;
      return isWithin(dateOf(row, criterion.field), criterion.range);
    case 'sex':
      return row.sex.toUpperCase() === criterion.sex;
    case 'mark':
      return {
        repaired: row.repairedCount > 0,
        conflict: row.conflictCount > 0,
        incomplete: row.missingCount > 0,
        damaged: row.damagedCount > 0,
        pinned: row.isPinned,
        demo: row.isDemo,
      }[criterion.mark];
  }
}

function valueOf(row: StudyRow, field: Exclude<TextField, 'name'>): string {
  switch (field) {
    case 'id':
      return row.patientId;
    case 'uid':
      return row.studyUid;
    case 'bodyPart':
      return row.bodyParts.join(' ');
    case 'accession':
    case 'description':
    case 'referrer':
    case 'issuer':
      return row[field];
  }
}

function dateOf(row: StudyRow, field: DateField): string {
  if (field === 'received') return dayOf(new Date(row.receivedAt));
  return field === 'born' ? row.birthDate : row.studyDate;
}
