import { describe, expect, test } from 'vitest';
import { NO_PRIORS } from '#shared/contract/receiver.ts';
import { choosePriors, type Prior } from './choose-priors.ts';

const study = (studyUid: string, changed: Partial<Prior> = {}): Prior => ({
  studyUid,
  patientId: 'P1',
  issuer: '',
  date: '20240501',
  modalities: ['CT'],
  bodyPart: 'CHEST',
  ...changed,
});
const current = study('now', { date: '20261125', issuer: 'HOSPITAL' });
const rules = { ...NO_PRIORS, isOn: true };
const chosen = (studies: Prior[], changed = {}): string[] =>
  choosePriors(current, studies, { ...rules, ...changed }).map(({ studyUid }) => studyUid);

describe('priors', () => {
  test('newest first, as many as the rules allow, never the study itself nor a later one', () => {
    const studies = [
      study('a', { date: '20220101' }),
      study('now'),
      study('b', { date: '20260101' }),
      study('c', { date: '20250101' }),
      study('later', { date: '20270101' }),
      study('d', { date: '20240101' }),
    ];
    expect(chosen(studies)).toEqual(['b', 'c', 'd']);
    expect(chosen(studies, { maxCount: 1 })).toEqual(['b']);
  });
  test.each([
    ['another patient', { patientId: 'P2' }, {}, false],
    ['the same ID of another issuer', { issuer: 'PRACTICE' }, {}, false],
    ['the same ID of the same issuer', { issuer: 'HOSPITAL' }, {}, true],
    ['another modality', { modalities: ['MR'] }, {}, false],
    ['another modality where that does not matter', { modalities: ['MR'] }, { sameModality: false }, true],
    ['one of several modalities', { modalities: ['PT', 'CT'] }, {}, true],
    ['another body part where that matters', { bodyPart: 'HEAD' }, { sameBodyPart: true }, false],
    ['no body part said', { bodyPart: '' }, { sameBodyPart: true }, true],
    ['too old', { date: '20210101' }, {}, false],
    ['old where age does not matter', { date: '19990101' }, { maxAgeYears: null }, true],
    ['no date', { date: '' }, {}, true],
  ] as const)('%s', (_name, changed, ruleChange, isChosen) => {
    expect(chosen([study('x', changed)], ruleChange)).toEqual(isChosen ? ['x'] : []);
  });
});
