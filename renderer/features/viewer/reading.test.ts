import { expect, test } from 'vitest';
import { readingOf } from './reading.ts';

test('each study has its own reading, which stays until many others were opened', () => {
  const reading = readingOf('a');
  reading.cells = { ...reading.cells, grid: [2, 2] };
  expect(readingOf('b').cells.grid).toEqual([1, 1]);
  for (let other = 0; other < 49; other++) readingOf(`other ${other}`);
  expect(readingOf('a').cells.grid).toEqual([1, 1]);
  const again = readingOf('a');
  for (let other = 0; other < 40; other++) readingOf(`more ${other}`);
  expect(readingOf('a')).toBe(again);
});
