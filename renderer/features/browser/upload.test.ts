import { expect, test } from 'vitest';
import { withOwnPaths } from './upload.ts';

test('files of one name are told apart, whatever the others are called', () => {
  const paths = ['IM1', 'IM1 (2)', 'IM1', 'a/IM1', 'IM1'].map((path, size) => ({ path, size }));
  const taken = new Set<string>();
  expect(withOwnPaths(paths, taken)).toEqual(
    ['IM1', 'IM1 (2)', 'IM1 (3)', 'a/IM1', 'IM1 (4)'].map((path, size) => ({ path, size })),
  );
  expect(withOwnPaths([{ path: 'a/IM1' }], taken)).toEqual([{ path: 'a/IM1 (2)' }]);
});
