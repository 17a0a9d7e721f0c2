import { expect, test } from 'vitest';
import type { Job, StudyRow } from '#shared/contract/views.ts';
import { bestNodeOf, localStateOf, localWords, retrievalsOf, retrievalTitle } from './local-state.logic.ts';
import { studyOf, type FoundStudy, type StudyAtNode } from './merge.logic.ts';

const study = (instanceCount?: number): FoundStudy => {
  const found = studyOf('A', {
    '0020000D': { vr: 'UI', Value: ['1.2'] },
    ...(instanceCount !== undefined && { '00201208': { vr: 'IS', Value: [instanceCount] } }),
  });
  if (!found) throw new Error('no study');
  return found;
};
const row = (instanceCount: number, missingCount = 0, damagedCount = 0): ReadonlyMap<string, StudyRow> =>
  new Map([['1.2', { studyUid: '1.2', instanceCount, missingCount, damagedCount } as StudyRow]]);
const job = (changed: Partial<Job>): Job =>
  ({
    kind: 'retrieve',
    state: 'running',
    studyUid: '1.2',
    itemsDone: 7,
    itemsTotal: 20,
    finishedAt: null,
    ...changed,
  }) as Job;

test.each([
  ['nothing here', study(20), new Map(), [], 'not here'],
  ['only a row yet', study(20), row(0), [], 'not here'],
  ['all of it', study(20), row(20), [], 'here'],
  ['fewer than the node has', study(20), row(12), [], 'incomplete, 12 of 20'],
  ['the archive knows that a part did not come', study(), row(12, 3), [], 'incomplete, 12 of 15'],
  ['a part is damaged', study(12), row(12, 0, 2), [], 'incomplete, 10 of 12'],
  ['the node does not say how many', study(), row(12), [], 'here'],
  ['on its way', study(20), row(7), [job({})], 'arriving, 7 of 20'],
  ['on its way, of an unknown number', study(20), row(7), [job({ itemsTotal: null })], 'arriving, 7'],
  ['paused', study(20), row(7), [job({ state: 'paused' })], 'paused, 7 of 20'],
  ['queued', study(20), new Map(), [job({ state: 'queued' })], 'waiting its turn'],
  ['an earlier retrieval is over', study(20), new Map(), [job({ finishedAt: 1, state: 'failed' })], 'not here'],
] as const)('%s', (_name, found, rows, jobs, words) => {
  expect(localWords(localStateOf(found, rows, retrievalsOf(jobs)))).toBe(words);
});

test('it is taken from where it is on line and whole, else in the order of the nodes', () => {
  const at = (node: string, instanceCount: number | undefined, availability = ''): StudyAtNode =>
    ({ node, instanceCount, availability }) as StudyAtNode;
  const best = (...places: StudyAtNode[]): string | undefined => bestNodeOf({ ...study(20), at: places });
  expect(best(at('A', 20), at('B', 20))).toBe('A');
  expect(best(at('A', 12), at('B', 20))).toBe('B');
  expect(best(at('A', 20, 'NEARLINE'), at('B', 20))).toBe('B');
  expect(best(at('A', 20, 'OFFLINE'))).toBe('A');
});

test('a retrieval is called by the patient first: two of one day are told apart', () => {
  const some = { ...study(), modalities: ['CT'], description: 'Thorax', studyDate: '20260105' };
  expect(retrievalTitle({ ...some, patientName: 'Müller^Jörg', patientId: 'P-1' })).toBe(
    'Müller, Jörg, P-1, CT, Thorax, 2026-01-05',
  );
  expect(retrievalTitle(some)).toBe('No name, CT, Thorax, 2026-01-05');
});
