import { expect, test } from 'vitest';
import { isValidityDue, validityWords } from './validity.ts';

const NOW = Date.UTC(2026, 10, 30, 12);
const at = (days: number): string => new Date(NOW + days * 86_400_000).toISOString();

test.each([
  [-10, 31, 'valid for 31 days more', false],
  [-10, 29, 'valid for 29 days more', true],
  [-10, 1.5, 'valid for 1 day more', true],
  [-10, 2 / 24, 'valid for 2 hours more', true],
  [-10, 0.01, 'valid for less than an hour more', true],
  [-10, -0.1, 'expired 2 hours ago', true],
  [-10, -1, 'expired 1 day ago', true],
  [0.5, 365, 'not valid before 2026-12-01 00:00 UTC', true],
])('from %d to %d days from now: %s', (from, to, words, isDue) => {
  const validity = { validFrom: at(from), validTo: at(to) };
  expect(validityWords(validity, NOW)).toBe(words);
  expect(isValidityDue(validity, NOW)).toBe(isDue);
});
