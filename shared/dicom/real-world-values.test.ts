import { expect, test } from 'vitest';
import type { DicomJson } from './model.ts';
import { realWorldMappingsOf, realWorldValue } from './real-world-values.ts';

const number = (vr: 'US' | 'FD' | 'DS', ...values: number[]): DicomJson[string] => ({ vr, Value: values });
const text = (vr: 'SH' | 'LO' | 'CS' | 'UI', value: string): DicomJson[string] => ({ vr, Value: [value] });
const sequence = (...items: DicomJson[]): DicomJson[string] => ({ vr: 'SQ', Value: items });
const linear = (slope: number, code: string, scheme = 'UCUM'): DicomJson => ({
  '00409216': number('US', 10),
  '00409211': number('US', 20),
  '00409224': number('FD', 5),
  '00409225': number('FD', slope),
  '00283003': text('LO', 'ADC'),
  '004008EA': sequence({
    '00080100': text('SH', code),
    '00080102': text('SH', scheme),
    '00080104': text('LO', 'in words'),
  }),
});

test('linear, for the stored values it is for', () => {
  const [mapping] = realWorldMappingsOf({ '00409096': sequence(linear(2, 'mm2/s')) }, 0);
  expect(mapping).toMatchObject({ name: 'ADC', unit: 'mm2/s', range: [10, 20] });
  expect([9, 10, 20, 21].map((stored) => realWorldValue(mapping!, stored))).toEqual([undefined, 25, 45, undefined]);
});

test.each([
  ['UCUM', '1', ''],
  ['UCUM', 'g/ml{SUVbw}', 'g/ml'],
  ['99LOCAL', 'X', 'in words'],
])('unit %s %s', (scheme, code, unit) => {
  expect(realWorldMappingsOf({ '00409096': sequence(linear(1, code, scheme)) }, 0)[0]?.unit).toBe(unit);
});

test('by table, and over a range of floating point values', () => {
  const table = {
    '00409216': number('US', 3),
    '00409211': number('US', 5),
    '00409212': number('FD', 0.5, 0.25, 8),
  };
  const floating = {
    '00409214': number('FD', -1.5),
    '00409213': number('FD', 1.5),
    '00409224': number('FD', 0),
    '00409225': number('FD', 4),
  };
  const [byTable, byLine] = realWorldMappingsOf({ '00409096': sequence(table, floating) }, 0);
  expect([2, 3, 4, 5, 6].map((stored) => realWorldValue(byTable!, stored))).toEqual([
    undefined,
    0.5,
    0.25,
    8,
    undefined,
  ]);
  expect([-1.5, 0.5, 2].map((stored) => realWorldValue(byLine!, stored))).toEqual([-6, 2, undefined]);
});

test('a frame’s own mappings come before those of all frames, and these before the image’s', () => {
  const dataset = {
    '52009230': sequence({}, { '00409096': sequence(linear(3, 'a'), linear(4, 'b')) }),
    '52009229': sequence({ '00409096': sequence(linear(2, 'c')) }),
    '00409096': sequence(linear(1, 'd')),
  };
  expect([0, 1, 2].map((frame) => realWorldMappingsOf(dataset, frame).map(({ slope }) => slope))).toEqual([
    [2],
    [3, 4],
    [2],
  ]);
});

test('what is not whole is left out', () => {
  const { '00409225': _, ...withoutSlope } = linear(1, 'a');
  const { '00409211': __, ...withoutLast } = linear(1, 'a');
  expect(realWorldMappingsOf({ '00409096': sequence(withoutSlope, withoutLast) }, 0)).toEqual([]);
});

test('the dose of an RT Dose', () => {
  const dose = (unit: string, sopClass = '1.2.840.10008.5.1.4.1.1.481.2'): DicomJson => ({
    '00080016': text('UI', sopClass),
    '3004000E': number('DS', 1e-6),
    '30040002': text('CS', unit),
  });
  const [mapping] = realWorldMappingsOf(dose('GY'), 0);
  expect(mapping).toMatchObject({ name: 'dose', unit: 'Gy' });
  expect(realWorldValue(mapping!, 2_000_000)).toBe(2);
  expect(realWorldMappingsOf(dose('RELATIVE'), 0)[0]?.unit).toBe('relative');
  expect(realWorldMappingsOf(dose('GY', '1.2.840.10008.5.1.4.1.1.2'), 0)).toEqual([]);
});
