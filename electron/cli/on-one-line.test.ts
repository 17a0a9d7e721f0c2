import { expect, test } from 'vitest';
import { onOneLine } from './on-one-line.ts';

test.each([
  ['a line break', '\n'],
  ['an escape', '\x1b'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['an override of the direction', '\u202e'],
  ['an isolate', '\u2067'],
])('%s is a blank on a terminal', (_name, character) => expect(onOneLine(`Doe^J${character}ohn`)).toBe('Doe^J ohn'));
test('letters of all scripts stay', () => expect(onOneLine('שרה^Μαρία 山田\u{20000}')).toBe('שרה^Μαρία 山田\u{20000}'));
