// Look-up tables and palettes of written files, as the description of their image has them (PS3.3 C.7.6.3.1.5, C.11.1, C.11.2).
import { describe, expect, test } from 'vitest';
import { binary, numbers, sequence, text, writeFile, type Dataset, type Element } from '../testing/dicom-builder.ts';
import { describeImage, type ImageDescription } from './image-description.ts';
import { readInstance } from './read-instance.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';

function imageOf(more: Dataset, transferSyntaxUid: string): ImageDescription {
  const bytes = writeFile(
    {
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
      '00080018': text('UI', '1.2.3.4.5'),
      '0020000D': text('UI', '1.2.3'),
      '0020000E': text('UI', '1.2.3.4'),
      '00280002': numbers('US', 1),
      '00280010': numbers('US', 2),
      '00280011': numbers('US', 2),
      '00280100': numbers('US', 16),
      '00280101': numbers('US', 12),
      '00280102': numbers('US', 11),
      '00280103': numbers('US', 0),
      '7FE00010': binary('OW', new Uint8Array(8)),
      ...more,
    },
    { transferSyntaxUid },
  );
  const read = readInstance({ size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) });
  const image = read.ok ? describeImage(read.value.dataset, 0) : undefined;
  if (!image) throw new Error('this is an image');
  return image;
}

const SIGNED: Dataset = { '00280103': numbers('US', 1) };
const rescaled = (intercept: string): Dataset => ({
  '00281052': text('DS', intercept),
  '00281053': text('DS', '1'),
});
/** Four words. */
const WORDS = Uint8Array.of(0, 0, 64, 0, 128, 0, 255, 0);
const palette = (descriptor: Element): Dataset => ({
  '00281101': descriptor,
  '00281102': descriptor,
  '00281103': descriptor,
  '00281201': binary('OW', WORDS),
  '00281202': binary('OW', WORDS),
  '00281203': binary('OW', WORDS),
});
const voiLut = (descriptor: Element, data: Element): Dataset => ({
  '00283010': sequence({ '00283002': descriptor, '00283006': data }),
});

describe('a negative first value', () => {
  test.each([
    ['of a palette, stated as SS', EXPLICIT, 'SS', -2],
    ['of a palette, stated as US', EXPLICIT, 'US', 0xfffe],
    ['of a palette in implicit VR', IMPLICIT, 'SS', -2],
  ] as const)('%s', (_name, syntax, vr, first) => {
    const image = imageOf({ ...SIGNED, ...palette(numbers(vr, 4, first, 16)) }, syntax);
    expect(image.palette?.green.first).toBe(-2);
    expect(image.problems).toEqual([]);
  });

  test.each([
    ['stated as SS', EXPLICIT, 'SS', -500],
    ['stated as US', EXPLICIT, 'US', 65036],
    ['in implicit VR', IMPLICIT, 'SS', -500],
  ] as const)('of a VOI LUT behind a rescale to below zero, %s', (_name, syntax, vr, first) => {
    const lut = voiLut(numbers(vr, 4, first, 8), binary('OW', WORDS));
    expect(imageOf({ ...rescaled('-1024'), ...lut }, syntax).voiLuts[0]?.first).toBe(-500);
  });

  test('is not read where values are as high and none is as low', () => {
    const wide: Dataset = { '00280101': numbers('US', 16), '00280102': numbers('US', 15), ...rescaled('-1024') };
    const lut = voiLut(numbers('US', 4, 40000, 8), binary('OW', WORDS));
    expect(imageOf({ ...wide, ...lut }, EXPLICIT).voiLuts[0]?.first).toBe(40000);
  });
});

describe('two entries of eight bits in each word', () => {
  test.each([
    ['OW', EXPLICIT, binary('OW', WORDS)],
    ['US', EXPLICIT, numbers('US', 0, 64, 128, 255)],
    ['implicit VR', IMPLICIT, binary('OW', WORDS)],
  ])('%s', (_name, syntax, data) => {
    const [lut] = imageOf(voiLut(numbers('US', 8, 0, 8), data), syntax).voiLuts;
    expect([...(lut?.data ?? [])]).toEqual([...WORDS]);
  });
});

