// Everything that the search place can do, as commands: keys, menus and buttons read this one list.
import type { FoundRow } from './search-store.ts';

export interface SearchContext {
  selected: readonly FoundRow[];
  canSave: boolean;
  isRunning: boolean;
  /** Enter: what the selected rows are for. */
  enter(): void;
  retrieve(): void;
  open(): void;
  showPatient(row: FoundRow): void;
  copyUid(row: FoundRow): void;
  focusForm(): void;
  save(): void;
  stop(): void;
  showSettings(): void;
  leave(): void;
}

export type SearchCommandId =
  'retrieve' | 'open' | 'showPatient' | 'copyUid' | 'form' | 'save' | 'stop' | 'settings' | 'leave';

export interface SearchCommand {
  id: SearchCommandId;
  label: string;
  /** As `keyName` writes them. */
  keys: readonly string[];
  isOnRows?: boolean;
  /** Only while no text field has the focus. */
  isTableKey?: boolean;
  isEnabled(context: SearchContext): boolean;
  run(context: SearchContext): void;
}

const studies = ({ selected }: SearchContext): boolean => selected.some(({ kind }) => kind === 'study');
const always = (): boolean => true;
const withFirst = (context: SearchContext, act: (row: FoundRow) => void): void => {
  const [row] = context.selected;
  if (row) act(row);
};

export const SEARCH_COMMANDS: readonly SearchCommand[] = [
  {
    id: 'retrieve',
    label: 'Retrieve',
    keys: ['Enter'],
    isOnRows: true,
    isTableKey: true,
    isEnabled: studies,
    run: (context) => context.retrieve(),
  },
  {
    id: 'open',
    label: 'Open at once',
    keys: ['Ctrl+Enter', 'O'],
    isOnRows: true,
    isTableKey: true,
    isEnabled: studies,
    run: (context) => context.open(),
  },
  {
    id: 'showPatient',
    label: 'All studies of this patient',
    keys: ['H'],
    isOnRows: true,
    isTableKey: true,
    isEnabled: ({ selected }) => (selected[0]?.patientId ?? '') !== '',
    run: (context) => withFirst(context, context.showPatient),
  },
  {
    id: 'copyUid',
    label: 'Copy study UID',
    keys: ['Ctrl+C'],
    isOnRows: true,
    isTableKey: true,
    isEnabled: ({ selected }) => (selected[0]?.studyUid ?? '') !== '',
    run: (context) => withFirst(context, context.copyUid),
  },
  { id: 'form', label: 'To the form', keys: ['Ctrl+F', '/'], isEnabled: always, run: (context) => context.focusForm() },
  {
    id: 'save',
    label: 'Save this search',
    keys: ['Ctrl+S'],
    isEnabled: ({ canSave }) => canSave,
    run: (context) => context.save(),
  },
  {
    id: 'stop',
    label: 'Stop the search',
    keys: ['Ctrl+.'],
    isEnabled: ({ isRunning }) => isRunning,
    run: (context) => context.stop(),
  },
  {
    id: 'settings',
    label: 'Set up nodes',
    keys: ['Ctrl+,'],
    isEnabled: always,
    run: (context) => context.showSettings(),
  },
  { id: 'leave', label: 'Back to the studies', keys: ['Escape'], isEnabled: always, run: (context) => context.leave() },
];
