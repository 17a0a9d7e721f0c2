// Against the expression that says the same, on random texts; and a pattern that such an expression does not get through.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWildcardMatch } from './wildcard.ts';

const EXPRESSIONS: Record<string, string> = { '*': '.*', '?': '.', '.': '\\.' };
const piece = fc.array(fc.constantFrom('a', 'b', '\u00fc', '\u{1f600}', '.', '*', '?'), { maxLength: 9 });

test('matches as the expression does', () => {
  fc.assert(
    fc.property(piece, piece, (text, pattern) => {
      const source = pattern.map((each) => EXPRESSIONS[each] ?? each).join('');
      expect(isWildcardMatch(text.join(''), pattern.join(''))).toBe(
        new RegExp(`^${source}$`, 'su').test(text.join('')),
      );
    }),
    { numRuns: 5000 },
  );
});

test('many asterisks cost no more than a few', () => {
  expect(isWildcardMatch('a'.repeat(2000), `${'*a'.repeat(500)}*b`)).toBe(false);
  expect(isWildcardMatch(`${'a'.repeat(2000)}b`, `${'*a'.repeat(500)}*b`)).toBe(true);
});
