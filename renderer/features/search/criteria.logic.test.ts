import { describe, expect, test } from 'vitest';
import { isWildcardMatch } from '#shared/base/wildcard.ts';
import {
  askedOf,
  hasOtherLetters,
  isOfOtherPatient,
  dateKey,
  nameKey,
  NO_CRITERIA,
  nodesWords,
  widerName,
  WORKLIST_OF_TODAY,
} from './criteria.logic.ts';

const NOW = new Date(2026, 10, 24, 10);

test.each([
  ['', ''],
  ['Müller', 'Müller*'],
  ['müll jör', 'müll*jör*'],
  ['Müller, Jörg', 'Müller*Jörg*'],
  ['MÜLLER^JÖRG', 'MÜLLER^JÖRG'],
  ['M?ller*', 'M?ller*'],
  ['*小東', '*小東'],
  ['王小東', '*王*小*東*'],
  ['山田　太郎', '*山*田*太*郎*'],
  ['ローラ', '*ロ*ー*ラ*'],
  ['김철', '*김*철*'],
  ['山田^太郎', '*山田^太郎*'],
  ['Yamada 山田', 'Yamada*山*田*'],
  ['Διονύσιος', 'Διονύσιος*'],
])('the name %j is asked for as %j', (text, key) => {
  expect(nameKey(text)).toBe(key);
});

// PS3.5 H.3, by a system that matches the whole name.
test.each(['山田', '山田太郎', '山田 太郎', '山田^太郎', 'やまだ', 'やまだたろう', 'Yamada'])(
  '%j finds the name that holds it in any group',
  (text) => {
    expect(isWildcardMatch('Yamada^Tarou=山田^太郎=やまだ^たろう', nameKey(text))).toBe(true);
    expect(isWildcardMatch('Suzuki^Hanako=鈴木^花子=すずき^はなこ', nameKey(text))).toBe(false);
  },
);

test.each([
  ['Müller Jörg', 'M*ller*J*rg*'],
  ['Muller', undefined],
  ['Yamada^太郎', '*Yamada^*'],
  ['王小東', undefined],
  ['山田^太郎', undefined],
  ['山田*', '*山田*'],
  ['=山田', '*=山田*'],
  ['Ö^É', undefined],
  ['Διονύσιος', undefined],
])('where %j is not found, %j is offered', (text, key) => {
  expect(widerName(text)).toBe(key);
});

test.each([
  ['Müller', true],
  ['山田^太郎', true],
  ['O’Hara', true],
  ["Muller^J*, o'h", false],
  ['', false],
])('letters that not every system matches are in %j: %j', (text, has) => {
  expect(hasOtherLetters(text)).toBe(has);
});

test.each([
  [{ from: '20261124', to: '20261124' }, '20261124'],
  [{ from: '20260201', to: '20260231' }, '20260201-20260228'],
  [{ from: '20240201', to: '20240231' }, '20240201-20240229'],
  [{ from: '00000000', to: '20261124' }, '-20261124'],
  [{ from: '20261124', to: '99999999' }, '20261124-'],
])('days %j are the range %s', (range, key) => {
  expect(dateKey(range)).toBe(key);
});

describe('what is asked', () => {
  test('each field is a key; several modalities are several requests', () => {
    const asked = askedOf(
      {
        ...NO_CRITERIA,
        name: 'meier',
        patientId: 'P-1',
        issuer: 'NORTH',
        date: '2026-11',
        description: 'thorax',
        modalities: ['CT', 'MR'],
      },
      NOW,
    );
    const keys = [
      { keyword: 'PatientName', value: 'meier*' },
      { keyword: 'PatientID', value: 'P-1' },
      { keyword: 'IssuerOfPatientID', value: 'NORTH' },
      { keyword: 'StudyDate', value: '20261101-20261130' },
      { keyword: 'StudyDescription', value: '*thorax*' },
    ];
    expect(asked).toMatchObject({ level: 'study', problem: undefined, isUnlimited: false });
    expect(asked.requests).toEqual([
      [...keys, { keyword: 'ModalitiesInStudy', value: 'CT' }],
      [...keys, { keyword: 'ModalitiesInStudy', value: 'MR' }],
    ]);
  });
  test('a date that is none is said and nothing is guessed', () => {
    expect(askedOf({ ...NO_CRITERIA, date: 'someday' }, NOW).problem).toContain('someday');
  });
  test('a query that nothing narrows is known as one', () => {
    expect(askedOf(NO_CRITERIA, NOW)).toMatchObject({ isUnlimited: true, requests: [[]] });
  });
  test('the worklist asks inside the sequence', () => {
    expect(askedOf({ ...WORKLIST_OF_TODAY, modalities: ['US'], station: 'US1' }, NOW)).toMatchObject({
      level: 'worklist',
      requests: [
        [
          { keyword: 'ScheduledProcedureStepSequence.ScheduledProcedureStepStartDate', value: '20261124' },
          { keyword: 'ScheduledProcedureStepSequence.ScheduledStationAETitle', value: 'US1' },
          { keyword: 'ScheduledProcedureStepSequence.Modality', value: 'US' },
        ],
      ],
    });
  });
});

test.each([
  ['P1', 'P1', false],
  ['P1', 'p1 ', false],
  ['P1', 'PX', true],
  ['P1', '', false],
  ['P*', 'PX', false],
  ['', 'PX', false],
])('asked for patient %j, %j is of another one: %j', (patientId, found, isOther) => {
  expect(isOfOtherPatient({ patientId }, found)).toBe(isOther);
});

test('a few nodes are named, many are counted', () => {
  const names = Array.from({ length: 40 }, (_, number) => `PACS ${number}`);
  expect(nodesWords(names.slice(0, 2), 2)).toBe('PACS 0, PACS 1');
  expect(nodesWords(names, 40)).toBe('all 40 nodes');
  expect(nodesWords(names.slice(0, 38), 40)).toBe('38 of 40 nodes');
});
