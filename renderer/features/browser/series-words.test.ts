import { expect, test } from 'vitest';
import type { SeriesRow } from '#shared/contract/views.ts';
import { seriesNotes } from './series-words.ts';

const notesOf = (missingCount: number, lostCount: number): string[] =>
  seriesNotes({
    instanceCount: 35,
    missingCount,
    lostCount,
    retiredCount: 0,
    damagedCount: 0,
    conflictCount: 0,
    repairedCount: 0,
  } as SeriesRow);

test('what was here and is lost is not said to be at a node, which there may be none of', () => {
  expect(notesOf(5, 5)).toEqual([
    'Of 40 not all are here. 5 instances stored here before are lost: retrieve or import the study again.',
  ]);
  expect(notesOf(5, 0)).toEqual([
    'Of 40 not all are here. 5 instances that a node has are not here yet: retrieve the study again for the rest.',
  ]);
  expect(notesOf(0, 0)).toEqual([]);
});
