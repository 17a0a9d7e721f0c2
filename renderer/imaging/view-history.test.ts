import { expect, test } from 'vitest';
import { ViewHistory } from './view-history.ts';

test('undo and redo walk both ways; a new change forgets what was undone', () => {
  const history = new ViewHistory<string>();
  expect(history.undo('a')).toBeUndefined();
  history.keep('a');
  history.keep('b');
  expect(history.undo('c')).toBe('b');
  expect(history.undo('b')).toBe('a');
  expect(history.undo('a')).toBeUndefined();
  expect(history.redo('a')).toBe('b');
  expect(history.redo('b')).toBe('c');
  expect(history.redo('c')).toBeUndefined();
  expect(history.undo('c')).toBe('b');
  history.keep('b');
  expect(history.redo('d')).toBeUndefined();
});
