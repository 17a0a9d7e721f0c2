// Keys that no command may take: who chose one of them could not leave a place, press a button or trust the browser any more.
import { nameOfChord } from './chords.ts';

const withKeys = (held: string, keys: string): string[] => keys.split(' ').map((key) => `${held}+${key}`);

/** Most of these never reach the page; the others would be missed: loading again, tabs, history, zoom, menus, the system's windows. */
const SYSTEM = new Set([
  'F5',
  'F6',
  'F10',
  'F11',
  'F12',
  'ContextMenu',
  ...withKeys('Ctrl', 'w t n r l q + - = 0 1 2 3 4 5 6 7 8 9 F4 F5 PageUp PageDown'),
  ...withKeys('Ctrl+Shift', 'w t n r i j q'),
  ...withKeys('Alt', 'F4 Space ArrowLeft ArrowRight Home'),
  ...withKeys('Shift', 'F5 F10'),
]);

/** Why a chord is not for a person to choose; undefined where it is. */
export function whyKept(chord: string): string | undefined {
  if (/(?:^|\+)Tab$/.test(chord)) return 'Tab goes from one control to the next';
  if (chord === 'Enter' || chord === 'Space') return `${chord} presses the button that has the focus`;
  return SYSTEM.has(chord) ? `${nameOfChord(chord)} is a key of the browser or the system` : undefined;
}
