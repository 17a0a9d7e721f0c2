import { expect, test } from 'vitest';
import { limitOf, showLimit, studyCount } from './retention.logic.ts';

test.each([
  ['', null],
  ['  ', null],
  ['250', 250e9],
  ['1,5', 1.5e9],
  ['0', undefined],
  ['-3', undefined],
  ['12 GB', undefined],
])('%j GB is read as %s', (text, expected) => {
  expect(limitOf(text, 1e9)).toBe(expected);
});

test('what is shown reads back as the same limit', () => {
  for (const value of [1.5e9, 250e9, null]) expect(limitOf(showLimit(value, 1e9), 1e9)).toBe(value);
});

test('one study is not several', () => {
  expect([0, 1, 2].map(studyCount)).toEqual(['0 studies', '1 study', '2 studies']);
});
