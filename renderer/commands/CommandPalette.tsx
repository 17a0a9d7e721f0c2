// All commands in one list, found by a few letters, with their keys.
import { useEffect, useState } from 'react';
import { useModal } from '../ui/use-modal.ts';
import { keysOf, type KeyOverrides } from './bindings.ts';
import { nameOfChord } from './chords.ts';
import type { Command } from './command.ts';
import { fuzzyFind } from './fuzzy.ts';
import './commands.css';

interface CommandPaletteProps<Id extends string, Context> {
  commands: readonly Command<Id, Context>[];
  context: Context;
  overrides: KeyOverrides;
  onClose(): void;
}

export function CommandPalette<Id extends string, Context>(props: CommandPaletteProps<Id, Context>) {
  const { commands, context, overrides, onClose } = props;
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const dialog = useModal();
  const possible = commands.filter((command) => command.enabled?.(context) !== false);
  const found = fuzzyFind(query, possible, ({ group, label }) => `${label} ${group}`);
  const chosen = Math.min(at, found.length - 1);
  useEffect(() => {
    dialog.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [dialog, chosen]);
  const run = (command: Command<Id, Context> | undefined): void => {
    if (!command) return;
    dialog.current?.close();
    command.run(context);
  };
  const key = (event: React.KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length) setAt((chosen + step + found.length) % found.length);
    else if (event.key === 'Enter') run(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Commands"
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[chosen] ? `command-${found[chosen].id}` : undefined}
        aria-label="Find a command"
        placeholder="Find a command"
        autoFocus
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={key}
      />
      <div className="list" id="palette-list" role="listbox" aria-label="Commands found">
        {found.map((command, index) => (
          <div
            key={command.id}
            id={`command-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onClick={() => run(command)}
            onPointerMove={() => setAt(index)}
          >
            <span>{command.label}</span>
            <span className="quiet">{command.group}</span>
            <kbd>{keysOf(command, overrides).map(nameOfChord).join(', ')}</kbd>
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="quiet nothing">No command has these letters in this order.</p>}
    </dialog>
  );
}
