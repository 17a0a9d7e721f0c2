import { describe, expect, test } from 'vitest';
import { NO_PRIORS } from '#shared/contract/receiver.ts';
import { choosePriors, openIssuers, type Prior } from './choose-priors.ts';

const study = (studyUid: string, changed: Partial<Prior> = {}): Prior => ({
  studyUid,
  patientId: 'P1',
  issuer: '',
  date: '20240501',
  modalities: ['CT'],
  bodyParts: ['CHEST'],
  ...changed,
});
const current = study('now', { date: '20261125', issuer: 'HOSPITAL' });
const rules = { ...NO_PRIORS, isOn: true };
const chosen = async (studies: Prior[], changed = {}, parts: Record<string, string[]> = {}): Promise<string[]> => {
  lookedUp = [];
  const bodyPartsOf = async ({ studyUid }: Prior): Promise<string[]> => {
    lookedUp.push(studyUid);
    return parts[studyUid] ?? [];
  };
  return (await choosePriors(current, studies, { ...rules, ...changed }, bodyPartsOf)).map(({ studyUid }) => studyUid);
};
let lookedUp: string[];

describe('priors', () => {
  test('newest first, as many as the rules allow, never the study itself nor a later one', async () => {
    const studies = [
      study('a', { date: '20220101' }),
      study('now'),
      study('b', { date: '20260101' }),
      study('c', { date: '20250101' }),
      study('later', { date: '20270101' }),
      study('d', { date: '20240101' }),
    ];
    expect(await chosen(studies)).toEqual(['b', 'c', 'd']);
    expect(await chosen(studies, { maxCount: 1 })).toEqual(['b']);
  });
  test.each([
    ['another patient', { patientId: 'P2' }, {}, false],
    ['the same ID of another issuer', { issuer: 'PRACTICE' }, {}, false],
    ['the same ID of the same issuer', { issuer: 'HOSPITAL' }, {}, true],
    ['another modality', { modalities: ['MR'] }, {}, false],
    ['another modality where that does not matter', { modalities: ['MR'] }, { sameModality: false }, true],
    ['one of several modalities', { modalities: ['PT', 'CT'] }, {}, true],
    ['another body part where that matters', { bodyParts: ['HEAD'] }, { sameBodyPart: true }, false],
    ['one of several body parts', { bodyParts: ['ABDOMEN', 'CHEST'] }, { sameBodyPart: true }, true],
    ['no body part said', { bodyParts: [] }, { sameBodyPart: true }, true],
    ['too old', { date: '20210101' }, {}, false],
    ['old where age does not matter', { date: '19990101' }, { maxAgeYears: null }, true],
    ['no date', { date: '' }, {}, true],
  ] as const)('%s', async (_name, changed, ruleChange, isChosen) => {
    expect(await chosen([study('x', changed)], ruleChange)).toEqual(isChosen ? ['x'] : []);
  });

  test('who has an ID of several issuers is open where no issuer is said', () => {
    const [north, south, none] = ['NORTH', 'SOUTH', ''].map((issuer, at) => study(`${at}`, { issuer }));
    const unsaid = study('now');
    expect(openIssuers(unsaid, [south!, none!, north!, north!])).toEqual(['NORTH', 'SOUTH']);
    expect(openIssuers(unsaid, [north!, none!, north!])).toEqual([]);
    expect(openIssuers(unsaid, [north!, { ...south!, patientId: 'P2' }])).toEqual([]);
    expect(openIssuers(current, [north!, south!])).toEqual([]);
  });

  test('body parts that the list does not say are looked up, newest first, until there are enough', async () => {
    const ofYear = (year: number, bodyParts: string[] = []): Prior =>
      study(`${year}`, { date: `${year}0101`, bodyParts });
    const studies = [ofYear(2022), ofYear(2023), ofYear(2024, ['KNEE']), ofYear(2025), ofYear(2026)];
    const parts = { 2026: ['HEAD'], 2025: ['CHEST'], 2022: ['CHEST'] };
    const changed = { sameBodyPart: true, maxCount: 2 };
    expect(await chosen(studies, changed, parts)).toEqual(['2025', '2023']);
    expect(lookedUp).toEqual(['2026', '2025', '2023']);
    await chosen(studies);
    expect(lookedUp).toEqual([]);
  });
});
