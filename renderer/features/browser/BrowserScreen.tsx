// The browser's screen: search on top, table, series strip, jobs at the foot; import by dropping anywhere.
import { FolderOpen, Upload } from 'lucide-react';
import {
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type DragEvent,
  type MouseEvent,
} from 'react';
import { backend } from '../../backend-client/client.ts';
import { readSetting, writeSetting } from '../../local-db/database.ts';
import type { StudyRow } from '#shared/contract/views.ts';
import type { DesktopBridge } from '#shared/contract/bridge.ts';
import { PassphrasePanel, type ArchiveStore } from '../archive/index.ts';
import { JobsFoot } from '../jobs/index.ts';
import { RemoveDialog } from './RemoveDialog.tsx';
import { compareRows, makeEntry, matchesSearch, parseSearch, type SearchEntry, type Sort } from './search.logic.ts';
import { SeriesStrip } from './SeriesStrip.tsx';
import { StartPage } from './StartPage.tsx';
import { StudyTable, type Selection } from './StudyTable.tsx';
import { filesOfDrop, filesOfInput, upload, type NamedFile } from './upload.ts';

declare global {
  interface Window {
    desktop?: DesktopBridge;
  }
}

interface BrowserScreenProps {
  store: ArchiveStore;
  isShown: boolean;
  onOpen(studyUid: string): void;
}

const NOTHING: Selection = { focus: undefined, selected: new Set() };

export function BrowserScreen({ store, isShown, onOpen }: BrowserScreenProps) {
  const state = useSyncExternalStore(store.subscribe, store.state);
  const [text, setText] = useState('');
  const [sort, setSort] = useState<Sort>({ key: 'studyDate', isDescending: true });
  const [widths, setWidths] = useState<Record<string, number>>({});
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [isDragging, setDragging] = useState(false);
  const [menu, setMenu] = useState<{ x: number; y: number; row: StudyRow }>();
  const [isRemoving, setRemoving] = useState(false);
  const [isProtecting, setProtecting] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  const fileInput = useRef<HTMLInputElement>(null);

  useEffect(() => {
    void readSetting<Sort>('browser.sort', { key: 'studyDate', isDescending: true }).then(setSort);
    void readSetting<Record<string, number>>('browser.widths', {}).then(setWidths);
  }, []);
  useEffect(() => {
    if (isShown) search.current?.focus();
  }, [isShown]);

  const entries = useEntries(state.studies);
  const sorted = useMemo(() => [...entries].sort((a, b) => compareRows(a.row, b.row, sort)), [entries, sort]);
  const asked = useDeferredValue(text);
  const parsed = useMemo(() => parseSearch(asked, new Date()), [asked]);
  const rows = useMemo(
    () => sorted.filter((entry) => matchesSearch(entry, parsed)).map((entry) => entry.row),
    [sorted, parsed],
  );
  const focused = rows.find((row) => row.studyUid === selection.focus);

  const take = (files: NamedFile[]): void => void store.attempt(() => upload(files));
  const importFolder = async (): Promise<void> => {
    if (!window.desktop) return folderInput.current?.click();
    const paths = await window.desktop.pickImportPaths('folder');
    if (paths.length) await store.attempt(() => backend.importPaths(paths));
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setDragging(false);
    if (event.dataTransfer.types.includes('Files')) void filesOfDrop(event.dataTransfer).then(take);
  };
  const isEmpty = state.isLoaded && state.studies.length === 0;
  const unprotected = state.session?.archive.protection === 'key-file';
  return (
    <main
      className="browser"
      aria-label="Study browser"
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => event.relatedTarget === null && setDragging(false)}
      onDrop={drop}
      onClick={() => setMenu(undefined)}
    >
      <header className="browser-head">
        <span className="brand">Lectern</span>
        <div className="search">
          <input
            ref={search}
            type="search"
            value={text}
            placeholder="Name, ID, accession, description, CT, today, 2026-11"
            aria-label="Search studies"
            title="Every word must fit: names in any order, IDs, accession numbers, modalities in capitals, dates as today, 7d, 2026-11 (Ctrl+F)"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              const [first] = rows;
              if (event.key === 'Enter' && first) onOpen(focused?.studyUid ?? first.studyUid);
              else if (event.key === 'ArrowDown' && first) {
                setSelection({ focus: first.studyUid, selected: new Set([first.studyUid]) });
                document.querySelector<HTMLElement>('.table')?.focus();
                event.preventDefault();
              } else if (event.key === 'Escape') setText('');
            }}
          />
        </div>
        <span className="count quiet" aria-live="polite">
          {rows.length === state.studies.length
            ? `${rows.length} studies`
            : `${rows.length} of ${state.studies.length} studies`}
          {parsed.explanation && <span className="small"> ({parsed.explanation})</span>}
        </span>
        <button type="button" title="Import a folder or a disc" onClick={() => void importFolder()}>
          <FolderOpen size={16} aria-hidden="true" /> Import folder
        </button>
        <button type="button" title="Import single files or ZIP files" onClick={() => fileInput.current?.click()}>
          <Upload size={16} aria-hidden="true" /> Import files
        </button>
        <input
          ref={folderInput}
          type="file"
          multiple
          hidden
          data-testid="folder-input"
          onChange={(event) => event.target.files && take(filesOfInput(event.target.files))}
          {...{ webkitdirectory: '' }}
        />
        <input
          ref={fileInput}
          type="file"
          multiple
          hidden
          data-testid="file-input"
          onChange={(event) => event.target.files && take(filesOfInput(event.target.files))}
        />
      </header>
      <div>
        {!state.isLineUp && (
          <div className="banner dangerous" role="alert">
            The backend does not answer. Lists show what was known last; pictures cannot be opened until it is back.
          </div>
        )}
        {state.notice !== undefined && (
          <div className="banner dangerous" role="alert">
            {state.notice}
            <button type="button" onClick={store.dismissNotice}>
              Close
            </button>
          </div>
        )}
        {unprotected && !isProtecting && (
          <div className="banner warning">
            This archive is encrypted, but its key lies in a plain file of this account: it is not protected.
            <button type="button" onClick={() => setProtecting(true)}>
              Set a passphrase
            </button>
          </div>
        )}
        {isProtecting && <PassphrasePanel store={store} onDone={() => setProtecting(false)} />}
        {state.session?.hasDemo === true && (
          <div className="banner quiet">
            Studies marked demo are synthetic.
            <button type="button" onClick={() => void store.attempt(() => backend.removeDemo())}>
              Remove the demo studies
            </button>
          </div>
        )}
      </div>
      {isEmpty ? (
        <StartPage
          store={store}
          onImport={() => void importFolder()}
          isBusy={state.jobs.some((job) => job.finishedAt === null)}
        />
      ) : (
        <StudyTable
          rows={rows}
          widths={widths}
          sort={sort}
          selection={selection}
          onSort={(next) => {
            setSort(next);
            void writeSetting('browser.sort', next);
          }}
          onWidths={(next) => {
            setWidths(next);
            void writeSetting('browser.widths', next);
          }}
          onSelect={setSelection}
          onOpen={onOpen}
          onRemove={() => setRemoving(true)}
          onMenu={(event: MouseEvent, row) => {
            event.preventDefault();
            if (!selection.selected.has(row.studyUid))
              setSelection({ focus: row.studyUid, selected: new Set([row.studyUid]) });
            setMenu({ x: event.clientX, y: event.clientY, row });
          }}
        />
      )}
      <SeriesStrip store={store} study={focused} onOpen={onOpen} />
      <JobsFoot store={store} />
      {isDragging && <div className="drop-veil">Drop folders, files or ZIP files to import them</div>}
      {menu && (
        <RowMenu
          menu={menu}
          store={store}
          onOpen={onOpen}
          onRemove={() => setRemoving(true)}
          onShowPatient={(row) => setText(`"${row.patientId}"`)}
        />
      )}
      {isRemoving && (
        <RemoveDialog
          rows={rows.filter((row) => selection.selected.has(row.studyUid))}
          onClose={() => setRemoving(false)}
          onConfirm={(uids) => {
            setRemoving(false);
            setSelection(NOTHING);
            void store.attempt(async () => {
              for (const uid of uids) await backend.removeStudy(uid);
            });
          }}
        />
      )}
    </main>
  );
}

