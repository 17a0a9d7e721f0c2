import { expect, test } from 'vitest';
import { plainDate, plainTime, shownAge, shownDate, shownDateTime, shownTime } from './date-time.ts';

test.each([
  ['19940130', '19940130', '1994-01-30'],
  ['1994.01.30', '19940130', '1994-01-30'],
  ['1994', '1994', '1994'],
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

test.each([
  ['20261105120000.000000', '2026-11-05 12:00'],
  ['20261105120000+0100', '2026-11-05 12:00 +0100'],
  ['2026', '2026'],
])('the moment %s', (text, shown) => expect(shownDateTime(text)).toBe(shown));
