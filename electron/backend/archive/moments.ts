// Times and moments as intervals that can be compared (PS3.5 6.2 TM, DT): what a value leaves open, it spans.

/** Microseconds, first and last that the value stands for; `offsetUs` is its stated distance from UTC. */
export interface Moment {
  first: number;
  last: number;
  offsetUs: number | undefined;
}

const MOMENT = String.raw`\d{4,14}(?:\.\d{1,6})?(?:[+-]\d{4})?`;
const SINGLE_MOMENT = new RegExp(`^${MOMENT}$`);
const MOMENT_RANGE = new RegExp(`^(${MOMENT})?-(${MOMENT})?$`);
const FIRST = '00000101000000';
const LAST = '99991231235959';

/** A DT value, or a TM one as a moment of some day; undefined when it is neither. */
export function momentOf(text: string, vr: 'TM' | 'DT'): Moment | undefined {
  const pattern = vr === 'TM' ? /^(\d{2,6})(?:\.(\d{1,6}))?()$/ : /^(\d{4,14})(?:\.(\d{1,6}))?([+-]\d{4})?$/;
  const [, digits, fraction = '', offset] = pattern.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const whole = vr === 'TM' ? `20000101${digits}` : digits;
  const isExact = whole.length === 14;
  const at = (rest: string, fill: string): number => {
    const full = whole + rest.slice(whole.length);
    const [year, month, day, hour, minute, second] = [
      [0, 4],
      [4, 6],
      [6, 8],
      [8, 10],
      [10, 12],
      [12, 14],
    ].map(([from, to]) => Number(full.slice(from, to))) as [number, number, number, number, number, number];
    const micros = Number((isExact ? fraction : '').padEnd(6, fill));
    return Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + micros;
  };
  const minutes = offset ? Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3)) : 0;
  return {
    first: at(FIRST, '0'),
    last: at(LAST, '9'),
    offsetUs: offset ? (offset.startsWith('-') ? -minutes : minutes) * 60_000_000 : undefined,
  };
}

/** Ends of a range key; undefined when it is a single value. A minus before four last digits is an offset from UTC
 * wherever the whole reads as one moment (PS3.4 C.2.2.2.5.3). */
export function rangeOf(key: string, vr: 'DA' | 'TM' | 'DT'): [from: string, to: string] | undefined {
  if (vr === 'DT') {
    if (SINGLE_MOMENT.test(key)) return undefined;
    const [matched, from = '', to = ''] = MOMENT_RANGE.exec(key) ?? [];
    return matched === undefined ? undefined : [from, to];
  }
  const dash = key.indexOf('-');
  return dash < 0 ? undefined : [key.slice(0, dash), key.slice(dash + 1)];
}

/** Whether a stored time lies in the key, a single value or a range. Offsets count where both sides state one. */
export function isWithin(stored: Moment, key: string, vr: 'TM' | 'DT'): boolean {
  const range = rangeOf(key, vr);
  const [from, to] = (range ?? [key, key]).map((end) => (end === '' ? undefined : momentOf(end, vr)));
  const [isOpenStart, isOpenEnd] = [range?.[0] === '', range?.[1] === ''];
  if ((!from && !isOpenStart) || (!to && !isOpenEnd)) return false;
  const shift = (end: Moment): number =>
    stored.offsetUs === undefined || end.offsetUs === undefined ? 0 : end.offsetUs - stored.offsetUs;
  if (from && stored.first + shift(from) < from.first) return false;
  const compared = range ? stored.first : stored.last;
  return !to || compared + shift(to) <= to.last;
}

const MONTH = '(?:0[1-9]|1[0-2])';
const DAY = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const HOUR = String.raw`(?:[01]\d|2[0-3])`;
const MINUTE = String.raw`[0-5]\d`;
/** 60 is a leap second. */
const SECOND = String.raw`(?:[0-5]\d|60)(?:\.\d{1,6})?`;
/** Single values (PS3.5 6.2); clients ask for times by the old form too (10:15:00). */
const SINGLE = {
  DA: String.raw`\d{4}${MONTH}${DAY}`,
  TM: `${HOUR}(?::?${MINUTE}(?::?${SECOND})?)?`,
  DT: String.raw`\d{4}(?:${MONTH}(?:${DAY}(?:${HOUR}(?:${MINUTE}(?:${SECOND})?)?)?)?)?(?:[+-]\d{4})?`,
};
const keyForm = (single: string): RegExp => new RegExp(`^(?:${single}|(?:${single})?-${single}|${single}-)$`);
const KEY_FORMS = { DA: keyForm(SINGLE.DA), TM: keyForm(SINGLE.TM), DT: keyForm(SINGLE.DT) };

/** Whether a key is a single value or a range (PS3.4 C.2.2.2.5), and so can match something. Days are not held against their month:
 * ranges are asked for to the 31st of any. */
export const isTimeKey = (key: string, vr: 'DA' | 'TM' | 'DT'): boolean => KEY_FORMS[vr].test(key);

/** Whether a key, a single value or a range as `isTimeKey` has it, is a range that ends before it begins, in which nothing can lie. Where
 * one end alone states its offset from UTC that is not known. */
export function isBackwards(key: string, vr: 'DA' | 'TM' | 'DT'): boolean {
  const [from = '', to = ''] = rangeOf(key, vr) ?? [];
  if (from === '' || to === '') return false;
  if (vr === 'DA') return from > to;
  const [start, end] = [from, to].map((each) => momentOf(each.replaceAll(':', ''), vr));
  if (!start || !end || (start.offsetUs === undefined) !== (end.offsetUs === undefined)) return false;
  return start.first - (start.offsetUs ?? 0) > end.last - (end.offsetUs ?? 0);
}
