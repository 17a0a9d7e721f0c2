// Files that are small and would take all memory: each is refused before it does, with the place.
import { expect, test } from 'vitest';
import { EXPLICIT, sequence, text, writeFile } from '../testing/dicom-builder.ts';
import { LARGE, ReadBudget } from './read-budget.ts';
import { readInstance } from './read-instance.ts';

const UIDS = {
  '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.66'),
  '00080018': text('UI', '1.2.3.4'),
  '0020000D': text('UI', '1.2.3'),
  '0020000E': text('UI', '1.2.3.1'),
};
const refusalOf = (more: Parameters<typeof writeFile>[0], budget = new ReadBudget()): unknown => {
  const file = writeFile({ ...UIDS, ...more }, { transferSyntaxUid: EXPLICIT });
  const source = { size: file.length, read: (at: number, length: number) => file.subarray(at, at + length) };
  const read = readInstance(source, { budget });
  return read.ok ? undefined : read.error;
};
const private1000 = (count: number, group = 0x0041): Record<string, ReturnType<typeof text>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const number = group * 0x10000 + 0x1000 + (at % 0xe000) + Math.floor(at / 0xe000) * 0x20000;
      return [number.toString(16).toUpperCase().padStart(8, '0'), text('SH', 'x')];
    }),
  );
const valuesOf = (count: number): ReturnType<typeof text> => text('UC', '1\\'.repeat(count - 1));

test.each([
  ['values of one element', { '00189919': valuesOf(500_000) }, { '00189919': valuesOf(500_001) }, '00189919'],
  [
    'values of all elements',
    { '0041A730': sequence(...Array.from({ length: 4 }, () => ({ '00189919': valuesOf(499_000) }))) },
    { '0041A730': sequence(...Array.from({ length: 5 }, () => ({ '00189919': valuesOf(499_000) }))) },
    '00189919',
  ],
  [
    'length of a text',
    { '0040A160': text('UT', 'a'.repeat(33_000_000)) },
    { '0040A160': text('UT', 'a'.repeat(34_000_000)) },
    '0040A160',
  ],
  [
    'length of all texts',
    { '0040A730': sequence(...Array.from({ length: 3 }, () => ({ '0040A160': text('UT', 'a'.repeat(11_000_000)) }))) },
    { '0040A730': sequence(...Array.from({ length: 4 }, () => ({ '0040A160': text('UT', 'a'.repeat(11_000_000)) }))) },
    '0040A160',
  ],
  ['elements of an item', private1000(49_000), private1000(50_000), undefined],
])('%s: what any object needs is read, more is refused', (_what, much, tooMuch, tag) => {
  expect(refusalOf(much)).toBeUndefined();
  expect(refusalOf(tooMuch)).toMatchObject({
    code: 'too-large',
    detail: expect.stringContaining('than any object needs') as string,
    ...(tag !== undefined && { tag }),
  });
});

test.each([
  [
    'values of all elements',
    { '0041A730': sequence(...Array.from({ length: 5 }, () => ({ '00189919': valuesOf(499_000) }))) },
    true,
  ],
  ['values of one element', { '00189919': valuesOf(500_001) }, false],
  [
    'length of all texts',
    { '0040A730': sequence(...Array.from({ length: 4 }, () => ({ '0040A160': text('UT', 'a'.repeat(11_000_000)) }))) },
    true,
  ],
  ['elements', { '0041A730': sequence(...Array.from({ length: 25 }, () => private1000(40_500))) }, true],
  ['elements of an item', private1000(50_000), false],
])('%s: a very large object is read by who asks for it', (_what, dataset, isRead) => {
  const usual = new ReadBudget();
  expect(refusalOf(dataset, usual)).toMatchObject({ code: 'too-large' });
  expect(usual.wouldFitLarge).toBe(isRead);
  expect(refusalOf(dataset, new ReadBudget(LARGE)) === undefined).toBe(isRead);
});
