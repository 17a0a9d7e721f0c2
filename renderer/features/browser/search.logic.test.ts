import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StudyRow } from '#shared/contract/views.ts';
import { describeRange, parseDate } from '../../ui/date-words.logic.ts';
import { hasWord, toggleDate, toggleWord } from './search-chips.logic.ts';
import { isNarrower, makeEntry, matchesSearch, parseSearch } from './search.logic.ts';
import { testRow } from './test-row.ts';

const NOW = new Date(2026, 10, 24, 12);
const finds = (text: string, changed: Partial<StudyRow> = {}): boolean =>
  matchesSearch(makeEntry(testRow(changed)), parseSearch(text, NOW));

describe('study search', () => {
  test.each([
    'mul',
    'jorg muller',
    'Müller jö',
    'mueller',
    'MUELLER JOERG',
    'MÜLLER',
    '小東',
    '東',
    'おう',
    'オウ',
    'ｵｳ',
    'p1',
    'acc-77',
    'thorax',
    'nativ ct',
    'CT',
    '2024',
    '2024-05',
    '20240517',
    '17.5.2024',
    '2024-05..2024-06',
    '..2024',
    '>2024-05',
    '"thorax nativ"',
    'CT muller 2024',
    'CT MR',
    'name:müller',
    'name:"muller jorg"',
    'id:p1',
    'acc:77',
    'desc:nativ',
    'body:chest',
    'chest',
    'ref:somme',
    'mod:ct',
    'mod:mr,ct',
    'born:1970',
    'received:today',
    'sex:m',
    'uid:1.2',
    'is:',
  ])('%s finds it', (text) => {
    expect(finds(text)).toBe(true);
  });
  test.each([
    'meyer',
    'MR',
    '2023',
    '2024-06',
    'today',
    '<2024-04',
    '"nativ thorax"',
    'muller p2',
    'name:thorax',
    'id:muller',
    'born:1971',
    'received:yesterday',
    'sex:f',
    'is:pinned',
    'is:repaired',
    'ug',
  ])('%s does not', (text) => {
    expect(finds(text)).toBe(false);
  });
  test.each([
    ['Buc^Jérôme', 'buc jerome'],
    ['Hong^Gildong=洪^吉洞=홍^길동', '길동'],
    ['Hong^Gildong=洪^吉洞=홍^길동', '홍 gil'],
    ['Yamada^Tarou=山田^太郎=やまだ^たろう', 'ヤマダ'],
    ['ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう', 'やまだ 太郎'],
    ['Διονυσιος', 'διονύσιος'],
    ['Люкceмбypг', 'люк'],
    ['Nguyễn Văn Đức', 'nguyen duc'],
    ['Strauß^Łukasz', 'strauss lukasz'],
  ])('%s is found by %s', (patientName, text) => {
    expect(finds(text, { patientName })).toBe(true);
  });
  test('a lower-case modality is a word, an upper-case one a modality', () => {
    const row = { patientName: 'Usman^A', modalities: ['CT'], description: '' };
    expect(finds('US', row)).toBe(false);
    expect(finds('us', row)).toBe(true);
  });
  test('bare digits are a date or the start of a number', () => {
    expect(finds('2024', { studyDate: '20200101', patientId: '2024-0815' })).toBe(true);
    expect(finds('2024', { studyDate: '20200101' })).toBe(false);
  });
  test('marks', () => {
    expect(finds('is:conflict', { conflictCount: 2 })).toBe(true);
    expect(finds('is:incomplete', { missingCount: 3 })).toBe(true);
    expect(finds('is:incomplete')).toBe(false);
    expect(finds('is:damaged', { damagedCount: 1 })).toBe(true);
    expect(finds('is:damaged')).toBe(false);
    expect(finds('is:repaired is:demo', { repairedCount: 1, isDemo: true })).toBe(true);
  });
  test('says how it was understood, and what was left out', () => {
    for (const typed of ['CT MR', 'CT, MR', 'CT,MR', 'CT,MR,'])
      expect(parseSearch(typed, NOW)).toMatchObject({ modalities: ['CT', 'MR'], criteria: [] });
    expect(parseSearch('US,Müller', NOW).modalities).toEqual([]);
    expect(parseSearch('CT today', NOW).explanation).toBe('study date 2026-11-24; modality CT');
    expect(parseSearch('id:47 MR CT', NOW).explanation).toBe('patient ID has “47”; modality MR or CT');
    expect(parseSearch('date:nonsense is:odd', NOW).problems).toHaveLength(2);
  });
  test('a text with an unknown prefix is a text', () => {
    expect(finds('ward:7', { description: 'ward:7 bed 2' })).toBe(true);
  });
  test('a longer text looks among what the shorter one found only where that loses nothing', () => {
    const narrower = (text: string, before: string) => isNarrower(parseSearch(text, NOW), parseSearch(before, NOW));
    expect(narrower('mulle', 'mull')).toBe(true);
    expect(narrower('mull jo', 'mull')).toBe(true);
    expect(narrower('mul', 'mu')).toBe(false);
    expect(narrower('mul MR', 'mul')).toBe(false);
    expect(narrower('mul CT MR', 'mul CT')).toBe(false);
    expect(narrower('2024-05', '2024')).toBe(false);
    const texts = fc.stringMatching(/^[mulet ]{0,6}$/);
    const entries = ['Mull^Te', 'Tell^Um', 'Let^Mu', 'Emu^T'].map((patientName) => makeEntry(testRow({ patientName })));
    fc.assert(
      fc.property(texts, fc.stringMatching(/^[mulet ]$/), (before, letter) => {
        const [old, next] = [parseSearch(before, NOW), parseSearch(before + letter, NOW)];
        if (!isNarrower(next, old)) return;
        for (const entry of entries) if (matchesSearch(entry, next)) expect(matchesSearch(entry, old)).toBe(true);
      }),
    );
  });
  test('any part of the ID of three signs or more finds its study, whatever is typed never fails', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (text) => {
        expect(typeof finds(text)).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z]{3}[0-9]{5}$/), fc.nat(5), (patientId, start) => {
        expect(finds(`id:${patientId.slice(start)}`, { patientId })).toBe(true);
      }),
    );
  });
});

