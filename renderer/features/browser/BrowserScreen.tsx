// The browser's screen: search on top, table, series strip, jobs at the foot. Puts the parts together and gives commands
// what they act on.
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { backend } from '../../backend-client/client.ts';
import { Menu } from '../../ui/Menu.tsx';
import { NOTHING, selectOnly } from '../../ui/selection.logic.ts';
import { useCommandKeys } from '../../ui/use-command-keys.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { JobsFoot } from '../jobs/index.ts';
import { TransferPanel, type Transfer } from '../nodes/index.ts';
import { network } from '../../backend-client/network.ts';
import { BrowserHead } from './BrowserHead.tsx';
import { createBrowserStore } from './browser-store.ts';
import { ColumnPanel } from './ColumnPanel.tsx';
import { COMMANDS, menuLabel, type BrowserContext } from './commands.ts';
import { ConflictsPanel } from './ConflictsPanel.tsx';
import { lineId } from './grouping.logic.ts';
import { useImporter } from './ImportArea.tsx';
import { Notices } from './Notices.tsx';
import { RemoveDialog } from './RemoveDialog.tsx';
import { commonModalities } from './search-chips.logic.ts';
import { exportStudies } from './export-studies.ts';
import { FilterRow } from './SearchBar.tsx';
import { seriesTitle } from './series-words.ts';
import { SeriesStrip } from './SeriesStrip.tsx';
import { StartPage } from './StartPage.tsx';
import { StudyTable } from './StudyTable.tsx';
import { useLines } from './use-lines.ts';

interface BrowserScreenProps {
  store: ArchiveStore;
  isShown: boolean;
  /** The study opened last, for going back to it. */
  lastOpened: string | undefined;
  onOpen(studyUid: string, seriesUid?: string): void;
  onSettings(): void;
  /** To the search place, looking for a patient where one is given. */
  onSearch(patient?: { patientId: string; issuer: string }): void;
}

const MODALITY_CHIPS = 10;
/** Of a job; no more than the list shows, and no name. */
const titleOf = (row: StudyRow | undefined): string =>
  [row?.modalities.join(' '), row?.description, row?.studyDate].filter(Boolean).join(', ') || (row?.studyUid ?? '');
const browserStore = createBrowserStore();

