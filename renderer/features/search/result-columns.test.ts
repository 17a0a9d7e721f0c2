import { expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import { stepOf, studyOf } from './merge.logic.ts';
import { FIRST_SORT, sortRows, STEP_COLUMNS, STUDY_COLUMNS } from './result-columns.ts';
import type { FoundRow } from './search-store.ts';

const MOMENTS = [
  ['20241130', '1200'],
  ['20160503', '120800'],
  ['20241130', ''],
  ['', '0900'],
] as const;
const idsOf = (rows: readonly FoundRow[]): string[] => rows.map(({ studyUid }) => studyUid);
const uid = (index: number): DicomJson => ({ '0020000D': { vr: 'UI', Value: [`1.${index}`] } });

test('results stand in the order of their days, also where times lack seconds or are empty', () => {
  const studies = MOMENTS.flatMap(
    ([date, time], index) =>
      studyOf('A', {
        ...uid(index),
        '00080020': { vr: 'DA', Value: [date] },
        '00080030': { vr: 'TM', Value: [time] },
      }) ?? [],
  );
  expect(idsOf(sortRows(studies, STUDY_COLUMNS, FIRST_SORT.studies, () => 0))).toEqual(['1.0', '1.2', '1.1', '1.3']);
  const steps = MOMENTS.map(([date, time], index) =>
    stepOf('A', {
      ...uid(index),
      '00400100': {
        vr: 'SQ',
        Value: [{ '00400002': { vr: 'DA', Value: [date] }, '00400003': { vr: 'TM', Value: [time] } }],
      },
    }),
  );
  expect(idsOf(sortRows(steps, STEP_COLUMNS, FIRST_SORT.worklist, () => 0))).toEqual(['1.1', '1.2', '1.0', '1.3']);
});
