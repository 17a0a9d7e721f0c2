// The key of each command: press the button, then the key. Keys claimed twice are shown, with who wins.
import { useState, useSyncExternalStore } from 'react';
import { conflictsOf, keysOf, whyRefused } from '../../commands/bindings.ts';
import { chordsOf, nameOfChord } from '../../commands/chords.ts';
import { COMMANDS, commandOf, type CommandId } from './viewer-commands.ts';
import type { ViewerSettingsStore } from './viewer-settings.ts';

export function KeySettings({ settings }: { settings: ViewerSettingsStore }) {
  const { keys } = useSyncExternalStore(settings.subscribe, settings.getState);
  const [asking, setAsking] = useState<CommandId>();
  /** Stays when the focus goes: rows that close up under a press would take it to another. */
  const [refusal, setRefusal] = useState<{ id: CommandId; why: string }>();
  const conflicts = conflictsOf(COMMANDS, keys);
  const label = (id: CommandId): string => commandOf(id).label;
  const ask = (id: CommandId | undefined): void => {
    setAsking(id);
    setRefusal(undefined);
  };
  const take = (id: CommandId) => (event: React.KeyboardEvent) => {
    if (asking !== id) return;
    // Of the key's place where there is one: it is the same in the person's other layouts.
    const chord = chordsOf(event).at(-1);
    event.preventDefault();
    event.stopPropagation();
    if (chord === undefined || event.repeat) return;
    const why = chord === 'Escape' ? undefined : whyRefused(commandOf(id), chord);
    if (why !== undefined) return setRefusal({ id, why });
    ask(undefined);
    if (chord !== 'Escape') settings.change({ keys: { ...keys, [id]: [chord] } });
  };
  return (
    <>
      {[...conflicts].map(([chord, [winner, ...others]]) => (
        <p key={chord} className="warning" role="alert">
          {nameOfChord(chord)} is claimed twice: it runs &ldquo;{winner && label(winner)}&rdquo;, not &ldquo;
          {others.map(label).join('”, “')}&rdquo;.
        </p>
      ))}
      <table className="keys">
        <tbody>
          {COMMANDS.map((command) => {
            const own = keysOf(command, keys);
            const isClaimedTwice = own.some((chord) => conflicts.has(chord));
            return (
              <tr key={command.id}>
                <td>{command.label}</td>
                <td>
                  <button
                    type="button"
                    data-conflict={isClaimedTwice}
                    aria-label={`Key of ${command.label}: ${own.map(nameOfChord).join(', ') || 'none'}`}
                    title="Press, then press the new key; Esc keeps the old one"
                    onClick={() => ask(command.id)}
                    onKeyDown={take(command.id)}
                    onBlur={() => setAsking(undefined)}
                  >
                    {asking === command.id ? 'Press a key' : own.map(nameOfChord).join(', ') || 'none'}
                  </button>
                  {refusal?.id === command.id && (
                    <p className="warning" role="alert">
                      {refusal.why}: take another key.
                    </p>
                  )}
                </td>
                <td>
                  {keys[command.id] !== undefined && (
                    <button
                      type="button"
                      className="plain"
                      aria-label={`Default key of ${command.label}`}
                      title="Back to the default"
                      onClick={({ currentTarget }) => {
                        // This button goes.
                        currentTarget.closest('tr')?.querySelector('button')?.focus();
                        const { [command.id]: _, ...rest } = keys;
                        settings.change({ keys: rest });
                      }}
                    >
                      default
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <button type="button" onClick={() => settings.change({ keys: {} })}>
        All keys back to the defaults
      </button>
    </>
  );
}
