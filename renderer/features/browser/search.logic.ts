// Understands what people type to find a study: names in any order and component group, numbers, words of the
// description, modalities, dates in many forms. Pure.
import { searchFold } from '#shared/dicom/person-name.ts';
import type { StudyRow } from '#shared/contract/views.ts';

/** A study with its texts folded once, so that a keystroke costs string searches only. */
export interface SearchEntry {
  row: StudyRow;
  /** All searchable text, folded, words separated by spaces; starts with a space. */
  text: string;
}

export interface DateRange {
  /** YYYYMMDD, both included. */
  from: string;
  to: string;
}

export interface ParsedSearch {
  /** Folded terms, each of which must be the start of a word. */
  terms: string[];
  /** Folded phrases that must occur as they are. */
  phrases: string[];
  modalities: string[];
  dates: DateRange[];
  /** How it was understood, for the person. */
  explanation: string;
}

const MODALITIES = new Set(
  'AR ASMT AU BI BMD CR CT CTPROTOCOL DG DOC DX ECG EPS ES FID GM HC HD IO IOL IVOCT IVUS KER KO LEN LS MG MR M3D NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PLAN POS PR PT PX REG RESP RF RG RTDOSE RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV SEG SM SMR SR SRF STAIN TEXTUREMAP TG US VA XA XAPROTOCOL XC'.split(
    ' ',
  ),
);

export function makeEntry(row: StudyRow): SearchEntry {
  const text = [
    row.patientName,
    row.patientId,
    row.accession,
    row.description,
    row.studyId,
    row.referrer,
    row.modalities.join(' '),
    row.issuer,
  ].join(' ');
  return {
    row,
    text: ` ${searchFold(text).replace(/[\s^=,.;]+/g, ' ')} ${searchFold(row.patientId)} ${searchFold(row.accession)}`,
  };
}

const pad = (value: number): string => String(value).padStart(2, '0');
const dayOf = (date: Date): string => `${date.getFullYear()}${pad(date.getMonth() + 1)}${pad(date.getDate())}`;
const shifted = (now: Date, days: number): string =>
  dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days));

/** A date word as a range: today, yesterday, 7d, 2024, 2024-05, 2024-05-17, 17.5.2024, and two of them with `..` between. */
export function parseDate(word: string, now: Date): DateRange | undefined {
  const dots = word.indexOf('..');
  if (dots >= 0) {
    const from = word.slice(0, dots) === '' ? { from: '00000000', to: '' } : parseDate(word.slice(0, dots), now);
    const to = word.slice(dots + 2) === '' ? { from: '', to: '99999999' } : parseDate(word.slice(dots + 2), now);
    return from && to ? { from: from.from, to: to.to } : undefined;
  }
  if (word === 'today') return { from: dayOf(now), to: dayOf(now) };
  if (word === 'yesterday') return { from: shifted(now, -1), to: shifted(now, -1) };
  const ago = /^(\d{1,4})([dwmy])$/.exec(word);
  if (ago) {
    const days = Number(ago[1]) * { d: 1, w: 7, m: 31, y: 366 }[ago[2] as 'd' | 'w' | 'm' | 'y'];
    return { from: shifted(now, -days), to: dayOf(now) };
  }
  const iso = /^((?:19|20)\d{2})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(word);
  if (iso) return rangeOf(iso[1] ?? '', iso[2], iso[3]);
  const plain = /^((?:19|20)\d{2})(\d{2})(\d{2})$/.exec(word);
  if (plain) return rangeOf(plain[1] ?? '', plain[2], plain[3]);
  const local = /^(\d{1,2})\.(\d{1,2})\.((?:19|20)\d{2})$/.exec(word);
  return local ? rangeOf(local[3] ?? '', local[2], local[1]) : undefined;
}

function rangeOf(year: string, month: string | undefined, day: string | undefined): DateRange | undefined {
  if (month === undefined) return { from: `${year}0101`, to: `${year}1231` };
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  const start = `${year}${pad(Number(month))}`;
  if (day === undefined) return { from: `${start}01`, to: `${start}31` };
  if (Number(day) < 1 || Number(day) > 31) return undefined;
  return { from: `${start}${pad(Number(day))}`, to: `${start}${pad(Number(day))}` };
}

export function parseSearch(text: string, now: Date): ParsedSearch {
  const parsed: ParsedSearch = { terms: [], phrases: [], modalities: [], dates: [], explanation: '' };
  for (const match of text.matchAll(/"([^"]*)"?|(\S+)/g)) {
    const phrase = match[1];
    const word = match[2] ?? '';
    if (phrase !== undefined) {
      if (phrase.trim()) parsed.phrases.push(searchFold(phrase.trim()).replace(/[\s^=,.;]+/g, ' '));
      continue;
    }
    const date = parseDate(word.toLowerCase(), now);
    if (date) parsed.dates.push(date);
    // A modality only where it is written as one: "us" may be the start of a name.
    else if (MODALITIES.has(word)) parsed.modalities.push(word);
    else
      parsed.terms.push(
        ...searchFold(word)
          .split(/[\s^=,.;]+/)
          .filter(Boolean),
      );
  }
  const shown = (day: string): string => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  parsed.explanation = [
    ...parsed.dates.map(({ from, to }) => (from === to ? `on ${shown(from)}` : `${shown(from)} to ${shown(to)}`)),
    ...parsed.modalities.map((modality) => `modality ${modality}`),
  ].join(', ');
  return parsed;
}

export function matchesSearch({ row, text }: SearchEntry, search: ParsedSearch): boolean {
  for (const term of search.terms)
    if (!text.includes(` ${term}`) && !(term.length >= 3 && text.includes(term))) return false;
  for (const phrase of search.phrases) if (!text.includes(phrase)) return false;
  if (search.modalities.length && !search.modalities.some((modality) => row.modalities.includes(modality)))
    return false;
  return search.dates.every(({ from, to }) => row.studyDate !== '' && row.studyDate >= from && row.studyDate <= to);
}

export type SortKey =
  | 'patientName'
  | 'patientId'
  | 'birthDate'
  | 'studyDate'
  | 'modalities'
  | 'description'
  | 'accession'
  | 'instanceCount'
  | 'sizeBytes'
  | 'receivedAt';
export interface Sort {
  key: SortKey;
  isDescending: boolean;
}

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

export function compareRows(a: StudyRow, b: StudyRow, { key, isDescending }: Sort): number {
  const sign = isDescending ? -1 : 1;
  if (key === 'studyDate') {
    const [left, right] = [a.studyDate + a.studyTime, b.studyDate + b.studyTime];
    return left === right ? 0 : left < right ? -sign : sign;
  }
  const [left, right] = key === 'modalities' ? [a.modalities.join(' '), b.modalities.join(' ')] : [a[key], b[key]];
  if (typeof left === 'number' && typeof right === 'number') return sign * (left - right);
  return sign * collator.compare(String(left), String(right));
}
