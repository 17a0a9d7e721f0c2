// Lengths by hand: 3-4-5 with pixels that are not square, and in ultrasound pictures with several calibrations.
import { describe, expect, test } from 'vitest';
import { describeImage } from '../dicom/image-description.ts';
import type { DicomJson } from '../dicom/model.ts';
import { lengthValue } from './length-value.ts';

test.each([
  ['at the patient', [0.5, 0.25], 'patient', 1, { value: 5, unit: 'mm', basis: 'patient' }],
  ['at the detector', [0.5, 0.25], 'detector', 1, { value: 5, unit: 'mm', basis: 'detector' }],
  ['without spacing', undefined, undefined, 2, { value: Math.hypot(12, 16), unit: 'px', basis: undefined }],
] as const)('%s', (_, spacingMm, spacingBasis, pixelAspect, expected) => {
  const image = { spacingMm, spacingBasis, pixelAspect, regions: [] };
  expect(lengthValue(image, [[10.25, 3.5], [22.25, 11.5]])).toEqual(expected); // prettier-ignore
});

describe('ultrasound regions (PS3.3 C.8.5.5)', () => {
  const value = (vr: string, ...Value: number[]): DicomJson[string] => ({ vr, Value });
  const region = (
    [x0, y0, x1, y1]: readonly [number, number, number, number],
    [deltaX, deltaY]: readonly [number, number],
    { format = 1, units = 3 } = {},
  ): DicomJson => ({
    '00186012': value('US', format),
    '00186018': value('UL', x0),
    '0018601A': value('UL', y0),
    '0018601C': value('UL', x1),
    '0018601E': value('UL', y1),
    '00186024': value('US', units),
    '00186026': value('US', units),
    '0018602C': value('FD', deltaX),
    '0018602E': value('FD', deltaY),
  });
  const picture = (regions: DicomJson[], changed: DicomJson = {}) => {
    const described = describeImage(
      {
        '00280010': value('US', 576),
        '00280011': value('US', 800),
        '00186011': { vr: 'SQ', Value: regions },
        ...changed,
      },
      0,
    );
    if (!described) throw new Error('no picture');
    return described;
  };
  /** Two panels side by side, an inset that shows a curve, and a strip below it. */
  const LEFT = region([0, 40, 399, 499], [0.025, -0.05]);
  const RIGHT = region([400, 40, 799, 499], [0.03, 0.03]);
  const INSET = region([300, 400, 399, 499], [0.001, 0.5], { format: 3, units: 7 });
  const STRIP = region([0, 520, 799, 576], [0.01, 0.01], { format: 4, units: 4 });
  const image = picture([LEFT, RIGHT, INSET, STRIP]);

  test.each([
    [
      'within one',
      [
        [100, 100],
        [112, 108],
      ],
      Math.hypot(12 * 0.25, 8 * 0.5),
      'mm',
    ],
    [
      'within the other',
      [
        [500, 100],
        [512, 116],
      ],
      20 * 0.3,
      'mm',
    ],
    [
      'from one panel to the other',
      [
        [390, 100],
        [410, 100],
      ],
      20,
      'px',
    ],
    [
      'out of a region',
      [
        [100, 60],
        [100, 20],
      ],
      40,
      'px',
    ],
    [
      'into an inset that lies on it',
      [
        [290, 450],
        [310, 450],
      ],
      20,
      'px',
    ],
    [
      'where the axes are no lengths',
      [
        [100, 530],
        [130, 570],
      ],
      50,
      'px',
    ],
  ] as const)('%s', (_, ends, expected, unit) => {
    expect(lengthValue(image, ends)).toEqual({
      value: expect.closeTo(expected, 9) as number,
      unit,
      basis: unit === 'mm' ? 'region' : undefined,
    });
    expect(image.problems).toEqual([]);
  });

  const spacing = (...values: [number, number]): DicomJson => ({ '00280030': { vr: 'DS', Value: values } });

  test('where there are regions, a spacing of the whole picture holds for none of it, and that they disagree is said', () => {
    const both = picture([LEFT, STRIP], spacing(0.4, 0.4));
    expect(lengthValue(both, [[100, 100], [112, 100]])).toMatchObject({ value: 3, unit: 'mm', basis: 'region' }); // prettier-ignore
    for (const ends of [
      [
        [500, 100],
        [510, 100],
      ],
      [
        [100, 530],
        [110, 530],
      ],
      [
        [100, 490],
        [100, 530],
      ],
    ] as const)
      // prettier-ignore
      expect(lengthValue(both, ends)).toMatchObject({ unit: 'px', basis: undefined });
    expect(both.problems).toEqual([expect.stringContaining('disagree')]);
    expect(picture([LEFT], spacing(0.5, 0.2501)).problems).toEqual([]);
  });

  test('a region of the patient without a unit has the spacing of the whole picture', () => {
    const plain = picture([region([0, 40, 399, 499], [0, 0], { units: 0 }), STRIP], spacing(0.4, 0.4));
    expect(lengthValue(plain, [[100, 100], [110, 100]])).toMatchObject({ value: 4, unit: 'mm' }); // prettier-ignore
    expect(lengthValue(plain, [[100, 530], [110, 530]]).unit).toBe('px'); // prettier-ignore
  });

  test('colour flow on tissue of the same calibration is one with it', () => {
    const color = region([100, 100, 200, 200], [0.025, 0.05]);
    const other = region([100, 100, 200, 200], [0.01, 0.05]);
    const ends = [[90, 150], [110, 150]] as const; // prettier-ignore
    expect(lengthValue(picture([LEFT, color]), ends)).toMatchObject({ value: 5, unit: 'mm' });
    expect(lengthValue(picture([LEFT, other]), ends).unit).toBe('px');
  });

  test('a picture that is smaller than its regions has no lengths in mm, and says why', () => {
    const reduced = picture([LEFT, RIGHT], { '00280011': value('US', 400), ...spacing(0.4, 0.4) });
    expect(lengthValue(reduced, [[100, 100], [112, 108]]).unit).toBe('px'); // prettier-ignore
    expect(reduced.problems).toEqual([expect.stringContaining('do not fit')]);
  });
});
