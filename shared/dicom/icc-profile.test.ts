// Colour profiles of written files, as pictures show them: colours against LittleCMS, damage of every kind.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderFrame } from '../pixels/render-frame.ts';
import { binary, numbers, sequence, text, writeFile, type Dataset } from '../testing/dicom-builder.ts';
import { iccProfile, parametricCurve, sampledCurve } from '../testing/icc-profile-builder.ts';
import { parseProfile } from './icc-profile.ts';
import { describeImage, type ImageDescription } from './image-description.ts';
import { readInstance } from './read-instance.ts';

/** CIEXYZ of the primaries, relative to D50. */
const ADOBE = [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]] as const; // prettier-ignore
const PROPHOTO = [
  [0.7977, 0.288, 0],
  [0.1352, 0.7119, 0],
  [0.0313, 0.0001, 0.8249],
] as const;
const SRGB = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]] as const; // prettier-ignore
const SRGB_CURVE = parametricCurve(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);
const adobe = iccProfile({ primaries: ADOBE, curve: sampledCurve(2.19921875) });
const table = iccProfile({ primaries: ADOBE, curve: sampledCurve(0, 0.05, 0.2, 0.5, 1) });
const srgb = iccProfile({ primaries: SRGB, curve: SRGB_CURVE });

const PIXELS = [[255, 128, 0], [10, 200, 100], [40, 40, 40], [200, 180, 220]]; // prettier-ignore

function imageOf(more: Dataset, frameIndex = 0): ImageDescription {
  const bytes = writeFile({
    '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.77.1.4'),
    '00080018': text('UI', '1.2.3.4.5'),
    '0020000D': text('UI', '1.2.3'),
    '0020000E': text('UI', '1.2.3.4'),
    '00280002': numbers('US', 3),
    '00280004': text('CS', 'RGB'),
    '00280006': numbers('US', 0),
    '00280010': numbers('US', 1),
    '00280011': numbers('US', 4),
    '00280100': numbers('US', 8),
    '00280101': numbers('US', 8),
    '00280102': numbers('US', 7),
    '00280103': numbers('US', 0),
    '7FE00010': binary('OB', Uint8Array.from(PIXELS.flat())),
    ...more,
  });
  const read = readInstance({ size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) });
  const image = read.ok ? describeImage(read.value.dataset, frameIndex) : undefined;
  if (!image) throw new Error('this is an image');
  return image;
}
const withProfile = (bytes: Uint8Array): ImageDescription => imageOf({ '00282000': binary('OB', bytes) });

function shown(image: ImageDescription): number[][] {
  const out = new Uint8ClampedArray(PIXELS.length * 4);
  const voi = { kind: 'window', center: 0, width: 1, function: 'LINEAR' } as const;
  renderFrame({ ...image, words: Uint8Array.from(PIXELS.flat()) }, image, { voi, isInverted: false }, out);
  return PIXELS.map((_, pixel) => [...out.subarray(pixel * 4, pixel * 4 + 3)]);
}

describe('colours', () => {
  // Pillow 9.4 with LittleCMS 2.14 from these same bytes to its sRGB, relative colorimetric; over a grid of 6856 colours
  // nothing differed by more than one level.
  test.each([
    [
      'like Adobe RGB',
      adobe,
      [
        [255, 129, 0],
        [0, 201, 92],
        [35, 35, 35],
        [209, 181, 222],
      ],
    ],
    [
      'like ProPhoto',
      iccProfile({ primaries: PROPHOTO, curve: sampledCurve(1.8) }),
      [
        [255, 100, 0],
        [0, 230, 96],
        [53, 53, 53],
        [216, 189, 232],
      ],
    ],
    [
      'with samples',
      table,
      [
        [255, 124, 0],
        [0, 199, 96],
        [50, 50, 50],
        [206, 178, 223],
      ],
    ],
    [
      'linear',
      iccProfile({ primaries: SRGB, curve: sampledCurve() }),
      [
        [255, 188, 0],
        [56, 229, 168],
        [110, 110, 110],
        [229, 219, 239],
      ],
    ],
    [
      'of parametric kind 0',
      iccProfile({ primaries: SRGB, curve: parametricCurve(0, 2) }),
      [
        [255, 137, 0],
        [5, 206, 109],
        [43, 43, 43],
        [206, 187, 224],
      ],
    ],
    [
      'of parametric kind 1',
      iccProfile({ primaries: SRGB, curve: parametricCurve(1, 2, 1.1, -0.1) }),
      [
        [255, 125, 0],
        [0, 201, 93],
        [16, 16, 16],
        [201, 180, 221],
      ],
    ],
    [
      'of parametric kind 2',
      iccProfile({ primaries: SRGB, curve: parametricCurve(2, 2, 1, -0.1, 0.1) }),
      [
        [245, 140, 89],
        [89, 199, 119],
        [90, 90, 90],
        [199, 182, 215],
      ],
    ],
    [
      'of parametric kind 3',
      iccProfile({ primaries: ADOBE, curve: SRGB_CURVE }),
      [
        [255, 128, 0],
        [0, 200, 92],
        [40, 40, 40],
        [207, 180, 222],
      ],
    ],
    [
      'of parametric kind 4',
      iccProfile({ primaries: SRGB, curve: parametricCurve(4, 2.4, 0.9, 0.05, 0.2, 0.2, 0.02, 0.01) }),
      [
        [244, 127, 25],
        [36, 193, 102],
        [57, 57, 57],
        [193, 174, 211],
      ],
    ],
  ])('%s', (_name, profile, wanted) => {
    // prettier-ignore
    const image = withProfile(profile);
    expect(image.problems).toEqual([]);
    const differences = shown(image).flat().map((value, at) => Math.abs(value - (wanted.flat()[at] ?? 0))); // prettier-ignore
    expect(Math.max(...differences), JSON.stringify(shown(image))).toBeLessThanOrEqual(1);
  });

  test('of sRGB stay as they are', () => {
    const image = withProfile(srgb);
    expect(image).toMatchObject({ colorProfile: undefined, problems: [] });
    expect(shown(image)).toEqual(PIXELS);
  });

  test('of a grey image there are none', () =>
    expect(
      imageOf({
        '00280002': numbers('US', 1),
        '00280004': text('CS', 'MONOCHROME2'),
        '00282000': binary('OB', adobe),
      }),
    ).toMatchObject({ colorProfile: undefined, problems: [] }));
});

