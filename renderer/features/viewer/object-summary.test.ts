import { expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import { isLabelObject, summaryOf } from './object-summary.ts';

const text = (value: string) => ({ vr: 'LO', Value: [value] });
const sequence = (...items: DicomJson[]) => ({ vr: 'SQ', Value: items });
const objectOf = (sopClass: string, more: DicomJson = {}): DicomJson => ({
  '00080016': { vr: 'UI', Value: [sopClass] },
  ...more,
});

test.each([
  ['1.2.840.10008.5.1.4.1.1.66.4', 'Segmentation'],
  ['1.2.840.10008.5.1.4.1.1.66', 'Raw data'],
  ['1.2.840.10008.5.1.4.1.1.11.1', 'Presentation state'],
  ['1.2.840.10008.5.1.4.1.1.9.1.1', 'Waveform'],
  ['1.2.840.10008.5.1.4.1.1.481.3', 'Radiotherapy structure set'],
  ['1.2.840.10008.5.1.4.1.1.67', 'Real world value mapping'],
  ['1.2.3', 'Object without pixel data, of class 1.2.3'],
])('%s is a %s', (sopClass, kind) => expect(summaryOf(objectOf(sopClass)).kind).toBe(kind));

test('an image whose pixels are missing is said to be one, and not to be whole', () => {
  const cut = objectOf('1.2.840.10008.5.1.4.1.1.1.1', { '00280010': { vr: 'US', Value: [512] } });
  expect(summaryOf(cut)).toMatchObject({ kind: 'Image without its pixel data', isCut: true });
  expect(summaryOf(cut).lines).toHaveLength(1);
  expect(summaryOf(objectOf('1.2.3'))).toMatchObject({ isCut: false, lines: [] });
});

test('says what it holds', () => {
  const seg = objectOf('1.2.840.10008.5.1.4.1.1.66.4', {
    '00620002': sequence({ '00620005': text('Liver') }, { '00620005': text('Spleen') }),
    '00081115': sequence({ '00081140': sequence({}, {}) }),
    '7FE00010': { vr: 'OB', BulkDataURI: 'bulkdata:1/2' },
  });
  expect(summaryOf(seg).lines).toEqual(['2 segments: Liver, Spleen', 'Refers to 2 images']);
  expect(isLabelObject(seg)).toBe(true);
  expect(isLabelObject(objectOf('1.2.840.10008.5.1.4.1.1.2'))).toBe(false);
});
