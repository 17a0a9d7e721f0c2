import { expect, test } from 'vitest';
import {
  knownAge,
  knownDate,
  plainDate,
  plainTime,
  shownAge,
  shownDate,
  shownDateTime,
  shownTime,
  sortableMoment,
} from './date-time.ts';

test.each([
  ['19940130', '19940130', '1994-01-30'],
  ['1994.01.30', '19940130', '1994-01-30'],
  ['1994', '1994', '1994'],
  ['99999999', '99999999', '99999999'],
  ['', '', ''],
])('the date %s', (text, plain, shown) => {
  expect(plainDate(text)).toBe(plain);
  expect(shownDate(text)).toBe(shown);
});

test.each([
  ['112458', '112458', '11:24'],
  ['112458.250000', '112458.250000', '11:24'],
  ['11:24:58', '112458', '11:24'],
  ['09:05', '0905', '09:05'],
  ['11', '11', '11'],
  ['noon', 'noon', 'noon'],
])('the time %s', (text, plain, shown) => {
  expect(plainTime(text)).toBe(plain);
  expect(shownTime(text)).toBe(shown);
});

test.each([
  ['045Y', '45 y'],
  ['003M', '3 m'],
  ['000D', '0 d'],
  ['42', '42'],
])('the age %s', (text, shown) => expect(shownAge(text)).toBe(shown));

test('zeros, days of no calendar and words stand in headers for what is not known', () => {
  for (const none of ['00000000', '0000.00.00', '19991301', '19990100', '99999999', 'UNKNOWN', '0', ''])
    expect(knownDate(none), none).toBe('');
  for (const none of ['000Y', '0', 'UNK', '', '999Y']) expect(knownAge(none), none).toBe('');
  expect(['19940130', '1994.01.30', '1994'].map(knownDate)).toEqual(['1994-01-30', '1994-01-30', '1994']);
  // A newborn is of no days.
  expect(['045Y', '000D', '42', '120Y', '999D'].map(knownAge)).toEqual(['45 y', '0 d', '42', '120 y', '999 d']);
});

test.each([
  ['20261105120000.000000', '2026-11-05 12:00'],
  ['20261105120000+0100', '2026-11-05 12:00 +0100'],
  ['2026', '2026'],
])('the moment %s', (text, shown) => expect(shownDateTime(text)).toBe(shown));

test('moments sort by what they name, however much of the time is there', () => {
  const inOrder = [
    ['20160503', '120800'],
    ['20241130', ''],
    ['2024.11.30', '09:05'],
    ['20241130', '12'],
    ['20241130', '120000.5'],
    ['20241130', '1201'],
    ['20241130', '120100.000001'],
    ['20241201', ''],
  ] as const;
  const keys = inOrder.map(([date, time]) => sortableMoment(date, time));
  expect(keys.toSorted()).toEqual(keys);
  expect(new Set(keys.map(({ length }) => length))).toEqual(new Set([21]));
  expect(sortableMoment('', '1200')).toBe('');
});
