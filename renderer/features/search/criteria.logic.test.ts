import { describe, expect, test } from 'vitest';
import {
  asciiName,
  askedOf,
  isOfOtherPatient,
  dateKey,
  nameKey,
  NO_CRITERIA,
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
  ['王小東', '王小東*'],
])('the name %j is asked for as %j', (text, key) => {
  expect(nameKey(text)).toBe(key);
});

test.each([
  ['Müller Jörg', 'M*ller*J*rg*'],
  ['Muller', undefined],
  ['王小東', undefined],
])('for a node that knows ASCII only, %j is %j', (text, key) => {
  expect(asciiName(text)).toBe(key);
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
