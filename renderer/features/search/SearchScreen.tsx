// The search place: form on top, how far each node is, results, jobs at the foot. Puts the parts together and gives commands what
// they act on.
import { ArrowLeft, Settings, Star } from 'lucide-react';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { network } from '../../backend-client/network.ts';
import { Menu } from '../../ui/Menu.tsx';
import type { Urgency } from '#shared/contract/network.ts';
import { awayWords, type ArchiveStore } from '../archive/index.ts';
import { NOTHING } from '../../ui/selection.logic.ts';
import { useCommandKeys } from '../../ui/use-command-keys.ts';
import { JobsFoot } from '../jobs/index.ts';
import { NetworkMark, networkStore } from '../nodes/index.ts';
import { NO_CRITERIA } from './criteria.logic.ts';
import { bestNodeOf, localStateOf, retrievalsOf, retrievalTitle, type LocalState } from './local-state.logic.ts';
import { NodeStrip } from './NodeStrip.tsx';
import { FIRST_SORT, sortRows, STEP_COLUMNS, STUDY_COLUMNS, type ResultSort } from './result-columns.ts';
import { ResultTable } from './ResultTable.tsx';
import { SavedQueries } from './SavedQueries.tsx';
import { SEARCH_COMMANDS, type SearchContext } from './search-commands.ts';
import { createSearchStore, type FoundRow } from './search-store.ts';
import { SearchForm } from './SearchForm.tsx';

/** A patient whose studies are to be looked for. */
export interface WantedPatient {
  patientId: string;
  issuer: string;
}

interface SearchScreenProps {
  store: ArchiveStore;
  isShown: boolean;
  /** Set from outside: asked for at once. */
  wanted: WantedPatient | undefined;
  onOpen(studyUid: string): void;
  onSettings(): void;
  onClose(): void;
}

const searchStore = createSearchStore();
const LOCAL_RANK: Record<LocalState['kind'], number> = { coming: 0, partial: 1, absent: 2, here: 3 };

