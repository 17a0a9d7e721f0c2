// The head of the study browser: search field, counts, and the commands that stand as buttons.
import { Columns3, FolderOpen, Menu as MenuIcon, Settings, Star, Upload, Users } from 'lucide-react';
import { useState, type RefObject } from 'react';
import { Menu } from '../../ui/Menu.tsx';
import type { BrowserStore } from './browser-store.ts';
import { commandOf, COMMANDS, hintOf, type BrowserContext, type CommandId } from './commands.ts';
import { SearchField } from './SearchBar.tsx';

interface BrowserHeadProps {
  store: BrowserStore;
  context: BrowserContext;
  field: RefObject<HTMLInputElement | null>;
  counts: { found: number; all: number; selected: number; isLoaded: boolean };
  onEnter(): void;
  onLeaveDown(): void;
}

export function BrowserHead({ store, context, field, counts, onEnter, onLeaveDown }: BrowserHeadProps) {
  const [menuAt, setMenuAt] = useState<{ x: number; y: number }>();
  const { found, all, selected, isLoaded } = counts;
  const button = (id: CommandId, Icon: typeof Star, text?: string, isPressed?: boolean) => {
    const command = commandOf(id);
    return (
      <button
        type="button"
        className={text === undefined ? 'plain' : ''}
        title={hintOf(command)}
        aria-label={text ?? command.label}
        disabled={!command.isEnabled(context)}
        data-columns-button={id === 'columns' || undefined}
        {...(isPressed !== undefined && { 'aria-pressed': isPressed })}
        onClick={() => command.run(context)}
      >
        <Icon size={16} aria-hidden="true" />
        {text !== undefined && <span className="button-text">{text}</span>}
      </button>
    );
  };
  return (
    <header className="browser-head">
      <span className="brand">Lectern</span>
      <SearchField store={store} field={field} onEnter={onEnter} onLeaveDown={onLeaveDown} />
      {button('saveSearch', Star)}
      <span className="count quiet" aria-live="polite">
        {found === all ? `${all} ${all === 1 ? 'study' : 'studies'}` : `${found} of ${all} studies`}
        {selected > 1 && `, ${selected} selected`}
        {!isLoaded && ', reading'}
      </span>
      {button('importFolder', FolderOpen, 'Import folder')}
      {button('importFiles', Upload, 'Import files')}
      {button('group', Users, undefined, context.isGrouped)}
      {button('columns', Columns3)}
      {button('settings', Settings)}
      <button
        type="button"
        className="plain"
        aria-label="All commands"
        aria-haspopup="menu"
        title="All commands"
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          setMenuAt({ x: box.left, y: box.bottom + 4 });
        }}
      >
        <MenuIcon size={16} aria-hidden="true" />
      </button>
      {menuAt && (
        <Menu
          label="All commands"
          at={menuAt}
          onClose={() => setMenuAt(undefined)}
          items={COMMANDS.map((command) => ({
            id: command.id,
            label: command.label,
            ...(command.keys[0] !== undefined && { keys: command.keys[0] }),
            isDisabled: !command.isEnabled(context),
            startsGroup: command.id === 'search' || command.id === 'importFolder',
            run: () => command.run(context),
          }))}
        />
      )}
    </header>
  );
}