export function BrowserScreen({ store, isShown, lastOpened, onOpen, onSettings, onSearch }: BrowserScreenProps) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const browser = useStore(browserStore);
  const [selection, setSelection] = useState(NOTHING);
  const [menuAt, setMenuAt] = useState<{ x: number; y: number }>();
  const [isRemoving, setRemoving] = useState(false);
  const [isNaming, setNaming] = useState(false);
  const [isChoosing, setChoosing] = useState(false);
  const [hasConflicts, setConflicts] = useState(false);
  const [transfer, setTransfer] = useState<Transfer>();
  const field = useRef<HTMLInputElement>(null);
  const table = useRef<HTMLDivElement>(null);
  const importer = useImporter();
  useEffect(() => {
    if (isShown) field.current?.focus();
  }, [isShown]);

  const { studies } = state;
  const { parsed, found, lines } = useLines(studies, browser);
  const modalities = useMemo(() => commonModalities(studies, MODALITY_CHIPS), [studies]);
  // Only what is on the list now is acted on; a patient's head stands for all its studies.
  const selected = useMemo(() => {
    const rows = new Set<StudyRow>();
    if (selection.selected.size === 0) return [];
    for (const line of lines) {
      if (!selection.selected.has(lineId(line))) continue;
      for (const row of line.kind === 'study' ? [line.row] : line.rows) rows.add(row);
    }
    return [...rows];
  }, [lines, selection.selected]);
  const focused = useMemo(() => {
    if (selection.focus === undefined) return undefined;
    const line = lines.find((each) => lineId(each) === selection.focus);
    return line?.kind === 'study' ? line.row : line?.rows[0];
  }, [lines, selection.focus]);

  const selectFirst = (): void => {
    const [line] = lines;
    if (line) setSelection(selectOnly(lineId(line)));
    table.current?.focus();
  };
  /** From where the latest retrieval of a study brought it; where that is not known, the person is asked. */
  const retrieveRest = (rows: readonly StudyRow[]): void => {
    const unknown: StudyRow[] = [];
    for (const row of rows) {
      const node = state.jobs.find(({ kind, studyUid }) => kind === 'retrieve' && studyUid === row.studyUid)?.node;
      if (node === undefined) unknown.push(row);
      else
        void store.attempt(() =>
          network.retrieve({ node, studyUid: row.studyUid, title: titleOf(row), urgency: 'study' }),
        );
    }
    if (unknown.length)
      setTransfer({
        kind: 'retrieve-rest',
        studies: unknown.map((row) => ({ studyUid: row.studyUid, title: titleOf(row) })),
      });
  };
  const context: BrowserContext = {
    selected:
      focused && selected.includes(focused) ? [focused, ...selected.filter((row) => row !== focused)] : selected,
    isGrouped: browser.isGrouped,
    hasText: browser.text.trim() !== '',
    canReopen: lastOpened !== undefined,
    open: (row) => onOpen(row.studyUid),
    reopen: () => lastOpened !== undefined && onOpen(lastOpened),
    pin: (rows, isPinned) =>
      void store.attempt(async () => {
        for (const row of rows) await backend.pinStudy(row.studyUid, isPinned);
      }),
    remove: () => setRemoving(true),
    showPatient: (row) => {
      browser.setText([`id:"${row.patientId}"`, row.issuer && `issuer:"${row.issuer}"`].filter(Boolean).join(' '));
      table.current?.focus();
    },
    copyUid: (row) => void navigator.clipboard.writeText(row.studyUid),
    focusSearch: () => {
      field.current?.focus();
      field.current?.select();
    },
    saveSearch: () => setNaming(true),
    toggleGroups: () => browser.remember({ isGrouped: !browser.isGrouped }),
    chooseColumns: () => setChoosing(true),
    importFolder: importer.pickFolder,
    importFiles: importer.pickFiles,
    showConflicts: () => setConflicts(true),
    showSettings: onSettings,
    searchNodes: () => onSearch(),
    findPatient: ({ patientId, issuer }) => onSearch({ patientId, issuer }),
    exportZip: () => void store.attempt(() => exportStudies(selected, titleOf)),
    send: () =>
      setTransfer({
        kind: 'send',
        uids: selected.map(({ studyUid }) => studyUid),
        title: selected.length === 1 ? titleOf(selected[0]) : `${selected.length} studies`,
        what: selected.length === 1 ? '1 study' : `${selected.length} studies`,
        missingCount: selected.reduce((sum, row) => sum + row.missingCount, 0),
      }),
    retrieveRest: (rows) => retrieveRest(rows),
  };
  useCommandKeys(COMMANDS, isShown, context);
  const isWhole = state.session?.archive.isWhole !== false;
  const isEmpty = state.isLoaded && isWhole && studies.length === 0;
  return (
    <main className="browser" aria-label="Study browser">
      <BrowserHead
        store={browserStore}
        context={context}
        field={field}
        counts={{ found: found.length, all: studies.length, selected: selected.length, isLoaded: state.isLoaded }}
        onEnter={() => {
          const row = focused ?? found[0]?.row;
          if (row) onOpen(row.studyUid);
        }}
        onLeaveDown={selectFirst}
      />
      <Notices store={store} />
      <FilterRow
        store={browserStore}
        parsed={parsed}
        modalities={modalities}
        isShown={isShown}
        isNaming={isNaming}
        onNamed={() => setNaming(false)}
      />
      {hasConflicts ? (
        <ConflictsPanel
          store={store}
          studies={studies}
          onClose={() => {
            setConflicts(false);
            field.current?.focus();
          }}
          onShowStudy={(uid) => {
            setConflicts(false);
            browser.setText(`uid:${uid}`);
            setSelection(selectOnly(uid));
          }}
        />
      ) : isEmpty ? (
        <StartPage
          store={store}
          isBusy={state.jobs.some((job) => job.finishedAt === null)}
          onSettings={onSettings}
          onSearch={() => onSearch()}
        />
      ) : (
        <div className="table-place">
          <StudyTable
            store={browserStore}
            table={table}
            lines={lines}
            selection={selection}
            onSelect={setSelection}
            onOpen={() => focused && onOpen(focused.studyUid)}
            onMenu={setMenuAt}
            onChooseColumns={() => setChoosing(true)}
          />
          {!state.isLoaded && studies.length === 0 && <p className="table-note quiet">Reading the list of studies</p>}
          {state.isLoaded && studies.length > 0 && found.length === 0 && (
            <p className="table-note quiet">
              No study fits this search.{' '}
              <button type="button" onClick={() => browser.setText('')}>
                Show all {studies.length}
              </button>
            </p>
          )}
        </div>
      )}
      {!hasConflicts && !isEmpty && (
        <SeriesStrip
          store={store}
          study={focused}
          onOpen={onOpen}
          onSend={(series) =>
            setTransfer({
              kind: 'send',
              uids: [series.seriesUid],
              title: seriesTitle(series),
              what: '1 series',
              missingCount: series.missingCount,
            })
          }
        />
      )}
      <JobsFoot store={store} />
      {menuAt && (
        <Menu
          label={selected.length > 1 ? `${selected.length} studies` : 'Study'}
          at={menuAt}
          onClose={() => setMenuAt(undefined)}
          items={COMMANDS.filter(({ isOnStudies }) => isOnStudies).map((command) => ({
            id: command.id,
            label: menuLabel(command, selected.length),
            ...(command.keys[0] !== undefined && { keys: command.keys[0] }),
            isDanger: command.isDanger === true,
            startsGroup: command.isDanger === true,
            isDisabled: !command.isEnabled(context),
            run: () => command.run(context),
          }))}
        />
      )}
      {transfer && (
        <TransferPanel
          transfer={transfer}
          store={store}
          onSettings={onSettings}
          onClose={() => {
            setTransfer(undefined);
            table.current?.focus();
          }}
        />
      )}
      {isChoosing && (
        <ColumnPanel
          store={browserStore}
          below={document.querySelector('[data-columns-button]')}
          onClose={() => setChoosing(false)}
        />
      )}
      {isRemoving && (
        <RemoveDialog
          rows={selected}
          onClose={() => setRemoving(false)}
          onConfirm={(uids) => {
            setRemoving(false);
            setSelection(NOTHING);
            table.current?.focus();
            void store.attempt(async () => {
              for (const uid of uids) await backend.removeStudy(uid);
            });
          }}
        />
      )}
    </main>
  );
}
