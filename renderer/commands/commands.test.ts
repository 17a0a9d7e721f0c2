import { describe, expect, test } from 'vitest';
import { commandOfChord, conflictsOf, hintOf, keysOf } from './bindings.ts';
import { chordOf, nameOfChord } from './chords.ts';
import { fuzzyFind, fuzzyScore } from './fuzzy.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('chords', () => {
  test.each([
    [press('r'), 'r', 'R'],
    [press('R', { shiftKey: true }), 'Shift+r', 'Shift+R'],
    // Caps lock alone is no Shift.
    [press('R'), 'r', 'R'],
    [press('z', { ctrlKey: true }), 'Ctrl+z', 'Ctrl+Z'],
    [press('z', { metaKey: true }), 'Ctrl+z', 'Ctrl+Z'],
    [press('?', { shiftKey: true }), '?', '?'],
    [press('+', { ctrlKey: true }), 'Ctrl++', 'Ctrl++'],
    [press('+'), '+', '+'],
    [press('ArrowDown', { shiftKey: true }), 'Shift+ArrowDown', 'Shift+Down'],
    [press(' '), 'Space', 'Space'],
    [press('ä', { altKey: true }), 'Alt+ä', 'Alt+Ä'],
  ])('%j', (event, chord, name) => {
    expect(chordOf(event)).toBe(chord);
    expect(nameOfChord(chord)).toBe(name);
  });
  test('a modifier alone is no chord', () => expect(chordOf(press('Shift', { shiftKey: true }))).toBeUndefined());
});

describe('bindings', () => {
  const commands = [
    { id: 'fit', label: 'Fit', keys: ['f'] },
    { id: 'flip', label: 'Flip', keys: ['h', 'Ctrl+h'] },
  ];
  test('own keys replace the defaults, an empty list takes them away', () => {
    expect(commandOfChord(commands, {}, 'f')?.id).toBe('fit');
    expect(commandOfChord(commands, { fit: ['q'] }, 'f')).toBeUndefined();
    expect(commandOfChord(commands, { fit: ['q'] }, 'q')?.id).toBe('fit');
    expect(commands.map((command) => hintOf(command, { fit: [] }))).toEqual(['Fit', 'Flip (H)']);
    expect(keysOf({ id: 'flip', label: 'Flip', keys: ['h'] }, {})).toEqual(['h']);
  });
  test('chords claimed twice are told', () => {
    expect(conflictsOf(commands, {}).size).toBe(0);
    expect([...conflictsOf(commands, { fit: ['h', 'h'] })]).toEqual([['h', ['fit', 'flip']]]);
  });
});

describe('fuzzy', () => {
  const labels = ['Flip left-right', 'Rotate right', 'Reset the view', 'Window preset 1'];
  test('letters in order, beginnings of words first', () => {
    expect(fuzzyFind('rr', labels, (text) => text)[0]).toBe('Rotate right');
    expect(fuzzyFind('reset', labels, (text) => text)).toMatchObject(['Reset the view', 'Window preset 1']);
    expect(fuzzyFind('right', labels, (text) => text)).toEqual(['Rotate right', 'Flip left-right']);
    expect(fuzzyFind('', labels, (text) => text)).toEqual(labels);
    expect(fuzzyScore('xq', 'Reset')).toBeUndefined();
  });
});
