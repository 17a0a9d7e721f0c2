import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { UsageError } from './arguments.ts';
import { dataFolder, keyFolder } from './open-backend.ts';

afterEach(() => void vi.unstubAllEnvs());

test('a folder that is named as nothing is a wrong call, not the one the person stands in', () => {
  expect(() => dataFolder('')).toThrow(new UsageError('--data is empty: it is to name a folder.'));
  vi.stubEnv('LECTERN_DATA', '');
  expect(() => dataFolder(undefined)).toThrow(new UsageError('LECTERN_DATA is empty: it is to name a folder.'));
  expect(dataFolder('/d')).toBe(path.resolve('/d'));
  vi.stubEnv('LECTERN_KEYS', '');
  expect(() => keyFolder()).toThrow(UsageError);
});

test.skipIf(process.platform !== 'linux')('the user’s own folder is never a relative one', () => {
  vi.stubEnv('LECTERN_DATA', undefined);
  vi.stubEnv('XDG_DATA_HOME', '');
  vi.stubEnv('HOME', '/home/jane');
  expect(dataFolder(undefined)).toBe('/home/jane/.local/share/lectern/archive');
});
