import { expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import { stackOf } from './stack.ts';

const clip = (sopInstanceUid: string, more: DicomJson = {}): DicomJson => ({
  '00080018': { vr: 'UI', Value: [sopInstanceUid] },
  '00280008': { vr: 'IS', Value: [2] },
  '00280010': { vr: 'US', Value: [4] },
  '00280011': { vr: 'US', Value: [4] },
  '00280100': { vr: 'US', Value: [8] },
  '7FE00010': { vr: 'OB', BulkDataURI: '' },
  ...more,
});
const keysOf = (...metadata: DicomJson[]): string[] => stackOf('1', '1.1', metadata).frames.map(({ key }) => key);

test('clips without a number follow one another, by their time, whichever came first', () => {
  const at = (value: string): DicomJson => ({ '00080032': { vr: 'TM', Value: [value] } });
  const [first, second] = [clip('1.2', at('101010')), clip('1.1', at('101011'))];
  for (const metadata of [
    [first, second],
    [second, first],
  ])
    expect(keysOf(...metadata)).toEqual(['1.2/0', '1.2/1', '1.1/0', '1.1/1']);
});

test('parts of a concatenation, which share their number, follow one another by their own', () => {
  const part = (number: number): DicomJson => ({
    '00200013': { vr: 'IS', Value: [5] },
    '00209162': { vr: 'US', Value: [number] },
  });
  expect(keysOf(clip('1.2', part(2)), clip('1.1', part(1)))).toEqual(['1.1/0', '1.1/1', '1.2/0', '1.2/1']);
});
