// From all studies to the lines of the table: sorted, searched, grouped; each step is done again only when its input
// changed, so that a keystroke costs the search alone.
import { useMemo, useRef } from 'react';
import type { StudyRow } from '#shared/contract/views.ts';
import type { BrowserState } from './browser-store.ts';
import { groupedLines, plainLines, type TableLine } from './grouping.logic.ts';
import { matchesSearch, parseSearch, type ParsedSearch } from './search.logic.ts';
import { SortedEntries } from './sort.logic.ts';

interface Lines {
  parsed: ParsedSearch;
  found: readonly StudyRow[];
  lines: readonly TableLine[];
}

export function useLines(studies: readonly StudyRow[], browser: BrowserState): Lines {
  const { text, sort, isGrouped, closedPatients } = browser;
  const entries = useRef<SortedEntries>(undefined);
  entries.current ??= new SortedEntries();
  const sorted = entries.current.update(studies, sort);
  const parsed = useMemo(() => parseSearch(text, new Date()), [text]);
  const found = useMemo(
    () => sorted.filter((entry) => matchesSearch(entry, parsed)).map((entry) => entry.row),
    [sorted, parsed],
  );
  const lines = useMemo(
    () =>
      isGrouped
        ? groupedLines(
            sorted.map((entry) => entry.row),
            found,
            closedPatients,
          )
        : plainLines(found),
    [sorted, found, isGrouped, closedPatients],
  );
  return { parsed, found, lines };
}
