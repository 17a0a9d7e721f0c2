// Every key on one page, by group.
import { useModal } from '../ui/use-modal.ts';
import { keysOf, type KeyOverrides } from './bindings.ts';
import { nameOfChord } from './chords.ts';
import type { Command } from './command.ts';
import './commands.css';

interface KeyHelpProps {
  commands: readonly Pick<Command<string, never>, 'id' | 'label' | 'group' | 'keys'>[];
  overrides: KeyOverrides;
  /** What the mouse does, name and deed. */
  mouse: readonly (readonly [string, string])[];
  onClose(): void;
}

export function KeyHelp({ commands, overrides, mouse, onClose }: KeyHelpProps) {
  const dialog = useModal();
  const groups = [...new Set(commands.map(({ group }) => group))];
  return (
    <dialog
      ref={dialog}
      className="key-help"
      aria-label="Keys and mouse"
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header>
        <h1>Keys and mouse</h1>
        <button type="button" className="plain" onClick={() => dialog.current?.close()}>
          Close (Esc)
        </button>
      </header>
      <div className="list" tabIndex={0} role="region" aria-label="List of keys">
        <div className="columns">
          <Section title="Mouse" lines={mouse} />
          {groups.map((group) => (
            <Section
              key={group}
              title={group}
              lines={commands
                .filter((command) => command.group === group && keysOf(command, overrides).length > 0)
                .map((command) => [keysOf(command, overrides).map(nameOfChord).join(', '), command.label])}
            />
          ))}
        </div>
      </div>
    </dialog>
  );
}

function Section({ title, lines }: { title: string; lines: readonly (readonly [string, string])[] }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl>
        {lines.map(([keys, label]) => (
          <div key={label}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
