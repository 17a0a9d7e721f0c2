import { expect, test } from 'vitest';
import { daysLeftOf } from './certificate-validity.logic.ts';

/** Self-signed, of nobody; its key was thrown away. */
const PEM = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBjDCCATGgAwIBAgIUI4JEBObl0Cuvkl/Ix0vQy8NNiO8wCgYIKoZIzj0EAwIw',
  'GzEZMBcGA1UEAwwQcGFjcy5leGFtcGxlLm9yZzAeFw0yNjExMjUwMzM0MjNaFw0y',
  'NzEyMzAwMzM0MjNaMBsxGTAXBgNVBAMMEHBhY3MuZXhhbXBsZS5vcmcwWTATBgcq',
  'hkjOPQIBBggqhkjOPQMBBwNCAARfsBoA+1lhNX6ftYIH6PKDJXNCuC041irKXgWN',
  '+IQL7T7x3aWdsYJi+uUXCeog40dURLsktu98KVEOCkWnk/azo1MwUTAdBgNVHQ4E',
  'FgQURyb9fLbcGjagqoV2EtKs+F2RG5cwHwYDVR0jBBgwFoAURyb9fLbcGjagqoV2',
  'EtKs+F2RG5cwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAz8vf',
  'OUQDCTzbIXjMgfnYPWoif7veqc8vuRh58PlDGloCIQCjCicOw6/Wh3hh/eo/ePxx',
  '2GhMx0QAbde0uc8oMBY9DQ==',
  '-----END CERTIFICATE-----',
].join('\n');
const END_MS = Date.UTC(2027, 11, 30, 3, 34, 23);
const DAY_MS = 86_400_000;

test('days are counted to the end of validity, and on past it', () => {
  expect(daysLeftOf(PEM, END_MS - 10 * DAY_MS)).toBe(10);
  expect(daysLeftOf(`authority\n${PEM}\n`, END_MS - DAY_MS / 2)).toBe(0);
  expect(daysLeftOf(PEM, END_MS + DAY_MS)).toBe(-1);
});

test('what is no certificate, or only a part of one, is not guessed at', () => {
  expect(daysLeftOf('', 0)).toBeUndefined();
  expect(daysLeftOf(PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY'), 0)).toBeUndefined();
  const body = PEM.split('\n').slice(1, -1).join('').replace(/=+$/, '');
  for (let length = 0; length < body.length; length++)
    expect(
      daysLeftOf(`-----BEGIN CERTIFICATE-----\n${body.slice(0, length)}\n-----END CERTIFICATE-----`, 0),
    ).toBeUndefined();
});
