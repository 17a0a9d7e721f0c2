// Runs commands by key wherever the focus is, except where text is typed or a button takes Enter and Space itself.
import { useEffect, useRef } from 'react';
import { commandOfChord, type KeyOverrides } from '../../commands/bindings.ts';
import { chordsOf } from '../../commands/chords.ts';
import { COMMANDS, type ViewerContext } from './viewer-commands.ts';

const SCROLLING = new Set(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End', ' ']);

/** `before` is called ahead of each command but Escape's. */
export function useKeys(context: ViewerContext, overrides: KeyOverrides, before: () => void): void {
  const latest = useRef({ context, overrides, before });
  latest.current = { context, overrides, before };
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.defaultPrevented || (target instanceof Element && target.closest('dialog'))) return;
      const isField = target instanceof Element && target.closest('input, select') !== null;
      if (isField && event.key !== 'Escape') return;
      if (target instanceof HTMLButtonElement && (event.key === 'Enter' || event.key === ' ')) return;
      const command = commandOfChord(COMMANDS, latest.current.overrides, chordsOf(event));
      if (!command) return;
      const isPossible = command.enabled?.(latest.current.context) !== false;
      // What has no slices, as a report, is scrolled by the same keys.
      if (isPossible || !SCROLLING.has(event.key)) event.preventDefault();
      if (!isPossible || (event.repeat && command.repeats !== true)) return;
      if (command.id !== 'escape') latest.current.before();
      command.run(latest.current.context);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
