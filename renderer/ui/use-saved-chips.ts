// What rows of saved searches share: which one of them was deleted and may come back, and which takes the focus when it comes.
import { useState } from 'react';

interface Saved {
  id: string;
  name: string;
}

export interface SavedChips<Item extends Saved> {
  /** In their order; a deleted one still in its place. */
  items: readonly Item[];
  isGone(item: Item): boolean;
  /** For `autoFocus`: it was just saved, renamed or brought back. */
  isFresh(item: Item): boolean;
  setFresh(id: string): void;
  remove(item: Item): void;
  bringBack(): void;
  letGo(): void;
}

export function useSavedChips<Item extends Saved>(
  saved: readonly Item[],
  change: (saved: readonly Item[]) => void,
): SavedChips<Item> {
  const [fresh, setFresh] = useState<string>();
  const [gone, setGone] = useState<{ item: Item; at: number }>();
  const withGone = gone ? saved.toSpliced(gone.at, 0, gone.item) : saved;
  return {
    items: withGone,
    isGone: (item) => item === gone?.item,
    isFresh: ({ id }) => id === fresh,
    setFresh,
    remove: (item) => {
      setGone({ item, at: saved.indexOf(item) });
      change(saved.filter((each) => each !== item));
    },
    bringBack: () => {
      if (!gone) return;
      setFresh(gone.item.id);
      setGone(undefined);
      change(withGone);
    },
    letGo: () => setGone(undefined),
  };
}