interface RowMenuProps {
  menu: { x: number; y: number; row: StudyRow };
  store: ArchiveStore;
  onOpen(studyUid: string): void;
  onRemove(): void;
  onShowPatient(row: StudyRow): void;
}

function RowMenu({ menu: { x, y, row }, store, onOpen, onRemove, onShowPatient }: RowMenuProps) {
  return (
    <div
      className="menu"
      role="menu"
      style={{ left: Math.min(x, innerWidth - 220), top: Math.min(y, innerHeight - 180) }}
    >
      <button type="button" role="menuitem" autoFocus onClick={() => onOpen(row.studyUid)}>
        Open <kbd>Enter</kbd>
      </button>
      <button type="button" role="menuitem" onClick={() => onShowPatient(row)}>
        All studies of this patient
      </button>
      <button
        type="button"
        role="menuitem"
        onClick={() => void store.attempt(() => backend.pinStudy(row.studyUid, !row.isPinned))}
      >
        {row.isPinned ? 'Unpin' : 'Pin: never removed by rules'}
      </button>
      <button type="button" role="menuitem" onClick={() => void navigator.clipboard.writeText(row.studyUid)}>
        Copy study UID
      </button>
      <button type="button" role="menuitem" className="dangerous" onClick={onRemove}>
        Remove from the archive <kbd>Del</kbd>
      </button>
    </div>
  );
}

/** Search entries of the rows, each folded once and kept while its row is the same object. */
function useEntries(studies: readonly StudyRow[]): SearchEntry[] {
  const known = useRef(new Map<StudyRow, SearchEntry>());
  return useMemo(() => {
    const next = new Map<StudyRow, SearchEntry>();
    for (const row of studies) next.set(row, known.current.get(row) ?? makeEntry(row));
    known.current = next;
    return [...next.values()];
  }, [studies]);
}
