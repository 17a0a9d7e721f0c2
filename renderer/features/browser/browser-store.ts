// What the study browser remembers and what it shows now: search text, order, columns, grouping, saved searches. Studies
// and jobs are the archive store's.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { followSetting, readSetting, writeSetting } from '../../local-db/database.ts';
import { FIRST_COLUMNS, isColumnKey, type ColumnKey } from './columns.ts';
import { FIRST_SORT, type SortTerm } from './sort.logic.ts';

export interface SavedSearch {
  id: string;
  name: string;
  text: string;
}

/** What outlives the page. */
interface Preferences {
  columns: readonly ColumnKey[];
  widthsPx: Readonly<Partial<Record<ColumnKey, number>>>;
  sort: readonly SortTerm[];
  isGrouped: boolean;
  saved: readonly SavedSearch[];
}

export interface BrowserState extends Preferences {
  text: string;
  /** Patients whose studies are folded away. */
  closedPatients: ReadonlySet<string>;
  setText(text: string): void;
  remember(change: Partial<Preferences>): void;
  toggleColumn(key: ColumnKey): void;
  /** Moves a column by so many places; the ends stop it. */
  moveColumn(key: ColumnKey, by: number): void;
  togglePatient(key: string): void;
  /** Gives its id. */
  saveSearch(name: string): string;
  changeSearch(id: string, change: Partial<Omit<SavedSearch, 'id'>>): void;
}
export type BrowserStore = StoreApi<BrowserState>;

const SETTING = 'browser.view';
export const MIN_WIDTH_PX = 40;

export function createBrowserStore(): BrowserStore {
  const store = createStore<BrowserState>((set, get) => ({
    columns: FIRST_COLUMNS,
    widthsPx: {},
    sort: FIRST_SORT,
    isGrouped: false,
    saved: [],
    text: '',
    closedPatients: new Set(),
    setText: (text) => set({ text }),
    remember: (change) => {
      set(change);
      const { columns, widthsPx, sort, isGrouped, saved } = get();
      void writeSetting(SETTING, { columns, widthsPx, sort, isGrouped, saved } satisfies Preferences);
    },
    toggleColumn: (key) => {
      const { columns, remember } = get();
      const others = columns.filter((each) => each !== key);
      if (others.length) remember({ columns: others.length < columns.length ? others : [...columns, key] });
    },
    moveColumn: (key, by) => {
      const { columns, remember } = get();
      const at = columns.indexOf(key);
      if (at < 0) return;
      const others = columns.filter((each) => each !== key);
      remember({ columns: others.toSpliced(Math.max(0, Math.min(others.length, at + by)), 0, key) });
    },
    togglePatient: (key) => {
      const closedPatients = new Set(get().closedPatients);
      if (!closedPatients.delete(key)) closedPatients.add(key);
      set({ closedPatients });
    },
    saveSearch: (name) => {
      const { saved, text, remember } = get();
      const id = crypto.randomUUID();
      remember({ saved: [...saved, { id, name, text }] });
      return id;
    },
    changeSearch: (id, change) => {
      const { saved, remember } = get();
      remember({ saved: saved.map((each) => (each.id === id ? { ...each, ...change } : each)) });
    },
  }));
  void readSetting<Partial<Preferences>>(SETTING, {}).then((kept) => store.setState(known(kept)));
  // Each window has an order and columns of its own.
  followSetting(SETTING, (written) => store.setState({ saved: (written as Preferences).saved }));
  return store;
}

/** What this version understands of what an earlier one kept. */
function known(kept: Partial<Preferences>): Partial<Preferences> {
  const columns = kept.columns?.filter(isColumnKey) ?? [];
  const sort = kept.sort?.filter((term) => isColumnKey(term.key)) ?? [];
  return { ...kept, columns: columns.length ? columns : FIRST_COLUMNS, sort: sort.length ? sort : FIRST_SORT };
}
