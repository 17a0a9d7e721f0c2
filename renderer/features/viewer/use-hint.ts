// Words for a thing that can be done, with the key that does it now: the person may have chosen another.
import { useSyncExternalStore } from 'react';
import { hintOf } from '../../commands/bindings.ts';
import { viewerSettings } from './viewer-settings.ts';
import { commandOf, type CommandId } from './viewer-commands.ts';

/** Gives a command's label, or `words` in its place, with its first key in brackets; without one where it has no key. */
export function useHint(): (id: CommandId, words?: string) => string {
  const { keys } = useSyncExternalStore(viewerSettings.subscribe, viewerSettings.getState);
  return (id, words) => {
    const command = commandOf(id);
    return hintOf(words === undefined ? command : { ...command, label: words }, keys);
  };
}