describe('date words', () => {
  test.each([
    ['yesterday', '20261123', '20261123'],
    ['7d', '20261117', '20261124'],
    ['2026', '20260101', '20261231'],
    ['2024-01..2024-03', '20240101', '20240331'],
    ['..2024', '00000000', '20241231'],
    ['2024..', '20240101', '99999999'],
    ['yesterday..today', '20261123', '20261124'],
    ['<=2024-02', '00000000', '20240231'],
    ['24.11.2026', '20261124', '20261124'],
  ])('%s', (word, from, to) => {
    expect(parseDate(word, NOW)).toEqual({ from, to });
  });
  test.each(['2024-13', '..', '32.1.2024', 'to', '1850', '>x'])('%s is none', (word) => {
    expect(parseDate(word, NOW)).toBeUndefined();
  });
  test('in words', () => {
    expect(describeRange({ from: '20241101', to: '20241131' })).toBe('in 2024-11');
    expect(describeRange({ from: '20240101', to: '20241231' })).toBe('in 2024');
    expect(describeRange({ from: '00000000', to: '20241231' })).toBe('until 2024-12-31');
  });
});

describe('chips write words', () => {
  test('on and off, the rest stays', () => {
    expect(toggleWord('müller', 'CT')).toBe('müller CT');
    expect(toggleWord('müller CT "chest pain"', 'CT')).toBe('müller "chest pain"');
  });
  test('one date at a time', () => {
    expect(toggleDate('CT today', '7d')).toBe('CT 7d');
    expect(toggleDate('CT 7d', '7d')).toBe('CT');
    expect(hasWord('CT 7d', '7d')).toBe(true);
  });
});