export function SearchScreen({ store, isShown, wanted, onOpen, onSettings, onClose }: SearchScreenProps) {
  const { studies, jobs, notice, isLineUp, isOtherStart } = useSyncExternalStore(store.subscribe, store.state);
  const search = useStore(searchStore);
  const { nodes, failure, reload } = useStore(networkStore);
  const [selection, setSelection] = useState(NOTHING);
  const [sorts, setSorts] = useState<Record<'studies' | 'worklist', ResultSort>>(FIRST_SORT);
  const [menuAt, setMenuAt] = useState<{ x: number; y: number }>();
  const [isNaming, setNaming] = useState(false);
  /** A search was wanted that waits for its criteria to stand, and for the nodes to be known. */
  const [isWaiting, setWaiting] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const table = useRef<HTMLDivElement>(null);

  const chosen = useMemo(
    () =>
      (nodes ?? [])
        .filter(({ settings }) => search.criteria.kind === 'studies' || settings.kind === 'dimse')
        .map(({ settings }) => settings.name)
        .filter((name) => !search.left.includes(name)),
    [nodes, search.left, search.criteria.kind],
  );
  useEffect(() => {
    if (!isShown) return;
    void reload();
    // Who comes back from a study goes on in the list.
    (searchStore.getState().rows.length > 0 ? table : first).current?.focus();
  }, [isShown, reload]);
  const ask = (criteria = searchStore.getState().criteria): void => {
    search.replaceCriteria(criteria);
    setWaiting(true);
  };
  useEffect(() => {
    if (!isWaiting || nodes === undefined) return;
    setWaiting(false);
    if (chosen.length > 0) searchStore.getState().search(chosen);
  }, [isWaiting, nodes, chosen]);
  useEffect(() => {
    if (!wanted) return;
    searchStore.getState().replaceCriteria({ ...NO_CRITERIA, ...wanted });
    setWaiting(true);
  }, [wanted]);

  const here = useMemo(() => new Map(studies.map((row) => [row.studyUid, row])), [studies]);
  const coming = useMemo(() => retrievalsOf(jobs), [jobs]);
  const stateOf = (row: FoundRow): LocalState | undefined =>
    row.kind === 'study' ? localStateOf(row, here, coming) : undefined;
  const kind = search.asked?.criteria.kind ?? search.criteria.kind;
  const columns = kind === 'worklist' ? STEP_COLUMNS : STUDY_COLUMNS;
  const sort = sorts[kind];
  const rows = sortRows(search.rows, columns, sort, (row) => LOCAL_RANK[stateOf(row)?.kind ?? 'absent']);
  const selected = rows.filter(({ id }) => selection.selected.has(id));
  const focused = rows.find(({ id }) => id === selection.focus);

  const retrieve = (found: readonly FoundRow[], urgency: Urgency): void =>
    void store.attempt(async () => {
      for (const row of found) {
        if (row.kind !== 'study') continue;
        const state = localStateOf(row, here, coming);
        const node = bestNodeOf(row);
        if (state.kind === 'here' || state.kind === 'coming' || node === undefined) continue;
        const patientId = row.at.find((each) => each.node === node)?.patientId;
        await network.retrieve({
          node,
          studyUid: row.studyUid,
          ...(patientId && { patientId }),
          title: retrievalTitle(row),
          urgency,
        });
      }
    });
  const open = (row: FoundRow | undefined): void => {
    if (row?.kind !== 'study') return;
    retrieve([row], 'visible');
    onOpen(row.studyUid);
  };
  const showPatient = ({ patientId, issuer }: FoundRow): void => {
    ask({ ...NO_CRITERIA, patientId, issuer });
    table.current?.focus();
  };
  const context: SearchContext = {
    selected:
      focused && selected.includes(focused) ? [focused, ...selected.filter((row) => row !== focused)] : selected,
    canSave: JSON.stringify(search.criteria) !== JSON.stringify(NO_CRITERIA),
    isRunning: search.isRunning,
    enter: () => {
      if (focused?.kind === 'step') return showPatient(focused);
      if (selected.length === 1 && focused && stateOf(focused)?.kind === 'here') return open(focused);
      retrieve(selected, 'study');
    },
    retrieve: () => context.enter(),
    open: () => open(focused ?? selected[0]),
    showPatient,
    copyUid: ({ studyUid }) => void navigator.clipboard.writeText(studyUid),
    focusForm: () => {
      first.current?.focus();
      first.current?.select();
    },
    save: () => setNaming(true),
    stop: search.stop,
    showSettings: onSettings,
    leave: onClose,
  };
  useCommandKeys(SEARCH_COMMANDS, isShown, context);
  const selectFirst = (): void => {
    const [row] = rows;
    if (row && selection.focus === undefined)
      setSelection({ focus: row.id, anchor: row.id, selected: new Set([row.id]) });
    table.current?.focus();
  };
  return (
    <main className="browser search-place" aria-label="Search at other systems">
      <header className="browser-head">
        <button type="button" className="plain" title="Back to the studies (Escape)" onClick={onClose}>
          <ArrowLeft size={16} aria-hidden="true" /> Studies
        </button>
        <h1>Search</h1>
        <span className="count quiet" aria-live="polite">
          {search.asked && `${rows.length} ${kind === 'worklist' ? 'steps' : rows.length === 1 ? 'study' : 'studies'}`}
          {selected.length > 1 && `, ${selected.length} selected`}
          {search.isRunning && ', asking'}
        </span>
        <NetworkMark onSettings={onSettings} />
        <button
          type="button"
          className="plain"
          aria-label="Save this search"
          title="Save this search (Ctrl+S)"
          disabled={!context.canSave}
          onClick={context.save}
        >
          <Star size={16} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="plain"
          aria-label="Set up nodes"
          title="Set up nodes (Ctrl+,)"
          onClick={onSettings}
        >
          <Settings size={16} aria-hidden="true" />
        </button>
      </header>
      <div>
        {(notice !== undefined || !isLineUp || failure !== undefined) && (
          <div className="banner dangerous" role="alert">
            {isLineUp
              ? (notice ?? failure)
              : `${awayWords({ isOtherStart })} Nothing can be searched ${isOtherStart ? 'from here' : 'until it is back'}.`}
            {notice !== undefined && (
              <button type="button" onClick={store.dismissNotice}>
                Close
              </button>
            )}
          </div>
        )}
      </div>
      <div>
        <SearchForm
          store={searchStore}
          nodes={nodes}
          chosen={chosen}
          first={first}
          onSearch={ask}
          onLeaveDown={selectFirst}
          onSettings={onSettings}
        />
        <SavedQueries store={searchStore} onSearch={ask} isNaming={isNaming} onNamed={() => setNaming(false)} />
        <NodeStrip store={searchStore} />
      </div>
      <div className="table-place">
        <ResultTable
          table={table}
          rows={rows}
          columns={columns}
          sort={sort}
          selection={selection}
          issuer={search.asked?.criteria.issuer ?? ''}
          localStateOf={stateOf}
          onSort={(next) => setSorts((before) => ({ ...before, [kind]: next }))}
          onSelect={setSelection}
          onEnter={context.enter}
          onOpen={() => (focused?.kind === 'step' ? showPatient(focused) : open(focused))}
          onMenu={setMenuAt}
        />
        {rows.length === 0 && <EmptyNote hasNodes={nodes === undefined || nodes.length > 0} onSettings={onSettings} />}
      </div>
      <JobsFoot store={store} />
      {menuAt && (
        <Menu
          label={selected.length > 1 ? `${selected.length} rows` : 'Row'}
          at={menuAt}
          onClose={() => setMenuAt(undefined)}
          items={SEARCH_COMMANDS.filter(({ isOnRows }) => isOnRows).map((command) => ({
            id: command.id,
            label: command.label,
            ...(command.keys[0] !== undefined && { keys: command.keys[0] }),
            isDisabled: !command.isEnabled(context),
            run: () => command.run(context),
          }))}
        />
      )}
    </main>
  );
}

function EmptyNote({ hasNodes, onSettings }: { hasNodes: boolean; onSettings(): void }) {
  const { asked, isRunning, progress } = useStore(searchStore);
  if (!hasNodes)
    return (
      <p className="table-note">
        No node is set up yet: Lectern does not know where to look.{' '}
        <button type="button" className="primary" onClick={onSettings}>
          Set up a node
        </button>
      </p>
    );
  if (!asked) return <p className="table-note quiet">Fill in what is known and press Enter.</p>;
  if (isRunning) return <p className="table-note quiet">Asking</p>;
  const hasFailed = progress.some(({ state }) => state !== 'done');
  return (
    <p className="table-note quiet">
      {hasFailed ? 'No match came, but not every node has answered: see above.' : 'Nothing there fits this search.'}
    </p>
  );
}
