// A key press as text, the same for every keyboard that produces it, and as a person reads it.

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

const MODIFIERS = new Set([
  'Control',
  'Shift',
  'Alt',
  'Meta',
  'AltGraph',
  'CapsLock',
  'Dead',
  'Process',
  'Unidentified',
]);

/** `Ctrl+Alt+Shift+key`; letters small, Shift only where the key's own text does not tell it. Undefined for a modifier
 * alone. Command on a Mac counts as Ctrl. */
export function chordOf({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyPress): string | undefined {
  if (MODIFIERS.has(key)) return undefined;
  const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const name = key === ' ' ? 'Space' : isLetter ? key.toLowerCase() : key;
  return [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shiftKey && (isLetter || name.length > 1) && 'Shift', name]
    .filter(Boolean)
    .join('+');
}

const NAMES: Record<string, string> = {
  ArrowDown: 'Down',
  ArrowUp: 'Up',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Escape: 'Esc',
  PageDown: 'Page Down',
  PageUp: 'Page Up',
};

/** `Ctrl+Shift+Z` for `Ctrl+Shift+z`. */
export function nameOfChord(chord: string): string {
  const parts = chord.split(/\+(?=.)/);
  const key = parts.pop() ?? '';
  return [...parts, NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)].join('+');
}
