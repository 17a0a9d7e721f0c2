// Date words as people type them, as ranges of days. Pure.

export interface DateRange {
  /** YYYYMMDD, both included. */
  from: string;
  to: string;
}

const pad = (value: number): string => String(value).padStart(2, '0');
/** A day of the local calendar as YYYYMMDD. */
export const dayOf = (date: Date): string => `${date.getFullYear()}${pad(date.getMonth() + 1)}${pad(date.getDate())}`;
const shifted = (now: Date, days: number): string =>
  dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days));

const OPEN_START = '00000000';
const OPEN_END = '99999999';

/**
 * A date word as a range: today, yesterday, 7d, 3w, 2m, 1y, 2024, 2024-05, 2024-05-17, 20240517, 17.5.2024; two of them
 * with `..` between, either left out; `>2024-05` and `<2024-05` (both included). Undefined: not a date.
 */
export function parseDate(word: string, now: Date): DateRange | undefined {
  const dots = word.indexOf('..');
  if (dots >= 0) {
    const [start, end] = [word.slice(0, dots), word.slice(dots + 2)];
    if (start === '' && end === '') return undefined;
    const from = start === '' ? { from: OPEN_START } : parseDate(start, now);
    const to = end === '' ? { to: OPEN_END } : parseDate(end, now);
    return from && to ? { from: from.from, to: to.to } : undefined;
  }
  if (/^[<>]=?/.test(word)) {
    const day = parseDate(word.replace(/^[<>]=?/, ''), now);
    if (!day) return undefined;
    return word.startsWith('<') ? { from: OPEN_START, to: day.to } : { from: day.from, to: OPEN_END };
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

const shown = (day: string): string => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;

/** The range in words; the last day of a month is written as the month. */
export function describeRange({ from, to }: DateRange): string {
  if (from === to) return shown(from);
  if (from.endsWith('0101') && to === `${from.slice(0, 4)}1231`) return `in ${from.slice(0, 4)}`;
  if (from.endsWith('01') && to === `${from.slice(0, 6)}31`) return `in ${shown(from).slice(0, 7)}`;
  if (from === OPEN_START) return `until ${shown(to)}`;
  if (to === OPEN_END) return `since ${shown(from)}`;
  return `${shown(from)} to ${shown(to)}`;
}

export const isWithin = (day: string, range: DateRange): boolean => day !== '' && day >= range.from && day <= range.to;
