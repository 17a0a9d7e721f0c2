// The matching kinds of PS3.4 C.2.2.2, case by case.
import { describe, expect, test } from 'vitest';
import { vrOf } from '#shared/dicom/dictionary.ts';
import type { DicomJson } from '#shared/dicom/model.ts';
import { matches, wrongForm } from './attribute-match.ts';

const dataset: DicomJson = {
  '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
  '00080018': { vr: 'UI', Value: ['1.2.3'] },
  '00080020': { vr: 'DA', Value: ['20240229'] },
  '00080030': { vr: 'TM', Value: ['101500.25'] },
  '0008002A': { vr: 'DT', Value: ['20240229101500'] },
  '00080050': { vr: 'SH', Value: ['A(1).b'] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
  '00081030': { vr: 'LO', Value: ['Thorax nativ'] },
  '00081140': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.9'] } }, {}] },
  '00100010': {
    vr: 'PN',
    Value: [{ Alphabetic: 'Müller^Jörg^^Dr', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' }],
  },
  '00100020': { vr: 'LO', Value: ['P-1'] },
  '00100030': { vr: 'DA', Value: ['1960.01.31'] },
  '00200011': { vr: 'IS', Value: [7] },
  '00280010': { vr: 'US', Value: [512] },
};
const isMatch = (tag: string, value: string, isFuzzy = false): boolean => {
  const path = tag.split('.');
  return matches(dataset, { path, vr: vrOf(path.at(-1) ?? '') ?? 'UN', value }, isFuzzy);
};

describe('attribute matching', () => {
  test.each([
    // C.2.2.2.1 single value; codes and IDs with regard to case
    ['00080060', 'CT', true],
    ['00080060', 'ct', false],
    ['00080060', 'C', false],
    ['00080061', 'SR', true],
    ['00100020', 'P-1', true],
    ['00100020', 'p-1', false],
    ['00200011', '7', true],
    ['00200011', '007', true],
    ['00200011', '70', false],
    ['00280010', '512', true],
    // C.2.2.2.2 list of UIDs, without wildcards
    ['00080018', '1.2.3', true],
    ['00080018', '9.9\\1.2.3', true],
    ['00080018', '9.9,1.2.3', true],
    ['00080018', '1.2.*', false],
    ['00080018', '1.2', false],
    // any of several values
    ['00080060', 'MR\\CT', true],
    ['00080061', 'MR,SR', true],
    ['00080060', 'MR\\PT', false],
    ['00100020', 'P-2\\P-1', true],
    ['00100020', 'P-2,P-1', false],
    // C.2.2.2.3 universal
    ['00089999.00081155', '', true],
    ['00081140.00089999.00081155', '*', true],
    ['00080018', '', true],
    ['00081030', '*', true],
    ['00104000', '', true],
    ['00104000', '*', true],
    ['00104000', 'x', false],
    // C.2.2.2.4 wildcards, and characters that mean something to a regular expression
    ['00081030', 'Thorax*', true],
    ['00081030', '*nativ', true],
    ['00081030', 'Th?rax*', true],
    ['00081030', 'thorax*', false],
    ['00081030', 'Thorax', false],
    ['00080050', 'A(1).b', true],
    ['00080050', 'A(1)?b', true],
    ['00080050', 'A(1)xb', false],
    ['00080050', 'A.*', false],
    // C.2.2.2.5 ranges
    ['00080020', '20240229', true],
    ['00080020', '20240201-20240301', true],
    ['00080020', '20240229-20240229', true],
    ['00080020', '-20240228', false],
    ['00080020', '20240229-', true],
    ['00080020', '20240301-', false],
    ['00080020', '-20240229', true],
    ['00100030', '19600131', true],
    ['00080030', '101500.25', true],
    ['00080030', '1015', true],
    ['00080030', '1016', false],
    ['00080030', '10-11', true],
    ['00080030', '101500.25-', true],
    ['00080030', '101500.3-', false],
    ['00080030', '101500.250000-101500.250000', true],
    ['00080030', '-1015', true],
    ['00080030', '-1014', false],
    ['0008002A', '20240229-20240301', true],
    ['0008002A', '202402291015-202402291015', true],
    ['0008002A', '2024022911-', false],
    // C.2.2.2.6 sequences
    ['00081140.00081155', '1.9', true],
    ['00081140.00081155', '1.8', false],
    ['00089999.00081155', '1.8', false],
    // person names: no regard to case, any component group, the whole name
    ['00100010', 'müller^jörg^^dr', true],
    ['00100010', 'MÜLLER*', true],
    ['00100010', 'Müller', false],
    ['00100010', '山田*', true],
    ['00100010', 'やまだ^たろう', true],
    ['00100010', 'Müller^Jörg^^Dr=山田^太郎=やまだ^たろう', true],
    ['00100010', 'Müller^J*=山田*', true],
    ['00100010', 'Müller^Jörg^^Dr=山本^太郎', false],
    // empty value matching (PS3.4 C.2.2.2.1.4)
    ['00104000', '""', true],
    ['00100020', '""', false],
  ])('%s %s: %s', (tag, value, wanted) => {
    expect(isMatch(tag, value)).toBe(wanted);
  });

  test.each([
    ['jorg muller', true],
    ['mul', true],
    ['dr mull', true],
    ['yamada', false],
    ['やま', true],
    ['mullerx', false],
    ['uller', false],
  ])('fuzzy name %s: %s', (value, wanted) => {
    expect(isMatch('00100010', value, true)).toBe(wanted);
  });

  test.each([
    ['10', '100000-110000', true],
    ['10', '1015-11', false],
    ['10', '-1000', true],
    ['1015', '101500-', true],
  ])('a time of %s in %s: %s (absent parts are zero)', (stored, value, wanted) => {
    const times: DicomJson = { '00080030': { vr: 'TM', Value: [stored] } };
    expect(matches(times, { path: ['00080030'], vr: 'TM', value }, false)).toBe(wanted);
  });

  test.each([
    ['20240229101500+0100', '20240229091500+0000', true],
    ['20240229101500+0100', '20240229101500-0500', false],
    ['20240229101500-0500', '20240229151500+0000-20240229151500+0000', true],
    ['20240229101500-0500', '20240229101500-0500', true],
    ['20240229101500', '20240229101500-0500-20240229101500-0500', true],
  ])('a moment %s in %s: %s (offsets from UTC count where both state one)', (stored, value, wanted) => {
    const moments: DicomJson = { '0008002A': { vr: 'DT', Value: [stored] } };
    expect(matches(moments, { path: ['0008002A'], vr: 'DT', value }, false)).toBe(wanted);
  });
});

describe('what dates, times and moments are asked for by (PS3.5 6.2, PS3.4 C.2.2.2.5)', () => {
  test.each([
    ['DA', ['20240101', '20240101-', '-20240101', '20240101-20240231', '20240101\\20240301', '', '*', '""']],
    ['TM', ['10', '1015', '101500.25', '10:15:00', '10-11', '-2359', '101500.25-235960']],
    ['DT', ['2024', '202401', '20240229101500.5', '20240229101500-0500', '202401-202403', '-2024', '2024+0100-2025']],
    ['LO', ['2024-01-01', '25:61']],
  ])('%s: %j', (vr, values) => {
    for (const value of values) expect(wrongForm({ vr, value }), value).toBeUndefined();
  });

  test.each([
    ['DA', ['2024-01-01', '2024', '20241301', '20240132', '2024.01.01', '-', '2024*', '20240101\\', 'today']],
    ['TM', ['25', '1', '1060', '10:15 am', '10-25', '-']],
    ['DT', ['2024-01-01T10:15', '20241', '202413', '-']],
  ])('no %s: %j', (vr, values) => {
    for (const value of values) expect(wrongForm({ vr, value }), value).toMatch(/^a .*ask for /);
  });

  test.each([
    ['DA', ['20240102-20240101', '20230101\\20240102-20240101'], ['20240101-20240101', '20240102-', '-20240101']],
    ['TM', ['11-10', '10:16-10:15', '101500.26-101500.25'], ['10-10', '1015-10']],
    [
      'DT',
      ['2025-202412', '202402-202401', '20240101120000+0100-20240101120000+0300'],
      ['202406-202406', '2025-2024', '20240101120000+0300-20240101110000+0100', '20240101120000-20240101110000+0100'],
    ],
  ])('a %s range that ends before it begins: %j; not %j', (vr, backwards, forwards) => {
    for (const value of backwards) expect(wrongForm({ vr, value }), value).toMatch(/begins before it ends/);
    for (const value of forwards) expect(wrongForm({ vr, value }), value).toBeUndefined();
  });
});
