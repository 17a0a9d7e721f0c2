// Saved searches as chips: a press applies one, its menu renames, replaces or deletes it; Alt+1 to Alt+9 apply by key.
import { Bookmark } from 'lucide-react';
import { useEffect, useState, type KeyboardEvent } from 'react';
import { useStore } from 'zustand';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { NameField } from '../../ui/NameField.tsx';
import { UndoChip } from '../../ui/UndoChip.tsx';
import { useSavedChips } from '../../ui/use-saved-chips.ts';
import type { BrowserStore, SavedSearch } from './browser-store.ts';

const namesOf = (saved: readonly SavedSearch[]): string[] => saved.map(({ name }) => name);

interface SavedSearchesProps {
  store: BrowserStore;
  /** The browser is what the person sees: the keys are its. */
  isShown: boolean;
  /** The name of a new one is being asked for. */
  isNaming: boolean;
  onNamed(): void;
}

export function SavedSearches({ store, isShown, isNaming, onNamed }: SavedSearchesProps) {
  const { saved, text, setText, saveSearch, changeSearch, remember } = useStore(store);
  const chips = useSavedChips(saved, (left) => remember({ saved: left }));
  const [menu, setMenu] = useState<{ search: SavedSearch; at: { x: number; y: number } }>();
  const [renaming, setRenaming] = useState<string>();
  useEffect(() => {
    if (!isShown) return undefined;
    const apply = (event: globalThis.KeyboardEvent): void => {
      const search = event.altKey && /^Digit[1-9]$/.test(event.code) && saved[Number(event.code.slice(5)) - 1];
      if (!search) return;
      event.preventDefault();
      setText(search.text);
    };
    addEventListener('keydown', apply);
    return () => removeEventListener('keydown', apply);
  }, [saved, setText, isShown]);

  const items = (search: SavedSearch): MenuItem[] => [
    { id: 'apply', label: 'Apply', run: () => setText(search.text) },
    { id: 'rename', label: 'Rename', keys: 'F2', run: () => setRenaming(search.id) },
    {
      id: 'replace',
      label: 'Replace by the search in the field',
      isDisabled: text.trim() === '' || text === search.text,
      run: () => changeSearch(search.id, { text }),
    },
    { id: 'delete', label: 'Delete', keys: 'Delete', startsGroup: true, run: () => chips.remove(search) },
  ];
  const onKey = (event: KeyboardEvent, search: SavedSearch): void => {
    if (event.key === 'F2') setRenaming(search.id);
    else if (event.key === 'Delete') chips.remove(search);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const box = event.currentTarget.getBoundingClientRect();
      setMenu({ search, at: { x: box.left, y: box.bottom } });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="chips bounded" role="group" aria-label="Saved searches">
      {chips.items.map((search, index) =>
        chips.isGone(search) ? (
          <UndoChip key={`${search.id} gone`} name={search.name} onUndo={chips.bringBack} onLeave={chips.letGo} />
        ) : search.id === renaming ? (
          <NameField
            key={search.id}
            label={`New name of ${search.name}`}
            name={search.name}
            taken={namesOf(saved.filter((each) => each !== search))}
            onName={(name) => {
              if (name !== undefined) changeSearch(search.id, { name });
              chips.setFresh(search.id);
              setRenaming(undefined);
            }}
          />
        ) : (
          <button
            key={search.id}
            type="button"
            className="chip saved"
            autoFocus={chips.isFresh(search)}
            aria-pressed={text === search.text}
            title={`${search.text}${index < 9 ? ` (Alt+${index + 1})` : ''}; right button, F2, Delete: change it`}
            onClick={() => setText(text === search.text ? '' : search.text)}
            onKeyDown={(event) => onKey(event, search)}
            onContextMenu={(event) => {
              event.preventDefault();
              setMenu({ search, at: { x: event.clientX, y: event.clientY } });
            }}
          >
            <Bookmark size={12} aria-hidden="true" /> {search.name}
          </button>
        ),
      )}
      {isNaming && (
        <NameField
          label="Name of the saved search"
          name={text}
          taken={namesOf(saved)}
          onName={(name) => {
            if (name !== undefined) chips.setFresh(saveSearch(name));
            onNamed();
          }}
        />
      )}
      {menu && (
        <Menu
          label={`Saved search ${menu.search.name}`}
          items={items(menu.search)}
          at={menu.at}
          onClose={() => setMenu(undefined)}
        />
      )}
    </div>
  );
}
