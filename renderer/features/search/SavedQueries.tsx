// Saved searches as chips: a press fills the form and asks; Delete forgets one.
import { Bookmark } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { Menu } from '../../ui/Menu.tsx';
import type { SavedQuery, SearchStore } from './search-store.ts';

interface SavedQueriesProps {
  store: SearchStore;
  chosen: readonly string[];
  /** The name of a new one is being asked for. */
  isNaming: boolean;
  onNamed(): void;
}

export function SavedQueries({ store, chosen, isNaming, onNamed }: SavedQueriesProps) {
  const { saved, criteria, replaceCriteria, search, forget } = useStore(store);
  const [menu, setMenu] = useState<{ query: SavedQuery; at: { x: number; y: number } }>();
  if (saved.length === 0 && !isNaming) return null;
  return (
    <div className="chips saved-queries" role="group" aria-label="Saved searches">
      {saved.map((query) => (
        <button
          key={query.id}
          type="button"
          className="chip saved"
          title={`${query.name}: press to ask; right button or Delete forgets it`}
          onContextMenu={(event) => {
            event.preventDefault();
            setMenu({ query, at: { x: event.clientX, y: event.clientY } });
          }}
          aria-pressed={JSON.stringify(query.criteria) === JSON.stringify(criteria)}
          onClick={() => {
            replaceCriteria(query.criteria);
            search(chosen);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Delete') return;
            event.preventDefault();
            event.stopPropagation();
            forget(query.id);
          }}
        >
          <Bookmark size={12} aria-hidden="true" /> {query.name}
        </button>
      ))}
      {menu && (
        <Menu
          label={`Saved search ${menu.query.name}`}
          at={menu.at}
          onClose={() => setMenu(undefined)}
          items={[{ id: 'forget', label: 'Forget', keys: 'Delete', run: () => forget(menu.query.id) }]}
        />
      )}
      {isNaming && <Naming store={store} onNamed={onNamed} />}
    </div>
  );
}

function Naming({ store, onNamed }: { store: SearchStore; onNamed(): void }) {
  const { save } = useStore(store);
  const [name, setName] = useState('');
  return (
    <form
      className="name-field"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '') save(name.trim());
        onNamed();
      }}
    >
      <input
        type="text"
        aria-label="Name of the saved search"
        autoFocus
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onNamed();
        }}
      />
      <button type="submit" className="chip" disabled={name.trim() === ''}>
        Save
      </button>
    </form>
  );
}
