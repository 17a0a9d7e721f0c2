// From all studies to the lines of the table: sorted, searched, grouped; each step is done again only when its input
// changed, so that a keystroke costs the search alone, and that only among what the letters before it found.
import { useMemo, useRef } from 'react';
import type { StudyRow } from '#shared/contract/views.ts';
import type { BrowserState } from './browser-store.ts';
import { groupedLines, type TableLine } from './grouping.logic.ts';
import { isNarrower, matchesSearch, parseSearch, type ParsedSearch, type SearchEntry } from './search.logic.ts';
import { SortedEntries } from './sort.logic.ts';

interface Lines {
  parsed: ParsedSearch;
  found: readonly SearchEntry[];
  lines: readonly TableLine[];
}

interface Found {
  sorted: readonly SearchEntry[];
  parsed: ParsedSearch;
  entries: readonly SearchEntry[];
}

export function useLines(studies: readonly StudyRow[], browser: BrowserState): Lines {
  const { text, sort, isGrouped, closedPatients } = browser;
  const order = useRef<SortedEntries>(undefined);
  order.current ??= new SortedEntries();
  const last = useRef<Found>(undefined);
  const sorted = order.current.update(studies, sort);
  const parsed = useMemo(() => parseSearch(text, new Date()), [text]);
  const found = useMemo(() => {
    const before = last.current;
    const among = before?.sorted === sorted && isNarrower(parsed, before.parsed) ? before.entries : sorted;
    const isAll = parsed.criteria.length === 0 && parsed.modalities.length === 0;
    const entries = isAll ? sorted : among.filter((entry) => matchesSearch(entry, parsed));
    last.current = { sorted, parsed, entries };
    return entries;
  }, [sorted, parsed]);
  const lines = useMemo(() => {
    if (!isGrouped) return found.map((entry) => entry.line);
    const rows = (entries: readonly SearchEntry[]): StudyRow[] => entries.map((entry) => entry.row);
    return groupedLines(rows(sorted), rows(found), closedPatients);
  }, [sorted, found, isGrouped, closedPatients]);
  return { parsed, found, lines };
}
