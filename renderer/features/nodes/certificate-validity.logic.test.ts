import { expect, test } from 'vitest';
import { validityOf } from './certificate-validity.logic.ts';

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
const VALIDITY = { validFrom: '2026-11-25T03:34:23.000Z', validTo: '2027-12-30T03:34:23.000Z' };

test('begin and end of the first certificate', () => {
  expect(validityOf(PEM)).toEqual(VALIDITY);
  expect(validityOf(`authority\n${PEM}\n`)).toEqual(VALIDITY);
});

test('what is no certificate, or only a part of one, is not guessed at', () => {
  expect(validityOf('')).toBeUndefined();
  expect(validityOf(PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY'))).toBeUndefined();
  const body = PEM.split('\n').slice(1, -1).join('').replace(/=+$/, '');
  for (let length = 0; length < body.length; length++)
    expect(
      validityOf(`-----BEGIN CERTIFICATE-----\n${body.slice(0, length)}\n-----END CERTIFICATE-----`),
    ).toBeUndefined();
});
