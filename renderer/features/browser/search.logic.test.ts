import { describe, expect, test } from 'vitest';
import type { StudyRow } from '#shared/contract/views.ts';
import { compareRows, makeEntry, matchesSearch, parseDate, parseSearch } from './search.logic.ts';

const NOW = new Date(2026, 10, 24, 12);
const row = (changed: Partial<StudyRow>): StudyRow => ({
  studyUid: '1.2',
  patientKey: 'P1|',
  patientId: 'P1',
  issuer: '',
  patientName: 'Müller^Jörg=王^小東=おう^しょうとう',
  birthDate: '19700101',
  sex: 'M',
  studyDate: '20240517',
  studyTime: '101500',
  accession: 'ACC-77',
  studyId: '',
  description: 'CT Thorax nativ',
  referrer: '',
  modalities: ['CT', 'SR'],
  seriesCount: 1,
  instanceCount: 1,
  sizeBytes: 1,
  receivedAt: 0,
  repairedCount: 0,
  conflictCount: 0,
  isDemo: false,
  isPinned: false,
  ...changed,
});
const finds = (text: string, changed: Partial<StudyRow> = {}): boolean =>
  matchesSearch(makeEntry(row(changed)), parseSearch(text, NOW));

describe('study search', () => {
  test.each([
    'mul',
    'jorg muller',
    'Müller jö',
    '小東',
    'おう',
    'p1',
    'acc-77',
    'thorax',
    'nativ ct',
    'CT',
    '2024',
    '2024-05',
    '17.5.2024',
    '"thorax nativ"',
    'CT muller 2024',
  ])('%s finds it', (text) => {
    expect(finds(text)).toBe(true);
  });
  test.each(['meyer', 'MR', '2023', '2024-06', 'today', '"nativ thorax"', 'muller p2'])('%s does not', (text) => {
    expect(finds(text)).toBe(false);
  });
  test('a lower-case modality is a word, an upper-case one a modality', () => {
    expect(finds('US', { patientName: 'Usman^A', modalities: ['CT'], description: '' })).toBe(false);
    expect(finds('us', { patientName: 'Usman^A', modalities: ['CT'], description: '' })).toBe(true);
  });
  test('dates', () => {
    expect(parseDate('yesterday', NOW)).toEqual({ from: '20261123', to: '20261123' });
    expect(parseDate('7d', NOW)).toEqual({ from: '20261117', to: '20261124' });
    expect(parseDate('2024-01..2024-03', NOW)).toEqual({ from: '20240101', to: '20240331' });
    expect(parseDate('..2024', NOW)).toEqual({ from: '00000000', to: '20241231' });
    expect(parseDate('2024-13', NOW)).toBeUndefined();
  });
  test('says how dates and modalities were understood', () => {
    expect(parseSearch('CT today', NOW).explanation).toBe('on 2026-11-24, modality CT');
  });
  test('sorts by date and time, newest first', () => {
    const older = row({ studyDate: '20240101' });
    expect([older, row({})].sort((a, b) => compareRows(a, b, { key: 'studyDate', isDescending: true }))[1]).toBe(older);
  });
});
