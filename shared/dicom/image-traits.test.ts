import { describe, expect, test } from 'vitest';
import { compareTraits, traitsOf, type ImageTraits } from './image-traits.ts';
import type { DicomJson } from './model.ts';

const of = (vr: 'IS' | 'DS' | 'FD' | 'UL' | 'DA' | 'TM' | 'DT', value: number | string): DicomJson[string] => ({
  vr,
  Value: [value],
});
const classic = (dataset: DicomJson): ImageTraits => traitsOf(dataset, () => undefined);

test('of an image', () => {
  const dataset = {
    '00200100': of('IS', 2),
    '00181060': of('DS', 120.5),
    '00180086': of('IS', 3),
    '00180081': of('DS', 4.6),
    '00189087': of('FD', 800),
    '00200012': of('IS', 7),
    '00080022': of('DA', '20240130'),
    '00080032': of('TM', '2359'),
  };
  expect(classic(dataset)).toEqual({
    dimensions: [],
    values: {
      phase: 2,
      trigger: 120.5,
      echo: 3,
      'echo time': 4.6,
      'b-value': 800,
      acquisition: 7,
      time: '20240130235900.000000',
    },
  });
  expect(classic({})).toEqual({ dimensions: [], values: {} });
});

test('of an enhanced frame: by its functional groups, before what the whole image says', () => {
  const groups: Record<string, DicomJson> = {
    '00209111': {
      '00209157': { vr: 'UL', Value: [1, 4, 2] },
      '00209128': of('UL', 2),
      '00209156': of('UL', 5),
      '00189074': of('DT', '20240130235959.5+0100'),
    },
    '00189118': { '00209153': of('FD', 90.5) },
    '00189114': { '00189082': of('FD', 9.2) },
    '00189117': { '00189087': of('FD', 1000) },
  };
  expect(traitsOf({ '00200012': of('IS', 1), '0008002A': of('DT', '2024') }, (tag) => groups[tag])).toEqual({
    dimensions: [1, 4, 2],
    values: {
      phase: 2,
      trigger: 90.5,
      'echo time': 9.2,
      'b-value': 1000,
      acquisition: 5,
      time: '20240130235959.500000',
    },
  });
});

describe('time', () => {
  const timeOf = (dataset: DicomJson): number | string | undefined => classic(dataset).values.time;
  test.each<[string, DicomJson, string | undefined]>([
    [
      'taken before made',
      { '00080032': of('TM', '10'), '00080022': of('DA', '20240130'), '00080033': of('TM', '11') },
      '20240130100000.000000',
    ],
    ['made', { '00080023': of('DA', '2024.01.30'), '00080033': of('TM', '11:12:13.5') }, '20240130111213.500000'],
    [
      'with the day of the study',
      { '00080032': of('TM', '10'), '00080020': of('DA', '20240129') },
      '20240129100000.000000',
    ],
    ['without any day', { '00080032': of('TM', '10') }, '00000000100000.000000'],
    ['a day alone is none', { '00080022': of('DA', '20240130') }, undefined],
  ])('%s', (_name, dataset, expected) => expect(timeOf(dataset)).toBe(expected));
});

test('one after the other goes past midnight, and unknown comes first', () => {
  const at = (day: string, time: string): ImageTraits =>
    classic({ '00080022': of('DA', day), '00080032': of('TM', time) });
  expect(compareTraits(at('20240130', '235959'), at('20240131', '000001'))).toBe(-1);
  expect(compareTraits(classic({ '00180086': of('IS', 1) }), classic({}))).toBe(1);
  expect(compareTraits(classic({}), classic({}))).toBe(0);
});

describe("a b-value in the maker's own attribute", () => {
  const bytes = (binary: Buffer): DicomJson[string] => ({ vr: 'UN', InlineBinary: binary.toString('base64') });
  const creator = (name: string): DicomJson[string] => ({ vr: 'LO', Value: [name] });
  const philips = Buffer.alloc(4);
  philips.writeFloatLE(800);

  test.each<[string, DicomJson, number | undefined]>([
    ['Siemens', { '00190010': creator('SIEMENS MR HEADER'), '0019100C': of('IS', 50) }, 50],
    [
      'Siemens, in another block, of unknown VR',
      { '00190011': creator('SIEMENS MR HEADER'), '0019110C': bytes(Buffer.from('1000 ')) },
      1000,
    ],
    ['Philips', { '20010010': creator('Philips Imaging DD 001'), '20011003': of('FD', 0) }, 0],
    ['Philips, of unknown VR', { '20010010': creator('Philips Imaging DD 001'), '20011003': bytes(philips) }, 800],
    [
      'Philips, cut',
      { '20010010': creator('Philips Imaging DD 001'), '20011003': bytes(philips.subarray(2)) },
      undefined,
    ],
    [
      'GE, with what it adds',
      { '00430010': creator('GEMS_PARM_01'), '00431039': { vr: 'IS', Value: [1000000600, 8, 0, 0] } },
      600,
    ],
    [
      'GE, of unknown VR',
      { '00430010': creator('GEMS_PARM_01'), '00431039': bytes(Buffer.from('1000\\8\\0\\0')) },
      1000,
    ],
    ['of another creator', { '00190010': creator('ANOTHER'), '0019100C': of('IS', 50) }, undefined],
    ['no number', { '00190010': creator('SIEMENS MR HEADER'), '0019100C': bytes(Buffer.from('b50')) }, undefined],
  ])('%s', (_name, dataset, expected) => {
    expect(classic(dataset).values['b-value']).toBe(expected);
  });

  test('the standard attribute comes first', () => {
    const dataset = { '00189087': of('FD', 700), '00190010': creator('SIEMENS MR HEADER'), '0019100C': of('IS', 50) };
    expect(classic(dataset).values['b-value']).toBe(700);
  });
});

describe('the component of the complex signal', () => {
  const typed = (...values: string[]): DicomJson => ({
    '00080060': { vr: 'CS', Value: ['MR'] },
    '00080008': { vr: 'CS', Value: ['ORIGINAL', 'PRIMARY', ...values] },
  });
  const stated = (value: string): DicomJson => ({ '00089208': { vr: 'CS', Value: [value] } });
  test.each<[string, DicomJson, number | undefined]>([
    ['magnitude, by its letter', typed('M', 'ND'), 0],
    ['phase, by its letter', typed('P', 'ND'), 1],
    ['phase, in words', typed('PHASE MAP', 'P', 'FFE'), 1],
    ['real, with the sequence', typed('R_IR', 'R', 'IR'), 2],
    ['imaginary, as value 4', typed('OTHER', 'I'), 3],
    ['another kind of image', typed('MPR', 'PROJECTION IMAGE'), undefined],
    ['another modality', { ...typed('M'), '00080060': { vr: 'CS', Value: ['US'] } }, undefined],
    ['as the standard states it', { ...typed('M'), ...stated('PHASE') }, 1],
    ['several in one', { ...typed('OTHER'), ...stated('MIXED') }, undefined],
    [
      'GE',
      { ...typed('OTHER'), '00430010': { vr: 'LO', Value: ['GEMS_PARM_01'] }, '0043102F': { vr: 'SS', Value: [3] } },
      3,
    ],
  ])('%s', (_name, dataset, expected) => expect(classic(dataset).values.component).toBe(expected));

  test('of a frame before that of the whole image', () =>
    expect(traitsOf(stated('MIXED'), (tag) => (tag === '00189226' ? stated('REAL') : undefined)).values).toEqual({
      component: 2,
    }));
});
