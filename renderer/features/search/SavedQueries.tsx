// Saved searches as chips: a press fills the form and asks; Delete forgets one.
import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { Menu } from '../../ui/Menu.tsx';
import { NameField } from '../../ui/NameField.tsx';
import { UndoChip } from '../../ui/UndoChip.tsx';
import { useSavedChips } from '../../ui/use-saved-chips.ts';
import type { Criteria } from './criteria.logic.ts';
import type { SavedQuery, SearchStore } from './search-store.ts';

interface SavedQueriesProps {
  store: SearchStore;
  onSearch(criteria: Criteria): void;
  /** The name of a new one is being asked for. */
  isNaming: boolean;
  onNamed(): void;
}

export function SavedQueries({ store, onSearch, isNaming, onNamed }: SavedQueriesProps) {
  const { saved, criteria, save, setSaved } = useStore(store);
  const chips = useSavedChips(saved, setSaved);
  const [menu, setMenu] = useState<{ query: SavedQuery; at: { x: number; y: number } }>();
  if (chips.items.length === 0 && !isNaming) return null;
  return (
    <div className="chips bounded saved-queries" role="group" aria-label="Saved searches">
      {chips.items.map((query) =>
        chips.isGone(query) ? (
          <UndoChip key={`${query.id} gone`} name={query.name} onUndo={chips.bringBack} onLeave={chips.letGo} />
        ) : (
          <button
            key={query.id}
            type="button"
            className="chip saved"
            autoFocus={chips.isFresh(query)}
            title={`${query.name}: press to ask; right button or Delete forgets it`}
            onContextMenu={(event) => {
              event.preventDefault();
              setMenu({ query, at: { x: event.clientX, y: event.clientY } });
            }}
            aria-pressed={JSON.stringify(query.criteria) === JSON.stringify(criteria)}
            onClick={() => onSearch(query.criteria)}
            onKeyDown={(event) => {
              if (event.key !== 'Delete') return;
              event.preventDefault();
              event.stopPropagation();
              chips.remove(query);
            }}
          >
            <Bookmark size={12} aria-hidden="true" /> {query.name}
          </button>
        ),
      )}
      {menu && (
        <Menu
          label={`Saved search ${menu.query.name}`}
          at={menu.at}
          onClose={() => setMenu(undefined)}
          items={[{ id: 'forget', label: 'Forget', keys: 'Delete', run: () => chips.remove(menu.query) }]}
        />
      )}
      {isNaming && (
        <NameField
          label="Name of the saved search"
          name=""
          taken={saved.map(({ name }) => name)}
          onName={(name) => {
            if (name !== undefined) chips.setFresh(save(name));
            onNamed();
          }}
        />
      )}
    </div>
  );
}
