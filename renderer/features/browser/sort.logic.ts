// Sorts studies by up to three columns and keeps the sorted list true while studies come and go, without sorting it all
// again. Pure.
import type { StudyRow } from '#shared/contract/views.ts';
import { columnOf, type ColumnKey } from './columns.ts';
import { makeEntry, type SearchEntry } from './search.logic.ts';

export interface SortTerm {
  key: ColumnKey;
  isDescending: boolean;
}
export const FIRST_SORT: readonly SortTerm[] = [{ key: 'studyDate', isDescending: true }];
const MOST_TERMS = 3;

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });
const isPlain = /^[\d.:-]*$/;

function compareValues(left: string | number, right: string | number): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const [a, b] = [String(left), String(right)];
  // Dates of one length need no collation.
  if (a.length === b.length && isPlain.test(a) && isPlain.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  return collator.compare(a, b);
}

/** Unknown values come last whichever way the column is sorted; equal studies keep the order of their UIDs. */
export function compareRows(a: StudyRow, b: StudyRow, sort: readonly SortTerm[]): number {
  for (const { key, isDescending } of sort) {
    const { sortValue } = columnOf(key);
    const [left, right] = [sortValue(a), sortValue(b)];
    if (left === undefined || left === '' || right === undefined || right === '') {
      const order = Number(left === undefined || left === '') - Number(right === undefined || right === '');
      if (order !== 0) return order;
      continue;
    }
    const order = compareValues(left, right);
    if (order !== 0) return isDescending ? -order : order;
  }
  return a.studyUid < b.studyUid ? -1 : a.studyUid > b.studyUid ? 1 : 0;
}

/** The order after a click on a column's head; `add`: keep the terms before it. */
export function nextSort(sort: readonly SortTerm[], key: ColumnKey, add: boolean): SortTerm[] {
  const known = sort.find((term) => term.key === key);
  const term = { key, isDescending: known ? !known.isDescending : columnOf(key).isNewestFirst === true };
  if (!add) return [term];
  if (known) return sort.map((each) => (each.key === key ? term : each));
  return [...sort, term].slice(-MOST_TERMS);
}

/** Entries of all studies in the order asked for. */
export class SortedEntries {
  #known = new Map<string, SearchEntry>();
  #sorted: readonly SearchEntry[] = [];
  #studies: readonly StudyRow[] | undefined;
  #sort: readonly SortTerm[] = [];

  /** The same array as before where nothing changed. */
  update(studies: readonly StudyRow[], sort: readonly SortTerm[]): readonly SearchEntry[] {
    if (studies === this.#studies && sort === this.#sort) return this.#sorted;
    const compare = (a: SearchEntry, b: SearchEntry): number => compareRows(a.row, b.row, sort);
    const next = new Map<string, SearchEntry>();
    const fresh: SearchEntry[] = [];
    for (const row of studies) {
      const known = this.#known.get(row.studyUid);
      const entry = known?.row === row ? known : makeEntry(row);
      if (entry !== known) fresh.push(entry);
      next.set(row.studyUid, entry);
    }
    const isSameOrder = sort === this.#sort;
    const kept = this.#sorted.filter((entry) => next.get(entry.row.studyUid) === entry);
    this.#sorted = isSameOrder ? merged(kept, fresh.sort(compare), compare) : [...next.values()].sort(compare);
    this.#known = next;
    this.#studies = studies;
    this.#sort = sort;
    return this.#sorted;
  }
}

function merged<T>(left: readonly T[], right: readonly T[], compare: (a: T, b: T) => number): T[] {
  if (!right.length) return [...left];
  const all: T[] = [];
  let at = 0;
  for (const item of right) {
    for (let other = left[at]; other !== undefined && compare(other, item) <= 0; other = left[++at]) all.push(other);
    all.push(item);
  }
  for (; at < left.length; at++) all.push(left[at] as T);
  return all;
}
