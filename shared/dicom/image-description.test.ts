// What the description of an image makes of headers that contradict the standard, or say nothing.
import { describe, expect, test } from 'vitest';
import { describeImage, type ImageDescription } from './image-description.ts';
import type { DicomJson } from './model.ts';

const us = (...Value: number[]): DicomJson[string] => ({ vr: 'US', Value });

function imageOf(more: DicomJson): ImageDescription {
  const image = describeImage({ '00280010': us(2), '00280011': us(2), '00280100': us(16), ...more }, 0);
  if (!image) throw new Error('this is an image');
  return image;
}

describe('bits allocated, bits stored, high bit', () => {
  const ofBits = (allocated: number, stored: number, high: number): ImageDescription =>
    imageOf({ '00280100': us(allocated), '00280101': us(stored), '00280102': us(high) });

  test.each([
    [16, 12, 11],
    [16, 12, 15],
    [8, 8, 7],
    [1, 1, 0],
    [0, 12, 11],
  ])('%i, %i, %i are taken as they are', (allocated, bitsStored, highBit) => {
    expect(ofBits(allocated, bitsStored, highBit)).toMatchObject({ bitsStored, highBit, problems: [] });
  });

  test.each([
    [16, 16, 11, 16, 15, 'High Bit is 11, impossible with 16 bits stored; it is taken as 15.'],
    [16, 12, 7, 12, 11, 'High Bit is 7, impossible with 12 bits stored; it is taken as 11.'],
    [8, 8, 0, 8, 7, 'High Bit is 0, impossible with 8 bits stored; it is taken as 7.'],
    [8, 8, 15, 8, 7, 'High Bit is 15, impossible with 8 bits stored; it is taken as 7.'],
    [16, 16, 16, 16, 15, 'High Bit is 16, impossible with 16 bits stored; it is taken as 15.'],
    [8, 16, 15, 8, 7, 'Bits Stored is 16, Bits Allocated 8; all bits are shown.'],
    [16, 0, 15, 16, 15, 'Bits Stored is 0, Bits Allocated 16; all bits are shown.'],
  ])(
    '%i, %i, %i are impossible: what is taken instead is said',
    (allocated, stored, high, bitsStored, highBit, said) => {
      expect(ofBits(allocated, stored, high)).toMatchObject({ bitsStored, highBit, problems: [said] });
    },
  );
});

describe('padding', () => {
  const of = (vr: 'FL' | 'FD', value: number): DicomJson[string] => ({ vr, Value: [value] });
  test.each([
    ['float', { '7FE00008': { vr: 'OF' }, '00280122': of('FL', 1e30) }, [Math.fround(1e30), Math.fround(1e30)]],
    ['float', { '7FE00008': { vr: 'OF' }, '00280122': of('FL', -1), '00280124': of('FL', -9) }, [-9, -1]],
    ['double', { '7FE00009': { vr: 'OD' }, '00280123': of('FD', 1e300), '00280125': of('FD', 2e300) }, [1e300, 2e300]],
    ['float', { '7FE00008': { vr: 'OF' }, '00280120': us(7) }, undefined],
    ['integer', { '00280120': us(7), '00280122': of('FL', 1) }, [7, 7]],
  ] as const)('of %s pixels: %j', (pixelKind, more, padding) => {
    expect(imageOf(more)).toMatchObject({ pixelKind, padding });
  });
});

describe('padding of signed pixels of 12 bits', () => {
  const of = (...limits: number[]): ImageDescription =>
    imageOf({
      '00280101': us(12),
      '00280102': us(11),
      '00280103': us(1),
      '00280120': us(limits[0] ?? 0),
      ...(limits[1] !== undefined && { '00280121': us(limits[1]) }),
    });
  test.each([
    [[-2048], [-2048, -2048]],
    [[0xf800], [-2048, -2048]],
    [[0x0800], [-2048, -2048]],
    [
      [0x0800, 0x0810],
      [-2048, -2032],
    ],
    [[2047], [2047, 2047]],
    [[-3000], [-3000, -3000]],
    [[5000], [5000, 5000]],
  ])('%j is %j, as a number or as its word', (limits, padding) => expect(of(...limits).padding).toEqual(padding));
});

test.each([
  [1, true],
  [0, false],
  [undefined, false],
])('preferred playback sequencing %s: sweeps %s', (sequencing, isSweep) =>
  expect(imageOf(sequencing === undefined ? {} : { '00181244': us(sequencing) })).toMatchObject({ isSweep }),
);

