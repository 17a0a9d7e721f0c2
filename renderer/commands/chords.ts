// A key press as text, the same for every keyboard that produces it, and as a person reads it.

export interface KeyPress {
  key: string;
  /** Where the key lies, named after a US keyboard. */
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** Keys that make no text of their own. */
const SILENT = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified']);
const LATIN = /^[\x20-\x7e\p{Script=Latin}]$/u;

/** `Ctrl+Alt+Shift+key`; letters small, Shift only where the key's own text does not tell it. First as the key says; then, where
 * that is of a script without Latin letters or was changed by Alt, as the key at its place says on a US keyboard. None for a
 * modifier alone. Command on a Mac counts as Ctrl. */
export function chordsOf(press: KeyPress): string[] {
  const { key, shiftKey } = press;
  const isLetter = key.length === 1 && key.toLowerCase() !== key.toUpperCase();
  const name = key === ' ' ? 'Space' : isLetter ? key.toLowerCase() : key;
  const place = placeOf(press);
  const chords = SILENT.has(key) ? [] : [chord(press, shiftKey && (isLetter || name.length > 1), name)];
  return place === undefined ? chords : [...chords, chord(press, shiftKey, place)];
}

const chord = ({ ctrlKey, metaKey, altKey }: KeyPress, isShift: boolean, name: string): string =>
  [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', isShift && 'Shift', name].filter(Boolean).join('+');

/** Letter or digit of a US keyboard at the key's place; undefined where the key's own text counts alone. */
export function placeOf({ key, code, altKey }: KeyPress): string | undefined {
  const isChanged = altKey && !/^[a-z0-9]$/i.test(key) && (key.length === 1 || key === 'Dead');
  if (!isChanged && (key.length > 1 || LATIN.test(key))) return undefined;
  return /^(?:Key|Digit)(.)$/.exec(code)?.[1]?.toLowerCase();
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
