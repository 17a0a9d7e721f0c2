// Runs the search place's commands by key, wherever the focus is, except where text is typed or a button takes the key itself.
import { useEffect, useRef } from 'react';
import { keyName } from '../browser/index.ts';
import { SEARCH_COMMANDS, type SearchContext } from './search-commands.ts';

export function useSearchKeys(isShown: boolean, context: SearchContext): void {
  const latest = useRef(context);
  useEffect(() => {
    latest.current = context;
  });
  useEffect(() => {
    if (!isShown) return undefined;
    const press = (event: KeyboardEvent): void => {
      const { target } = event;
      if (event.defaultPrevented || !(target instanceof Element)) return;
      if (target.closest('dialog, [role=menu], [role=dialog], .name-field')) return;
      const isTyping = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      const isControl = target instanceof HTMLButtonElement;
      const name = keyName(event);
      const command = SEARCH_COMMANDS.find(
        ({ keys, isTableKey }) =>
          keys.includes(name) &&
          !(isTyping && (isTableKey === true || name.length === 1)) &&
          !(isControl && name === 'Enter'),
      );
      if (!command?.isEnabled(latest.current)) return;
      event.preventDefault();
      command.run(latest.current);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [isShown]);
}
