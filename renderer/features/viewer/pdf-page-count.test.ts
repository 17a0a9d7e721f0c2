import { expect, test } from 'vitest';
import { statedPageCount } from './pdf-page-count.ts';

const count = (text: string): number | undefined => statedPageCount(new TextEncoder().encode(text).buffer);
const catalog = '1 0 obj<</Type/Catalog/Pages 2 0 R/Outlines 9 0 R>>endobj\n9 0 obj<</Count 7>>endobj\n';
const trailer = 'trailer<</Root 1 0 R>>\n';

test.each<[string, string, number | undefined]>([
  ['that of the root, not of a branch', '3 0 obj<</Type/Pages/Count 2>>endobj 2 0 obj<</Count 3>>endobj', 3],
  ['that of the last revision', '2 0 obj<</Count 3>>endobj\n2 0 obj<</Count 2>>endobj', 2],
  ['none', '2 0 obj<</Count 0>>endobj', 0],
  ['object 12 is not object 2', '2 0 obj<</Count 3>>endobj\n12 0 obj<</Count 8>>endobj', 3],
  ['a count elsewhere is not looked for', '2 0 obj<</Count 5 0 R>>endobj', undefined],
  ['what is compressed is unknown', '', undefined],
])('the pages that a PDF states: %s', (_name, pages, expected) =>
  expect(count(catalog + pages + trailer)).toBe(expected),
);

test('what is no PDF states none', () => expect(count('hello')).toBeUndefined());