test.each([
  ['MONOCHROME1', 'IDENTITY', 'dark'],
  ['MONOCHROME2', 'INVERSE', 'bright'],
  ['MONOCHROME1', 'INVERSE', undefined],
  ['MONOCHROME2', 'IDENTITY', undefined],
])('%s with Presentation LUT Shape %s: that they contradict is told with what is shown', (photometric, shape, low) => {
  const cs = (value: string): DicomJson[string] => ({ vr: 'CS', Value: [value] });
  const said = `Presentation LUT Shape is ${shape}, which contradicts ${photometric}; low values are shown ${low}, as the shape says.`;
  expect(imageOf({ '00280004': cs(photometric), '20500020': cs(shape) })).toMatchObject({
    presentationShape: shape,
    problems: low === undefined ? [] : [said],
  });
});

describe('modality transform of X-ray images', () => {
  const text = (vr: 'UI' | 'CS', value: string): DicomJson[string] => ({ vr, Value: [value] });
  const of = (suffix: string, relationship: string | undefined): DicomJson => ({
    '00080016': text('UI', `1.2.840.10008.5.1.4.1.1.${suffix}`),
    ...(relationship && { '00281040': text('CS', relationship) }),
  });
  const RESCALE: DicomJson = { '00281052': { vr: 'DS', Value: [-7] }, '00281053': { vr: 'DS', Value: [3] } };
  const TABLE: DicomJson = {
    '00283000': { vr: 'SQ', Value: [{ '00283002': us(2, 0, 16), '00283004': text('CS', 'US'), '00283006': us(9, 4) }] },
  };

  test.each(['12.1', '12.2', '12.3'])('%s in LOG or DISP: is not for display, values are as stored', (suffix) => {
    for (const relationship of ['LOG', 'DISP'])
      for (const transform of [RESCALE, TABLE])
        expect(imageOf({ ...of(suffix, relationship), ...transform })).toMatchObject({
          rescale: undefined,
          modalityLut: undefined,
          problems: [],
        });
  });
  test.each([
    ['12.1', 'LIN'],
    ['12.1', undefined],
    ['1.1', 'LOG'],
    ['12.1.1', 'LOG'],
  ])('%s in %s: is used', (suffix, relationship) => {
    expect(imageOf({ ...of(suffix, relationship), ...RESCALE })).toMatchObject({ rescale: { slope: 3 } });
    expect(imageOf({ ...of(suffix, relationship), ...TABLE }).modalityLut).toBeDefined();
  });
});

describe('anatomical orientation type', () => {
  const of = (type: string | undefined, more: DicomJson): ImageDescription =>
    imageOf({ ...(type && { '00102210': { vr: 'CS', Value: [type] } }), ...more });
  const oblique: DicomJson = { '00200037': { vr: 'DS', Value: [0.8, 0.6, 0, -0.52, 0.69, 0.5] } };
  const letters: DicomJson = { '00200020': { vr: 'CS', Value: ['LE', 'CD'] } };
  test.each([
    ['QUADRUPED', oblique, true, 1],
    ['QUADRUPED', letters, true, 1],
    ['QUADRUPED', {}, true, 0],
    ['BIPED', oblique, false, 0],
    [undefined, oblique, false, 0],
  ])('%s: that no side is named is said where one could be', (type, more, isQuadruped, count) => {
    const image = of(type, more);
    expect(image).toMatchObject({ isQuadruped });
    expect(image.problems.filter((each) => each.includes('quadruped'))).toHaveLength(count);
  });
});

describe('image orientation', () => {
  const ofAxes = (...Value: number[]): ImageDescription => imageOf({ '00200037': { vr: 'DS', Value } });
  test.each([[[1, 0, 0, 0, 1, 0]], [[0.8, 0.6, 0, -0.52, 0.69, 0.5]], [[0.999, 0.005, 0, 0, 1, 0]]])(
    '%j is believed, however it was rounded',
    (orientation) => expect(ofAxes(...orientation)).toMatchObject({ orientation, problems: [] }),
  );
  test.each([
    ['one direction twice', [1, 0, 0, 1, 0, 0]],
    ['an acute angle', [1, 0, 0, 0.8, 0.6, 0]],
    ['no unit', [2, 0, 0, 0, 1, 0]],
    ['one axis', [1, 0, 0]],
  ])('%s is not believed, and that is said', (_name, orientation) =>
    expect(ofAxes(...orientation)).toMatchObject({
      orientation: undefined,
      problems: ['The image orientation is no pair of perpendicular unit vectors; sides are not told from it.'],
    }),
  );
});