test('a profile longer than other values that stand in the metadata is at hand; of more than 64 kB it is said', () => {
  const samples = (count: number): Uint8Array =>
    iccProfile({ primaries: ADOBE, curve: sampledCurve(...Array.from({ length: count }, (_, i) => i / count)) });
  expect(withProfile(samples(4096))).toMatchObject({ colorProfile: expect.anything(), problems: [] });
  expect(withProfile(samples(20_000)).problems).toEqual([
    "The image's colour profile (0028,2000) is not applied (the index does not hold it; rebuilding it brings in what is not larger than 64 kB): colours may differ.",
  ]);
});

describe('what is not applied, and said', () => {
  const said = (why: string): string[] => [
    `The image's colour profile (0028,2000) is not applied (${why}): colours may differ.`,
  ];
  test.each([
    ['look-up tables', { more: { A2B0: [1, 2, 3, 4] } }, 'it is made of look-up tables or is not for RGB'],
    ['for other colours', { space: 'CMYK' }, 'it is made of look-up tables or is not for RGB'],
    ['without light', { primaries: [[0, 0, 0], [0, 0, 0], [0, 0, 0]] }, 'its white is not white'], // prettier-ignore
    ['another curve', { curve: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }, 'it is damaged or cut short'],
    ['a kind of curve that is none', { curve: parametricCurve(5, 1) }, 'it is damaged or cut short'],
  ] as const)('%s', (_name, more, why) => {
    const image = withProfile(iccProfile({ primaries: ADOBE, curve: sampledCurve(1.8), ...more }));
    expect(image).toMatchObject({ colorProfile: undefined, problems: said(why) });
    expect(shown(image)).toEqual(PIXELS);
  });

  test.each([
    ['gamma', adobe],
    ['samples', table],
    ['parameters', srgb],
  ])('every cut of a profile with %s', (_name, profile) => {
    for (let length = 0; length < profile.length; length++)
      expect(parseProfile(profile.subarray(0, length)).ok, `${length} bytes`).toBe(false);
    expect(withProfile(profile.subarray(0, profile.length - 4)).problems).toEqual(said('it is damaged or cut short'));
  });

  test('any damage gives an answer, and colours or none', () => {
    const damage = fc.array(fc.tuple(fc.nat(adobe.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.constantFrom(adobe, table, srgb), (changes, profile) => {
        const bytes = profile.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const found = parseProfile(bytes);
        expect(!found.ok || found.value === undefined || found.value.matrix.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('Color Space without a profile', () => {
  test('of sRGB', () => expect(imageOf({ '00282002': text('CS', 'SRGB') }).problems).toEqual([]));
  test('of another', () =>
    expect(imageOf({ '00282002': text('CS', 'ADOBERGB') }).problems).toEqual([
      "The image's colours are ADOBERGB (0028,2002) and shown as sRGB, without a profile: they may differ.",
    ]));
});

describe('profiles of optical paths', () => {
  const path = (id: string, profile: Uint8Array): Dataset => ({
    '00282000': binary('OB', profile),
    '00480106': text('SH', id),
  });
  const of = (id: string): Dataset => ({ '00480207': sequence({ '00480106': text('SH', id) }) });
  const frames = { '52009230': sequence(of('1'), of('2'), {}) };
  test('the only one', () => expect(imageOf({ '00480105': sequence(path('1', adobe)) }).colorProfile).toBeDefined());
  test('the one that the frame names', () => {
    const two: Dataset = {
      '00280008': text('IS', '3'),
      '00480105': sequence(path('1', srgb), path('2', adobe)),
      ...frames,
    };
    const images = [0, 1, 2].map((frameIndex) => imageOf(two, frameIndex));
    expect(images.map(({ colorProfile }) => colorProfile !== undefined)).toEqual([false, true, false]);
    expect(images.map(({ problems }) => problems.filter((each) => each.includes('0028,2000')))).toEqual([
      [],
      [],
      [expect.stringContaining('(the frame names none of the optical paths)')],
    ]);
  });
});
