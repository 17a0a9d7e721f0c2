// Runs a screen's commands by key, wherever the focus is, except where text is typed or a button takes the key itself.
import { useEffect, useRef } from 'react';
import { placeOf, type KeyPress } from '../commands/chords.ts';

export interface KeyCommand<Context> {
  /** As `keyName` writes them. */
  keys: readonly string[];
  /** Only while no text field has the focus. */
  isTableKey?: boolean;
  isEnabled(context: Context): boolean;
  run(context: Context): void;
}

/** A pressed key as commands write it: `Ctrl+Shift+O`, `Delete`, `P`; Command counts as Ctrl on a Mac. */
export function keyName(event: KeyPress): string {
  const text = placeOf(event) ?? event.key;
  const key = text.length === 1 ? text.toUpperCase() : text;
  const isSign = /^[^\p{L}]$/u.test(key);
  return [
    ...(event.ctrlKey || event.metaKey ? ['Ctrl'] : []),
    ...(event.altKey ? ['Alt'] : []),
    // Signs carry their shift in themselves.
    ...(event.shiftKey && !isSign ? ['Shift'] : []),
    key,
  ].join('+');
}

/** Keys that a focused button takes itself, or must not be meant for the table by. */
const BUTTON_KEYS = ['Enter', 'Delete'];

export function useCommandKeys<Context>(
  commands: readonly KeyCommand<Context>[],
  isShown: boolean,
  context: Context,
): void {
  const latest = useRef(context);
  useEffect(() => {
    latest.current = context;
  });
  useEffect(() => {
    if (!isShown) return undefined;
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      // Handled already, perhaps by the screen that was left with this very key.
      if (event.defaultPrevented || !(target instanceof Element)) return;
      if (target.closest('dialog, [role=menu], [role=dialog], .name-field')) return;
      const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      const isControl = target instanceof HTMLButtonElement;
      const name = keyName(event);
      const command = commands.find(
        ({ keys, isTableKey }) =>
          keys.includes(name) &&
          !(isTyping && (isTableKey === true || name.length === 1)) &&
          !(isControl && BUTTON_KEYS.includes(name)),
      );
      if (!command?.isEnabled(latest.current)) return;
      event.preventDefault();
      command.run(latest.current);
    };
    // On the window: keys count also where nothing has the focus.
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [commands, isShown]);
}
