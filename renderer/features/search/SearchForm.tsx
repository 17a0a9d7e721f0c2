// The one form of a search: what, where, and in words what will be asked.
import type { RefObject } from 'react';
import { useStore } from 'zustand';
import { HelpButton } from '../../ui/HelpButton.tsx';
import { isUnprotected, UNPROTECTED_WORDS } from '../nodes/index.ts';
import type { NodeView } from '#shared/contract/nodes.ts';
import {
  askedOf,
  NO_CRITERIA,
  nodesWords,
  WORKLIST_OF_TODAY,
  type Criteria,
  type SearchKind,
} from './criteria.logic.ts';
import type { SearchStore } from './search-store.ts';

interface SearchFormProps {
  store: SearchStore;
  /** Undefined until they are known. */
  nodes: readonly NodeView[] | undefined;
  /** Nodes that will be asked. */
  chosen: readonly string[];
  first: RefObject<HTMLInputElement | null>;
  /** Asks by the criteria, once the nodes are known. */
  onSearch(): void;
  onLeaveDown(): void;
  onSettings(): void;
}

const DATES = [
  ['today', 'Today'],
  ['yesterday', 'Yesterday'],
  ['7d', '7 days'],
  ['1m', '1 month'],
  ['1y', '1 year'],
] as const;
const MODALITIES = ['CT', 'MR', 'CR', 'DX', 'US', 'MG', 'PT', 'NM', 'XA', 'RF'];
const KINDS: readonly (readonly [SearchKind, string])[] = [
  ['studies', 'Studies'],
  ['worklist', 'Worklist'],
];

export function SearchForm({ store, nodes, chosen, first, onSearch, onLeaveDown, onSettings }: SearchFormProps) {
  const { criteria, setCriteria, replaceCriteria, toggleNode, isRunning, stop } = useStore(store);
  const asked = askedOf(criteria, new Date());
  const isWorklist = criteria.kind === 'worklist';
  const canSearch = asked.problem === undefined && (nodes === undefined || chosen.length > 0);
  const field = (key: Exclude<keyof Criteria, 'kind' | 'modalities'>, label: string, placeholder = '') => (
    <label className={`search-${key}`}>
      <span>{label}</span>
      <input
        ref={key === 'name' ? first : undefined}
        type="text"
        value={criteria[key]}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={key === 'date' && asked.problem !== undefined}
        onChange={(event) => setCriteria({ [key]: event.target.value })}
      />
    </label>
  );
  return (
    <form
      className="search-form"
      role="search"
      aria-label="Search the nodes"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSearch) onSearch();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown' || !(event.target instanceof HTMLInputElement)) return;
        event.preventDefault();
        onLeaveDown();
      }}
    >
      <div className="chips" role="group" aria-label="What to look for">
        {KINDS.map(([kind, label]) => (
          <button
            key={kind}
            type="button"
            className="chip"
            aria-pressed={criteria.kind === kind}
            onClick={() => {
              if (criteria.kind !== kind) replaceCriteria(kind === 'worklist' ? WORKLIST_OF_TODAY : NO_CRITERIA);
            }}
          >
            {label}
          </button>
        ))}
      </div>
      <div className="search-fields">
        {field('name', 'Name', 'Müller Jörg')}
        {field('patientId', 'Patient ID')}
        {!isWorklist && field('issuer', 'Issuer of ID')}
        {field('accession', 'Accession')}
        {field('date', isWorklist ? 'Planned' : 'Study date', 'today, 7d, 2026-11')}
        {isWorklist ? field('station', 'Station AE title') : field('description', 'Description')}
        <span className="row search-buttons">
          <button type="submit" className="primary" disabled={!canSearch}>
            Search
          </button>
          {isRunning && (
            <button type="button" onClick={stop}>
              Stop
            </button>
          )}
          <button
            type="button"
            className="plain"
            onClick={() => replaceCriteria({ ...NO_CRITERIA, kind: criteria.kind })}
          >
            Clear
          </button>
          <HelpButton
            label="Wildcards and dates"
            intro="Whether capitals and accents count is decided by each node."
            lines={HELP}
          />
        </span>
      </div>
      <div className="search-chips">
        <div className="chips" role="group" aria-label="Date">
          {DATES.map(([word, label]) => (
            <button
              key={word}
              type="button"
              className="chip"
              aria-pressed={criteria.date === word}
              onClick={() => setCriteria({ date: criteria.date === word ? '' : word })}
            >
              {label}
            </button>
          ))}
        </div>
        <div className="chips" role="group" aria-label="Modality">
          {MODALITIES.map((modality) => {
            const isOn = criteria.modalities.includes(modality);
            const others = criteria.modalities.filter((each) => each !== modality);
            return (
              <button
                key={modality}
                type="button"
                className="chip"
                aria-pressed={isOn}
                onClick={() => setCriteria({ modalities: isOn ? others : [...others, modality] })}
              >
                {modality}
              </button>
            );
          })}
        </div>
        <div className="chips bounded" role="group" aria-label="Nodes to ask">
          {nodes?.map(({ settings }) => {
            const cannot = isWorklist && settings.kind !== 'dimse';
            return (
              <button
                key={settings.name}
                type="button"
                className="chip node-chip"
                disabled={cannot}
                aria-pressed={chosen.includes(settings.name)}
                title={
                  cannot ? 'A DICOMweb node has no worklist.' : isUnprotected(settings) ? UNPROTECTED_WORDS : undefined
                }
                onClick={() => toggleNode(settings.name)}
              >
                {settings.name}
                {isUnprotected(settings) && <span className="warning"> not protected</span>}
              </button>
            );
          })}
          <button type="button" className="chip" onClick={onSettings}>
            Set up nodes
          </button>
        </div>
      </div>
      <p className={`small ${asked.problem === undefined ? 'quiet' : 'dangerous'}`} id="search-asked">
        {asked.problem ?? (nodes && askedText(asked, chosen, nodes.length))}
      </p>
    </form>
  );
}

function askedText(
  { isUnlimited, words }: ReturnType<typeof askedOf>,
  chosen: readonly string[],
  count: number,
): string {
  if (chosen.length === 0) return 'No node is chosen.';
  const who = `Asks ${nodesWords(chosen, count)}`;
  return isUnlimited ? `${who} for everything: long lists will be cut.` : `${who}: ${words.join('; ')}`;
}

const HELP: readonly (readonly [string, string])[] = [
  ['müll jör', 'asked as müll*jör*: names that begin with the first and go on with the second'],
  ['山田太郎', 'asked as *山*田*太*郎*: these characters in their order, anywhere in the name'],
  ['Müller^Jörg', 'exactly this name; ^ stands between family and given name'],
  ['*', 'any text; M*r finds Müller and Meier'],
  ['?', 'any one character; M?ller'],
  ['P-47*', 'wildcards work in ID, accession and description too; without one the whole value must fit'],
  ['CT and MR pressed', 'asked one after the other: a node cannot be asked for several at once'],
  ['today, 7d, 3w, 2m, 1y', 'dates; also 2026, 2026-11, 24.11.2026, 2026-10..2026-11, >2025'],
];
