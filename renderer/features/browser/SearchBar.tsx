// The search field with how it was understood, the quick filters and the saved searches. The text alone is what is
// searched: chips write their words into it.
import type { KeyboardEvent, RefObject } from 'react';
import { useStore } from 'zustand';
import { HelpButton } from '../../ui/HelpButton.tsx';
import type { BrowserStore } from './browser-store.ts';
import { DATE_CHIPS, hasWord, toggleDate, toggleWord } from './search-chips.logic.ts';
import { SEARCH_HELP, type ParsedSearch } from './search.logic.ts';
import { SavedSearches } from './SavedSearches.tsx';

interface SearchFieldProps {
  store: BrowserStore;
  field: RefObject<HTMLInputElement | null>;
  onEnter(): void;
  onLeaveDown(): void;
}

export function SearchField({ store, field, onEnter, onLeaveDown }: SearchFieldProps) {
  const { text, setText } = useStore(store);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') onEnter();
    else if (event.key === 'ArrowDown') onLeaveDown();
    else if (event.key === 'Escape' && text !== '') setText('');
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="search">
      <input
        ref={field}
        type="search"
        value={text}
        placeholder="Name, ID, accession, description, CT, today, 2026-11"
        aria-label="Search studies"
        aria-describedby="search-understood"
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
      />
      <HelpButton label="How to search" intro="Every word must fit; each one narrows the list." lines={SEARCH_HELP} />
    </div>
  );
}

interface FilterRowProps {
  store: BrowserStore;
  parsed: ParsedSearch;
  modalities: readonly string[];
  isShown: boolean;
  isNaming: boolean;
  onNamed(): void;
}

export function FilterRow({ store, parsed, modalities, isShown, isNaming, onNamed }: FilterRowProps) {
  const { text, setText } = useStore(store);
  return (
    <div className="filters">
      <div className="chips" role="group" aria-label="Study date">
        {DATE_CHIPS.map(({ word, label }) => (
          <button
            key={word}
            type="button"
            className="chip"
            aria-pressed={hasWord(text, word)}
            onClick={() => setText(toggleDate(text, word))}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="chips" role="group" aria-label="Modality">
        {modalities.map((modality) => (
          <button
            key={modality}
            type="button"
            className="chip"
            aria-pressed={hasWord(text, modality)}
            onClick={() => setText(toggleWord(text, modality))}
          >
            {modality}
          </button>
        ))}
      </div>
      <SavedSearches store={store} isShown={isShown} isNaming={isNaming} onNamed={onNamed} />
      <p id="search-understood" className="understood small" aria-live="polite">
        {parsed.problems.length > 0 && <span className="warning">Left out: {parsed.problems.join('; ')}. </span>}
        <span className="quiet">{parsed.explanation}</span>
      </p>
    </div>
  );
}
