import { describe, expect, test } from 'vitest';
import { commandOfChord, conflictsOf, hintOf, keysOf, whyRefused } from './bindings.ts';
import { chordsOf, nameOfChord } from './chords.ts';
import { fuzzyFind, fuzzyScore } from './fuzzy.ts';

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {},
  code = '',
) => ({
  key,
  code,
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
    expect(chordsOf(event)).toEqual([chord]);
    expect(nameOfChord(chord)).toBe(name);
  });
  test('a modifier alone is no chord', () =>
    expect(chordsOf(press('Shift', { shiftKey: true }, 'ShiftLeft'))).toEqual([]));
  test.each([
    ['Cyrillic', press('ц', {}, 'KeyW'), ['ц', 'w']],
    ['Cyrillic with Shift', press('Л', { shiftKey: true }, 'KeyK'), ['Shift+л', 'Shift+k']],
    ['Cyrillic with Ctrl', press('я', { ctrlKey: true }, 'KeyZ'), ['Ctrl+я', 'Ctrl+z']],
    ['Cyrillic at the place of a sign', press('ж', {}, 'Semicolon'), ['ж']],
    ['Arabic digits', press('٣', {}, 'Digit3'), ['٣', '3']],
    ['Hebrew', press('ש', {}, 'KeyA'), ['ש', 'a']],
    ['Alt on macOS', press('¡', { altKey: true }, 'Digit1'), ['Alt+¡', 'Alt+1']],
    ['Alt with a letter on macOS', press('Ω', { altKey: true }, 'KeyZ'), ['Alt+ω', 'Alt+z']],
    ['Alt that begins an accent on macOS', press('Dead', { altKey: true }, 'KeyN'), ['Alt+n']],
    ['Alt with a Latin letter on macOS', press('å', { altKey: true }, 'KeyA'), ['Alt+å', 'Alt+a']],
    ['Alt on AZERTY', press('&', { altKey: true }, 'Digit1'), ['Alt+&', 'Alt+1']],
    ['Alt and Shift', press('!', { altKey: true, shiftKey: true }, 'Digit1'), ['Alt+!', 'Alt+Shift+1']],
    // What the key says counts, not its place.
    ['AZERTY', press('a', {}, 'KeyQ'), ['a']],
    ['AZERTY with Alt', press('z', { altKey: true }, 'KeyW'), ['Alt+z']],
    ['AZERTY, a letter in place of a digit', press('é', {}, 'Digit2'), ['é']],
    ['AZERTY, a sign in place of a digit', press('&', {}, 'Digit1'), ['&']],
    ['AZERTY, a sign in place of a letter', press(',', {}, 'KeyM'), [',']],
    ['QWERTZ', press('y', {}, 'KeyZ'), ['y']],
    ['a dead key', press('Dead', {}, 'KeyE'), []],
    ['Space', press(' ', { altKey: true }, 'Space'), ['Alt+Space']],
    ['an arrow with Alt', press('ArrowUp', { altKey: true }, 'ArrowUp'), ['Alt+ArrowUp']],
  ])('%s', (_, event, chords) => expect(chordsOf(event)).toEqual(chords));
});

describe('bindings', () => {
  const commands = [
    { id: 'fit', label: 'Fit', keys: ['f'] },
    { id: 'flip', label: 'Flip', keys: ['h', 'Ctrl+h'] },
  ];
  test('own keys replace the defaults, an empty list takes them away', () => {
    expect(commandOfChord(commands, {}, ['f'])?.id).toBe('fit');
    expect(commandOfChord(commands, { fit: ['q'] }, ['f'])).toBeUndefined();
    expect(commandOfChord(commands, { fit: ['q'] }, ['q'])?.id).toBe('fit');
    // What the key says first, then its place.
    expect(commandOfChord(commands, { fit: ['р'] }, ['р', 'h'])?.id).toBe('fit');
    expect(commandOfChord(commands, {}, ['р', 'h'])?.id).toBe('flip');
    expect(commands.map((command) => hintOf(command, { fit: [] }))).toEqual(['Fit', 'Flip (H)']);
    expect(keysOf({ id: 'flip', label: 'Flip', keys: ['h'] }, {})).toEqual(['h']);
  });
  test('keys by which one leaves a place, presses a button or rules the browser are not to be had', () => {
    const [fit] = commands;
    for (const chord of [
      'Tab',
      'Shift+Tab',
      'Ctrl+Tab',
      'Enter',
      'Space',
      'F5',
      'Ctrl+w',
      'Ctrl+t',
      'Ctrl+n',
      'Ctrl+r',
    ]) {
      expect(whyRefused(fit!, chord), chord).toBeTruthy();
      // Chosen in an earlier version.
      expect(commandOfChord(commands, { fit: [chord] }, [chord]), chord).toBeUndefined();
      expect(keysOf(fit!, { fit: [chord] })).toEqual(['f']);
    }
    expect(keysOf(fit!, { fit: ['Tab', 'q'] })).toEqual(['q']);
    for (const chord of ['q', 'Ctrl+Enter', 'Shift+Space', 'F2', 'Alt+1'])
      expect(whyRefused(fit!, chord)).toBeUndefined();
    expect(whyRefused({ keys: ['Enter'] }, 'Enter')).toBeUndefined();
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
