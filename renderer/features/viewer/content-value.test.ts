import { describe, expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import { valueOf } from './content-value.ts';

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