describe('entries beyond the stated bits', () => {
  const data = (...entries: number[]): Element => binary('OW', new Uint8Array(Uint16Array.from(entries).buffer));
  const ofBits = (bits: number, most: number): ImageDescription =>
    imageOf(voiLut(numbers('US', 4, 0, bits), data(0, 100, 200, most)), EXPLICIT);
  test.each([
    [8, 4095, 12],
    [10, 4095, 12],
    [12, 4097, 13],
    [8, 65535, 16],
  ])('%i bits with %i: read as %i bits, and that is said', (stated, most, bits) => {
    const image = ofBits(stated, most);
    expect(image.voiLuts[0]?.bits).toBe(bits);
    expect(image.problems).toEqual([
      `A look-up table states entries of ${stated} bits but holds ${most}; it is read as one of ${bits} bits.`,
    ]);
  });
  test('one too many is said', () =>
    expect(ofBits(12, 4096)).toMatchObject({
      voiLuts: [{ bits: 12 }],
      problems: ['A look-up table states entries of 12 bits but holds 4096, one more than they can.'],
    }));
  test('fewer than stated are as stated', () =>
    expect(ofBits(16, 4095)).toMatchObject({ voiLuts: [{ bits: 16 }], problems: [] }));
  test('of a modality LUT too', () => {
    const modality = sequence({ '00283002': numbers('US', 4, 0, 8), '00283006': data(0, 1, 2, 4095) });
    expect(imageOf({ '00283000': modality }, EXPLICIT)).toMatchObject({
      modalityLut: { bits: 12 },
      problems: [expect.stringContaining('12 bits')],
    });
  });
});

describe('segments of a palette', () => {
  const segmented = (bits: number, data: Uint8Array): Dataset => ({
    '00281101': numbers('US', 8, 0, bits),
    '00281102': numbers('US', 8, 0, bits),
    '00281103': numbers('US', 8, 0, bits),
    '00281221': binary('OW', data),
    '00281222': binary('OW', data),
    '00281223': binary('OW', data),
  });
  const words = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((word) => [word & 255, word >> 8]));
  // One discrete entry, a line to 60, both again from where the line begins.
  test.each([
    ['in words', 16, words(0, 1, 0, 1, 3, 60, 2, 1, 6, 0, 0, 1, 7), [0, 20, 40, 60, 60, 60, 60, 7]],
    ['in bytes', 8, Uint8Array.of(0, 1, 0, 1, 3, 60, 2, 1, 3, 0, 0, 0, 0, 1, 7, 0), [0, 20, 40, 60, 60, 60, 60, 7]],
    ['in words, of eight bits', 8, words(0, 1, 0, 1, 7, 70), [0, 10, 20, 30, 40, 50, 60, 70]],
  ] as const)('%s, with a reference in bytes', (_name, bits, data, wanted) => {
    const image = imageOf(segmented(bits, data), EXPLICIT);
    expect([...(image.palette?.blue.data ?? [])]).toEqual(wanted);
    expect(image.problems).toEqual([]);
  });
});

test('without its palette an image is shown in grey, and that is said', () => {
  const image = imageOf({ '00280004': text('CS', 'PALETTE COLOR') }, EXPLICIT);
  expect(image).toMatchObject({
    photometric: 'MONOCHROME2',
    problems: ['The palette is missing; its indices are shown as grey.'],
  });
});

test.each([
  ['COLOR', ['Part of the image is meant in colour, by a supplemental palette; it is shown in grey.']],
  ['MIXED', ['Part of the image is meant in colour, by a supplemental palette; it is shown in grey.']],
  ['MONOCHROME', []],
])('a supplemental palette of an image presented in %s', (presentation, problems) => {
  const image = imageOf(
    {
      ...palette(numbers('US', 4, 4000, 16)),
      '00089205': text('CS', presentation),
      '00280004': text('CS', 'MONOCHROME2'),
    },
    EXPLICIT,
  );
  expect(image).toMatchObject({ photometric: 'MONOCHROME2', problems });
});

test('a palette of 40000 entries stated as SS is as long as stated', () => {
  const descriptor = numbers('SS', 40000 - 0x10000, 0, 16);
  // One discrete entry, then a line of 39999.
  const segments = binary('OW', Uint8Array.of(0, 0, 1, 0, 0, 0, 1, 0, 0x3f, 0x9c, 0xff, 0xff));
  const image = imageOf(
    {
      '00281101': descriptor,
      '00281102': descriptor,
      '00281103': descriptor,
      '00281221': segments,
      '00281222': segments,
      '00281223': segments,
    },
    EXPLICIT,
  );
  expect(image.palette?.red.data.length).toBe(40000);
});
