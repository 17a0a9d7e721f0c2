// Everything that the study browser can do, as commands: keys, menus and buttons read this one list.
import type { StudyRow } from '#shared/contract/views.ts';

/** Instances that a node may still have: they did not come, or their stored file is damaged. */
const lacksInstances = (row: StudyRow): boolean => row.missingCount + row.damagedCount > 0;

/** What commands act on and through. */
export interface BrowserContext {
  selected: readonly StudyRow[];
  isGrouped: boolean;
  hasText: boolean;
  canReopen: boolean;
  open(row: StudyRow): void;
  reopen(): void;
  pin(rows: readonly StudyRow[], isPinned: boolean): void;
  remove(): void;
  showPatient(row: StudyRow): void;
  copyUid(row: StudyRow): void;
  focusSearch(): void;
  saveSearch(): void;
  toggleGroups(): void;
  chooseColumns(): void;
  importFolder(): void;
  importFiles(): void;
  showConflicts(): void;
  showSettings(): void;
  searchNodes(): void;
  /** Looks for the patient's studies at the nodes. */
  findPatient(row: StudyRow): void;
  exportZip(): void;
  send(): void;
  retrieveRest(rows: readonly StudyRow[]): void;
}

export type CommandId =
  | 'open'
  | 'reopen'
  | 'showPatient'
  | 'pin'
  | 'unpin'
  | 'copyUid'
  | 'remove'
  | 'search'
  | 'saveSearch'
  | 'group'
  | 'columns'
  | 'importFolder'
  | 'importFiles'
  | 'conflicts'
  | 'settings'
  | 'searchNodes'
  | 'findPatient'
  | 'exportZip'
  | 'send'
  | 'retrieveRest';

export interface Command {
  id: CommandId;
  label: string;
  /** As `keyName` writes them; none: menus only. */
  keys: readonly string[];
  /** Acts on the selected studies: belongs into their menu. */
  isOnStudies?: boolean;
  /** Only while no text field has the focus. */
  isTableKey?: boolean;
  isDanger?: boolean;
  /** It works on a single study: with several chosen it is disabled, since none of them is meant more than another. */
  isForOne?: boolean;
  isEnabled(context: BrowserContext): boolean;
  run(context: BrowserContext): void;
}

const hasOne = ({ selected }: BrowserContext): boolean => selected.length > 0;
const first = (context: BrowserContext, act: (row: StudyRow) => void): void => {
  const [row] = context.selected;
  if (row) act(row);
};
const always = (): boolean => true;

export const COMMANDS: readonly Command[] = [
  {
    id: 'open',
    label: 'Open',
    keys: ['Enter'],
    isOnStudies: true,
    isTableKey: true,
    isForOne: true,
    isEnabled: ({ selected }) => selected.length === 1,
    run: (context) => first(context, context.open),
  },
  {
    id: 'showPatient',
    label: 'All studies of this patient',
    keys: ['H'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: ({ selected }) => selected[0]?.patientId !== undefined && selected[0].patientId !== '',
    run: (context) => first(context, context.showPatient),
  },
  {
    id: 'findPatient',
    label: 'All studies of this patient at the nodes',
    keys: ['F'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: ({ selected }) => (selected[0]?.patientId ?? '') !== '',
    run: (context) => first(context, context.findPatient),
  },
  {
    id: 'send',
    label: 'Send to a node',
    keys: ['S'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: hasOne,
    run: (context) => context.send(),
  },
  {
    id: 'exportZip',
    label: 'Export as a ZIP file',
    keys: ['E'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: hasOne,
    run: (context) => context.exportZip(),
  },
  {
    id: 'retrieveRest',
    label: 'Retrieve the rest',
    keys: ['R'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: ({ selected }) => selected.some(lacksInstances),
    run: (context) => context.retrieveRest(context.selected.filter(lacksInstances)),
  },
  {
    id: 'pin',
    label: 'Pin: never removed by rules',
    keys: ['P'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: ({ selected }) => selected.some((row) => !row.isPinned),
    run: (context) =>
      context.pin(
        context.selected.filter((row) => !row.isPinned),
        true,
      ),
  },
  {
    id: 'unpin',
    label: 'Unpin',
    keys: ['Shift+P'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: ({ selected }) => selected.some((row) => row.isPinned),
    run: (context) =>
      context.pin(
        context.selected.filter((row) => row.isPinned),
        false,
      ),
  },
  {
    id: 'copyUid',
    label: 'Copy study UID',
    keys: ['Ctrl+C'],
    isOnStudies: true,
    isTableKey: true,
    isEnabled: hasOne,
    run: (context) => first(context, context.copyUid),
  },
  {
    id: 'remove',
    label: 'Remove from the archive',
    keys: ['Delete'],
    isOnStudies: true,
    isTableKey: true,
    isDanger: true,
    isEnabled: hasOne,
    run: (context) => context.remove(),
  },
  {
    id: 'search',
    label: 'Search',
    keys: ['Ctrl+F', '/'],
    isEnabled: always,
    run: (context) => context.focusSearch(),
  },
  {
    id: 'searchNodes',
    label: 'Search at other systems',
    keys: ['Ctrl+Shift+F', 'N'],
    isEnabled: always,
    run: (context) => context.searchNodes(),
  },
  {
    id: 'saveSearch',
    label: 'Save this search',
    keys: ['Ctrl+S'],
    isEnabled: ({ hasText }) => hasText,
    run: (context) => context.saveSearch(),
  },
  {
    id: 'group',
    label: 'Group by patient',
    keys: ['Ctrl+G'],
    isEnabled: always,
    run: (context) => context.toggleGroups(),
  },
  {
    id: 'columns',
    label: 'Choose columns',
    keys: ['C'],
    isTableKey: true,
    isEnabled: always,
    run: (context) => context.chooseColumns(),
  },
  {
    id: 'reopen',
    label: 'Back to the viewer',
    keys: ['B'],
    isTableKey: true,
    isEnabled: ({ canReopen }) => canReopen,
    run: (context) => context.reopen(),
  },
  {
    id: 'importFolder',
    label: 'Import a folder or disc',
    keys: ['Ctrl+O'],
    isEnabled: always,
    run: (context) => context.importFolder(),
  },
  {
    id: 'importFiles',
    label: 'Import files or ZIP files',
    keys: ['Ctrl+Shift+O'],
    isEnabled: always,
    run: (context) => context.importFiles(),
  },
  {
    id: 'conflicts',
    label: 'Conflicts in quarantine',
    keys: ['Q'],
    isTableKey: true,
    isEnabled: always,
    run: (context) => context.showConflicts(),
  },
  {
    id: 'settings',
    label: 'Settings',
    keys: ['Ctrl+,'],
    isEnabled: always,
    run: (context) => context.showSettings(),
  },
];

export const commandOf = (id: CommandId): Command =>
  COMMANDS.find((command) => command.id === id) ?? (COMMANDS[0] as Command);

export const hintOf = (command: Command): string =>
  command.keys.length ? `${command.label} (${command.keys.join(', ')})` : command.label;

/** In the menu of so many studies. */
export function menuLabel({ label, isDanger, isForOne }: Command, count: number): string {
  if (count < 2) return label;
  if (isForOne === true) return `${label}: choose one study`;
  return isDanger === true ? `${label}: ${count} studies` : label;
}
