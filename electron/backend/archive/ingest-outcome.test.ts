// What became of a file, in one word: the gravest of what was remarkable about it.
import { expect, test } from 'vitest';
import type { RepairCode } from '#shared/dicom/model.ts';
import { fateOf } from './ingest-outcome.ts';

test.each<[RepairCode[], string]>([
  [['missing-preamble', 'other-patient'], 'other-patient'],
  [['other-patient', 'truncated-pixels'], 'truncated-pixels'],
  [['missing-preamble', 'odd-length'], 'missing-preamble'],
])('of %j the gravest is %s, and all are told', (codes, gravest) => {
  const repairs = codes.map((code) => ({ code, detail: `${code}.` }));
  expect(fateOf(repairs)).toEqual({
    outcome: 'repaired',
    code: gravest,
    reason: codes.map((code) => `${code}.`).join(' '),
  });
});