describe('frame times', () => {
  const TIME: DicomJson = { '00181063': { vr: 'DS', Value: [40] } };
  const DISPLAY: DicomJson = { '00082144': { vr: 'IS', Value: [5] } };
  const CINE: DicomJson = { '00180040': { vr: 'IS', Value: [50] } };
  const vector = (...Value: number[]): DicomJson => ({ '00181065': { vr: 'DS', Value } });
  test.each([
    ['a vector, without what stands before the first frame', { ...vector(0, 100, 0, 300), ...DISPLAY }, [100, 0, 300]],
    ['the rate meant for display', { ...DISPLAY, ...TIME, ...CINE }, [200]],
    ['one time', { ...TIME, ...CINE }, [40]],
    ['a rate', CINE, [20]],
    ['nothing', { '00181063': { vr: 'DS', Value: [0] } }, undefined],
  ])('%s', (_name, more, frameTimesMs) => expect(imageOf(more)).toMatchObject({ frameTimesMs, problems: [] }));
  test.each([
    ['zeros', vector(0, 0, 0), undefined],
    ['zeros, beside one time', { ...vector(0, 0, 0), ...TIME }, [40]],
    ['a time that goes back', { ...vector(0, 10, -10), ...TIME }, [40]],
  ])('a vector with %s is not used, and that is said', (_name, more, frameTimesMs) =>
    expect(imageOf(more)).toMatchObject({
      frameTimesMs,
      problems: ['The Frame Time Vector holds no times that go forward; it is not used.'],
    }),
  );
});

describe('trim', () => {
  const ofTrim = (start: number | undefined, stop: number | undefined): ImageDescription =>
    imageOf({
      '00280008': { vr: 'IS', Value: [10] },
      ...(start !== undefined && { '00082142': { vr: 'IS', Value: [start] } }),
      ...(stop !== undefined && { '00082143': { vr: 'IS', Value: [stop] } }),
    });
  test.each([
    [3, 6, [2, 5]],
    [3, undefined, [2, 9]],
    [undefined, 6, [0, 5]],
    [undefined, undefined, undefined],
  ])('from %s to %s', (start, stop, trim) => expect(ofTrim(start, stop)).toMatchObject({ trim, problems: [] }));
  test.each([
    [6, 3],
    [0, 6],
    [3, 11],
  ])('from %i to %i of ten is impossible: all are played, and that is said', (start, stop) =>
    expect(ofTrim(start, stop)).toMatchObject({
      trim: undefined,
      problems: [`A trim from frame ${start} to ${stop} is impossible with 10 frames; all are played.`],
    }),
  );
});

describe('lossy compression', () => {
  const JPEG = '1.2.840.10008.1.2.4.';
  test.each([
    ['91', '00', false],
    ['81', '00', false],
    ['203', '00', false],
    ['91', undefined, undefined],
    ['91', '01', true],
    ['90', '01', true],
    ['90', undefined, false],
    ['50', '00', true],
    ['50', undefined, true],
    ['102.1', undefined, true],
  ])('in %s, stated as %s: %s', (suffix, stated, isLossy) => {
    const more: DicomJson = {
      '00083002': { vr: 'UI', Value: [`${JPEG}${suffix}`] },
      ...(stated !== undefined && { '00282110': { vr: 'CS', Value: [stated] } }),
    };
    expect(imageOf(more)).toMatchObject({ isLossy });
  });
});

describe('functional groups', () => {
  const sq = (...Value: DicomJson[]): DicomJson[string] => ({ vr: 'SQ', Value });
  const ds = (...Value: number[]): DicomJson[string] => ({ vr: 'DS', Value });
  const RESCALE = sq({ '00281052': ds(-1024), '00281053': ds(1) });
  const place = (z: number): DicomJson => ({
    '00209113': sq({ '00200032': ds(0, 0, z) }),
    '00289110': sq({ '00280030': ds(2, 2) }),
  });
  const frameOf = (frameIndex: number, more: DicomJson): ImageDescription | undefined =>
    describeImage({ '00280010': us(2), '00280011': us(2), '00280100': us(16), '00280008': us(3), ...more }, frameIndex);
  const own: DicomJson = {
    '52009230': sq({ ...place(0), '00289145': RESCALE }, { ...place(3), '00289145': RESCALE }),
  };

  test('of the frame itself', () => {
    expect(frameOf(1, own)).toMatchObject({
      positionLps: [0, 0, 3],
      rescale: { slope: 1, intercept: -1024 },
      problems: [],
    });
  });
  test('a frame without its own has no unit and no place, and that is said', () => {
    expect(frameOf(2, own)).toMatchObject({
      positionLps: undefined,
      spacingMm: undefined,
      rescale: undefined,
      problems: [
        'Frame 3 has no functional groups of its own (5200,9230): its values are as stored, without unit, its place is not known.',
      ],
    });
  });
  test('what is shared holds for it too', () => {
    const shared = { '52009229': sq({ '00289145': RESCALE }), '52009230': sq(place(0)) };
    expect(frameOf(1, shared)).toMatchObject({
      rescale: { slope: 1, intercept: -1024 },
      problems: ['Frame 2 has no functional groups of its own (5200,9230): its place is not known.'],
    });
  });
  test('without the sequence nothing is missing', () => expect(frameOf(2, {})).toMatchObject({ problems: [] }));
});
