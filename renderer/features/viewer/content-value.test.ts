import { describe, expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import { codeMeaning, valueOf } from './content-value.ts';

const sequence = (...items: DicomJson[]) => ({ vr: 'SQ', Value: items });
const code = (meaning: string) => sequence({ '00080104': { vr: 'LO', Value: [meaning] } });
const numeric = (more: DicomJson): DicomJson => ({ '0040A040': { vr: 'CS', Value: ['NUM'] }, ...more });

describe('a numeric content item', () => {
  const measured = sequence({ '0040A30A': { vr: 'DS', Value: [12.5] }, '004008EA': code('mm') });
  const failure = { '0040A301': code('Measurement failure') };
  test.each<[string, DicomJson, string]>([
    ['is its number with the unit', { '0040A300': measured }, '12.5 mm'],
    ['without a number says so', { '0040A300': sequence() }, 'no value'],
    ['without a number says why', { '0040A300': sequence(), ...failure }, 'no value (Measurement failure)'],
    ['says what is the matter with its number', { '0040A300': measured, ...failure }, '12.5 mm (Measurement failure)'],
  ])('%s', (_name, more, shown) => expect(valueOf(numeric(more))).toBe(shown));
});

describe('a number that cannot be read as one', () => {
  const stored = (...values: (string | number)[]): DicomJson => ({ '0040A30A': { vr: 'DS', Value: values } });
  const floating: DicomJson = { '0040A161': { vr: 'FD', Value: [12.5] } };
  const rational = (numerator: number, denominator: number): DicomJson => ({
    '0040A162': { vr: 'SL', Value: [numerator] },
    '0040A163': { vr: 'UL', Value: [denominator] },
  });
  test.each<[string, DicomJson, string]>([
    ['12,5', stored('12,5'), '12,5 mm (not a valid number)'],
    ['12.5mm', stored('12.5mm'), '12.5mm mm (not a valid number)'],
    ['<5.2', stored('<5.2'), '<5.2 mm (not a valid number)'],
    ['NaN', stored('NaN'), 'NaN mm (not a valid number)'],
    [
      '12,5 beside its exact value',
      { ...stored('12,5'), ...floating },
      '12,5 mm (not a valid number; exact value 12.5)',
    ],
    ['one of another VR is one nevertheless', { '0040A30A': { vr: 'LO', Value: ['12.50'] } }, '12.50 mm'],
    ['a floating point value alone', floating, '12.5 mm'],
    ['a rational value alone', rational(-1, 3), '-1/3 mm'],
    ['a rational value by zero', rational(1, 0), 'value cannot be read (mm)'],
    ['bytes', { '0040A30A': { vr: 'UN', InlineBinary: 'AAAA' } }, 'value cannot be read (mm)'],
  ])('%s', (_name, more, shown) => {
    expect(valueOf(numeric({ '0040A300': sequence({ ...more, '004008EA': code('mm') }) }))).toBe(shown);
  });
});

describe('no content item is passed over', () => {
  const item = (type: string, more: DicomJson = {}): DicomJson => ({
    '0040A040': { vr: 'CS', Value: [type] },
    ...more,
  });
  const values = (vr: string, ...given: (string | number)[]) => ({ vr, Value: given });
  const segment = { '0040A130': values('CS', 'SEGMENT') };
  const size = { '0040A802': values('UL', 3), '0040A803': values('UL', 2) };
  test.each<[string, DicomJson, string]>([
    ['samples', item('TCOORD', { ...segment, '0040A132': values('UL', 1, 200) }), 'SEGMENT: samples 1, 200'],
    ['seconds', item('TCOORD', { ...segment, '0040A138': values('DS', 1.5, 3) }), 'SEGMENT: 1.5, 3 s'],
    [
      'moments',
      item('TCOORD', { ...segment, '0040A13A': values('DT', '20240130101500.5') }),
      'SEGMENT: 20240130101500.5',
    ],
    ['no moments', item('TCOORD', segment), 'SEGMENT: moments cannot be read'],
    ['points', item('SCOORD', { '00700022': values('FL', 1.234, 2) }), 'graphic: 1.23, 2'],
    ['points that are no numbers', item('SCOORD', { '00700022': values('FL', 'NaN', 2) }), 'graphic: NaN, 2'],
    ['no points', item('SCOORD'), 'graphic: points cannot be read'],
    ['a table', item('TABLE', { '0040A801': sequence(size) }), 'table of 3 rows by 2 columns, which is not shown here'],
    ['a reference', { '0040DB73': values('UL', 1, 2, 3) }, 'refers to item 1.2.3 of this report'],
    ['what is new', item('HOLOGRAM'), 'HOLOGRAM, which is not shown here'],
    ['what has no type', {}, 'Value Type is missing'],
    ['a container', item('CONTAINER'), ''],
  ])('%s', (_name, given, shown) => expect(valueOf(given)).toBe(shown));

  test.each(['00080104', '00080100', '00080119', '00080120'])('a code that has %s alone', (tag) =>
    expect(codeMeaning({ '00080104': { vr: 'LO' }, [tag]: values('UC', 'said') })).toBe('said'),
  );
});
