// What a cell says about its image: corner texts, fidelity, probe, presets.
import { describe, expect, test } from 'vitest';
import type { DicomJson } from '#shared/dicom/model.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import type { Trait } from '#shared/dicom/image-traits.ts';
import { fidelityOf, orderText } from './fidelity.ts';
import { DEFAULT_MOUSE, deedOf } from './mouse-bindings.ts';
import { CORNERS, cornersOf, DEFAULT_OVERLAY, fieldsFor } from './overlay-fields.ts';
import { probeText, unitOf } from './probe-text.ts';
import { noSuvReason } from './pet-suv.ts';
import { presetsFor, startVoi } from './window-presets.ts';

Object.assign(globalThis, { devicePixelRatio: 2 });

const image = {
  samplesPerPixel: 1,
  spacingMm: [0.9, 0.6],
  regions: [],
  spacingBasis: 'patient',
  problems: [],
  isLossy: false,
  windows: [{ center: 40, width: 400, explanation: 'Weich' }],
  voiFunction: 'LINEAR',
  voiLuts: [],
  rescale: { slope: 2, intercept: -1000, type: 'HU' },
  positionLps: [1, 2, -30],
  orientation: [1, 0, 0, 0, 1, 0],
  sliceThicknessMm: 1.25,
} as unknown as ImageDescription;
const state = {
  index: 4,
  count: 20,
  image,
  voi: { kind: 'window', center: 40, width: 400, function: 'LINEAR' } as const,
  isInverted: false,
  view: { rotationDeg: 0, isFlipped: false, scale: 3, panX: 0, panY: 0 },
  scaleMode: 'free' as const,
  loadedCount: 20,
  isHeldWhole: true,
  isSampled: false,
  isEndMissing: false,
};
const dataset = {
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00100020': { vr: 'LO', Value: ['P-1'] },
  '00100030': { vr: 'DA', Value: ['19700131'] },
  '00180060': { vr: 'DS', Value: [120] },
} as DicomJson;
const order = {
  rule: 'position',
  hasSharedPositions: false,
  traits: [],
  isNumbered: true,
  isUneven: false,
  gapCount: 0,
  duplicateCount: 0,
  guessedCount: 0,
  framesOfReference: 'one',
} as const;

/** What each corner says, a line below the other. */
const textsOf = (...given: Parameters<typeof cornersOf>) => {
  const corners = cornersOf(...given);
  const said = (corner: keyof typeof corners): string => corners[corner].map(({ text }) => text).join('\n');
  return { tl: said('tl'), tr: said('tr'), bl: said('bl'), br: said('br') };
};

describe('corner texts', () => {
  test('what is unknown leaves no line; zoom is of the pixels of the screen', () => {
    expect(textsOf(dataset, state, fieldsFor('CT', {}))).toMatchObject({
      tl: 'P-1\n1970-01-31',
      tr: '',
      bl: '120 kV\n1.25 mm\nposition -30 mm',
      br: '5 / 20\nC 40  W 400\n300 %',
    });
  });
  test.each<[Trait, number | string, number | string, string]>([
    ['component', 1, 3, 'phase image'],
    ['phase', 2, 3, 'phase 2 of 3'],
    ['trigger', 120.5, 300, 'trigger 120.5 ms'],
    ['echo', 2, 2, 'echo 2'],
    ['echo time', 4.6, 9, 'TE 4.6 ms'],
    ['b-value', 1000, 1000, 'b 1000'],
    ['acquisition', 4, 5, 'acquisition 4'],
    ['time', '20240130235959.250000', '', 'taken 23:59:59.25'],
    ['time', '20240130235959.000000', '', 'taken 23:59:59'],
  ])('%s %s of images at one position: below the slice', (trait, value, highest, shown) => {
    const traited = { ...image, traits: { dimensions: [], values: { [trait]: value } } };
    const told = { hasSharedPositions: true, traits: [{ trait, highest }] };
    const textOf = (part: object): string =>
      textsOf(dataset, { ...state, ...part }, { tl: [], tr: [], bl: [], br: ['Slice of slices'] }).br;
    expect(textOf({ image: traited, order: told })).toBe(`5 / 20\n${shown}`);
    expect(textOf({ image: { ...image, traits: { dimensions: [], values: {} } }, order: told })).toBe(
      `5 / 20\nno ${trait}`,
    );
    expect(textOf({ image: traited, order: { ...told, hasSharedPositions: false } })).toBe('5 / 20');
  });
  test('the number of phases is the header’s where some of them are not here', () => {
    const traited = { ...image, traits: { dimensions: [], values: { phase: 2 } } };
    const told = { hasSharedPositions: true, traits: [{ trait: 'phase', highest: 3 }] } as const;
    const stated = { ...dataset, '00200105': { vr: 'IS', Value: [8] } };
    expect(textsOf(stated, { ...state, image: traited, order: told }, fieldsFor('CT', {})).br).toContain(
      'phase 2 of 8',
    );
  });
  test.each([
    [1.0000000150474662e30, 2e21, 'C 1e+30  W 2e+21'],
    [-1234567890.125, 0.25, 'C -1234567890.1  W 0.25'],
    [0.0001151, 0.0003784, 'C 0.000115  W 0.000378'],
    [1000.00011514, 0.0003784, 'C 1000.000115  W 0.000378'],
    [1e-120, 2e-120, 'C 0  W 0'],
  ])('a window of %d, %d has no more digits than tell it, and no fewer', (center, width, shown) => {
    const voi = { kind: 'window', center, width, function: 'LINEAR' } as const;
    expect(textsOf(dataset, { ...state, voi }, fieldsFor('CT', {})).br).toContain(shown);
  });
  test('a window that is the range of one image of many says of which', () => {
    expect(textsOf(dataset, { ...state, rangeIndex: 11 }, fieldsFor('CT', {})).br).toBe(
      '5 / 20\nC 40  W 400\nrange of image 12\n300 %',
    );
    expect(textsOf(dataset, { ...state, count: 1, rangeIndex: 0 }, fieldsFor('CT', {})).br).not.toContain('range');
  });
  test('colour has no window, by palette or by samples', () => {
    for (const part of [{ photometric: 'PALETTE COLOR' }, { photometric: 'RGB', samplesPerPixel: 3 }])
      expect(textsOf(dataset, { ...state, image: { ...image, ...part } }, fieldsFor('CT', {}))).toMatchObject({
        br: '5 / 20\n300 %',
      });
  });
  test('what a reader must not miss stays in every cell: whose, of which day, which side, which image, inverted', () => {
    const exam = {
      ...dataset,
      '00080020': { vr: 'DA', Value: ['20240130'] },
      '00081030': { vr: 'LO', Value: ['Mamma'] },
      '00185101': { vr: 'CS', Value: ['MLO'] },
    } as DicomJson;
    const traited = { ...image, laterality: 'R', traits: { dimensions: [], values: { 'b-value': 800 } } };
    const told = { hasSharedPositions: true, traits: [{ trait: 'b-value', highest: 800 }] } as const;
    const shown = { ...state, image: traited as ImageDescription, isInverted: true, order: told };
    const corners = cornersOf(exam, shown, fieldsFor('MG', {}));
    const staying = CORNERS.flatMap((corner) => corners[corner]).filter(({ stays }) => stays === 'always');
    expect(staying.map(({ text }) => text)).toEqual(['P-1', '2024-01-30', 'R  MLO', 'inverted', '5 / 20', 'b 800']);
  });
  test('inverted is said whatever the person has chosen for the corners', () => {
    const none = { tl: [], tr: [], bl: [], br: [] };
    expect(textsOf(dataset, { ...state, isInverted: true }, none).br).toBe('inverted');
    expect(textsOf(dataset, state, none).br).toBe('');
  });
  test('dates, times and ages of every form are read', () => {
    const old = {
      '00080020': { vr: 'DA', Value: ['1994.01.30'] },
      '00080030': { vr: 'TM', Value: ['11:24:58'] },
      '00101010': { vr: 'AS', Value: ['043Y'] },
    } as DicomJson;
    const acquired = { ...old, '00080022': { vr: 'DA', Value: ['19940131'] } } as DicomJson;
    const fields = {
      tl: ['Birth date, sex, age'],
      tr: ['Study date and time'],
      bl: ['Acquisition time'],
      br: [],
    } as const;
    expect(textsOf(old, state, fields)).toMatchObject({ tl: '43 y', tr: '1994-01-30  11:24', bl: '' });
    expect(textsOf(acquired, state, fields).bl).toBe('acquired 1994-01-31');
    const junk = {
      '00080020': { vr: 'DA', Value: ['00000000'] },
      '00100030': { vr: 'DA', Value: ['00000000'] },
      '00100040': { vr: 'CS', Value: ['O'] },
      '00101010': { vr: 'AS', Value: ['000Y'] },
    } as DicomJson;
    expect(textsOf(junk, state, fields)).toMatchObject({ tl: 'O', tr: '' });
  });
  test('own layouts stand before defaults, of the modality before all others', () => {
    const own = { tl: [], tr: [], bl: [], br: ['Zoom'] } as const;
    expect(fieldsFor('CT', { CT: own })).toBe(own);
    expect(fieldsFor('XX', { '': own })).toBe(own);
    expect(fieldsFor('MR', { '': own })).toBe(DEFAULT_OVERLAY['MR']);
    expect(textsOf(dataset, { ...state, scaleMode: 'true size' }, own).br).toBe('true size');
  });
});

describe('fidelity', () => {
  test('a whole and true picture needs no remark', () => expect(fidelityOf(dataset, state, order, [])).toEqual([]));
  test.each([
    [{ loadedCount: 3 }, {}, [], 'loading 3 of 20'],
    [{ loadedCount: 3, isHeldWhole: false }, {}, [], '3 of 20 in memory; the rest is fetched as you scroll'],
    [{ isSampled: true }, {}, [], 'reduced while moving'],
    [{ isEndMissing: true }, {}, [], 'end marker missing: the image data before it is complete'],
    [{ image: { ...image, isLossy: true, lossyRatio: 12.04 } }, {}, [], 'lossy 12:1'],
    [{ image: { ...image, isLossy: true } }, {}, [], 'lossy'],
    [{ image: { ...image, isLossy: undefined } }, {}, [], 'may be lossy'],
    [{ image: { ...image, spacingMm: undefined } }, {}, [], 'not calibrated: lengths in pixels'],
    [{ image: { ...image, spacingBasis: 'detector' } }, {}, [], 'spacing at the detector'],
    [{ image: { ...image, problems: ['A window has no width.'] } }, {}, [], 'A window has no width.'],
    [{}, { gapCount: 2, isUneven: true }, [], '2 gaps between slices'],
    [{}, { rule: 'instance number' }, [], 'ordered by instance number: no positions of parallel slices'],
    [{}, { rule: 'frame' }, [], 'ordered by frame number: no positions of parallel slices'],
    [{}, { isUneven: true }, [], 'uneven slice distances'],
    [{}, { duplicateCount: 2 }, [], '2 slices share a position and number with another'],
    [{}, { guessedCount: 2 }, [], 'order is a guess: neither number nor time tells 2 of the images from another'],
    [
      {},
      { framesOfReference: 'apart' },
      [],
      'several frames of reference, one after the other: their positions do not compare',
    ],
    [
      {},
      { framesOfReference: 'taken as one' },
      [],
      'images name frames of reference of their own: they are taken as one',
    ],
    [{}, {}, ['odd length', 'order'], 'repaired: odd length and 1 more'],
  ])('%j %j %j: %s', (changed, changedOrder, repairs, remark) => {
    const judged = { ...state, ...changed } as Parameters<typeof fidelityOf>[1];
    const judgedOrder = { ...order, ...changedOrder } as Parameters<typeof fidelityOf>[2];
    expect(fidelityOf(dataset, judged, judgedOrder, repairs)).toEqual([remark]);
  });
});

test('what decides the order is named', () => {
  const traits = [{ trait: 'phase', highest: 3 }] as const;
  expect([
    orderText(order),
    orderText({ ...order, hasSharedPositions: true, traits }),
    orderText({ ...order, hasSharedPositions: true, traits, isNumbered: false }),
    orderText({ ...order, rule: 'traits', traits, isNumbered: false }),
  ]).toEqual([
    'ordered by slice position',
    'ordered by slice position, several images at a position',
    'ordered by slice position, several images at a position by phase',
    'ordered by phase',
  ]);
});

describe('probe', () => {
  const probe = { column: 9, row: 19, value: 57, stored: [528], isPadding: false };
  test('place from 1, value with unit, stored value beside it', () => {
    expect(probeText(probe, unitOf(dataset, image))).toBe('10, 20: 57 HU (stored 528)');
    expect(probeText({ ...probe, value: 528 }, '')).toBe('10, 20: 528');
    expect(probeText({ ...probe, isPadding: true }, 'HU')).toBe('10, 20: padding (stored 528)');
    expect(probeText({ ...probe, value: 2 ** 100, stored: [2 ** 100] }, '')).toBe('10, 20: 1.26765e+30');
    expect(probeText({ ...probe, value: undefined, stored: [1, 2, 3] }, '')).toBe('10, 20: 1 2 3');
  });
  test.each([
    [-1309523809.52, '-1309523809.5'],
    [-1309523809, '-1309523809'],
    [123456.78, '123456.8'],
    [999999.99, '1000000.0'],
    [1 / 3, '0.333333'],
    [2.00000004, '2.00000'],
    [3 * 0.1, '0.3'],
    [1.23456789e-7, '1.23457e-7'],
    [1e30, '1e+30'],
  ])('%d is told as %s: whole numbers as they are, and that it is rounded shows', (value, shown) => {
    expect(probeText({ ...probe, value, stored: [] }, '')).toBe(`10, 20: ${shown}`);
  });
  test('what the stored value stands for, where it says more than the modality’s', () => {
    const dose = { name: 'dose', unit: 'Gy', range: [0, 1000], values: undefined, slope: 1e-3, intercept: 0 } as const;
    expect(probeText({ ...probe, value: 528 }, '', {}, [dose])).toBe('10, 20: dose 0.528 Gy (stored 528)');
    const adc = { ...dose, name: '', unit: 'mm2/s', slope: 2 } as const;
    expect(probeText(probe, 'HU', {}, [adc, dose])).toBe('10, 20: 57 HU, 1056 mm2/s, dose 0.528 Gy (stored 528)');
    const same = { ...dose, slope: 0, intercept: 57 } as const;
    const other = { ...dose, range: [600, 1000] } as const;
    expect(probeText(probe, 'HU', {}, [same, other])).toBe('10, 20: 57 HU (stored 528)');
  });
  test('the unit is the header’s, or none', () => {
    const pet = { '00080060': { vr: 'CS', Value: ['PT'] }, '00541001': { vr: 'CS', Value: ['BQML'] } } as DicomJson;
    expect(unitOf(pet, image)).toBe('BQML');
    const mr = { '00080060': { vr: 'CS', Value: ['MR'] } } as DicomJson;
    expect(unitOf(mr, { ...image, rescale: { slope: 1, intercept: 0, type: 'US' } })).toBe('');
    expect(unitOf(dataset, { ...image, rescale: undefined })).toBe('');
    const typed = { '00283000': { vr: 'SQ', Value: [{ '00283004': { vr: 'LO', Value: ['OD'] } }] } } as DicomJson;
    const modalityLut = {} as ImageDescription['modalityLut'];
    expect(unitOf(typed, { ...image, rescale: undefined, modalityLut })).toBe('OD');
    // Of an X-ray image in LOG, whose table is not for display.
    expect(unitOf(typed, { ...image, rescale: undefined })).toBe('');
  });
});

describe('presets', () => {
  const pet = {
    '00080060': { vr: 'CS', Value: ['PT'] },
    '00541001': { vr: 'CS', Value: ['GML'] },
  } as DicomJson;
  test('the header’s stand apart from those of the number keys; those in HU only where there are HU', () => {
    const { header, usual } = presetsFor('CT', image, dataset, {});
    expect(header).toEqual([{ label: 'Weich', show: { kind: 'window', center: 40, width: 400, function: 'LINEAR' } }]);
    expect(usual[0]).toEqual({
      label: 'Brain',
      show: { kind: 'window', center: 40, width: 80, function: 'LINEAR' },
    });
    const without = presetsFor('CT', { ...image, rescale: undefined }, dataset, {});
    expect(without.usual[0]).toEqual({ label: 'Brain', show: undefined, reason: 'the header gives no HU' });
    expect(presetsFor('US', { ...image, samplesPerPixel: 3 }, dataset, {})).toEqual({ header: [], usual: [] });
  });
  test('those in SUV are windows in the stored unit, or say why not', () => {
    const counts = { ...pet, '00541001': { vr: 'CS', Value: ['CNTS'] } };
    expect(presetsFor('PT', image, pet, {}).usual[0]).toEqual({
      label: 'SUV 0 to 5',
      show: { kind: 'window', center: 2.5, width: 5, function: 'LINEAR_EXACT' },
    });
    expect(presetsFor('PT', image, counts, {}).usual[0]?.reason).toContain('counts');
    expect(noSuvReason(counts)).toContain('no SUV: the values are counts');
    expect([noSuvReason(pet), noSuvReason(dataset)]).toEqual([undefined, undefined]);
  });
  test('the person’s own list stands before the usual one, of the modality before all others', () => {
    const mine = [{ label: 'Mine', window: { kind: 'window', center: 1, width: 2 } }] as const;
    expect(presetsFor('CT', image, dataset, { CT: mine }).usual.map(({ label }) => label)).toEqual(['Mine']);
    expect(presetsFor('XX', image, dataset, { '': mine }).usual.map(({ label }) => label)).toEqual(['Mine']);
    expect(presetsFor('MR', image, dataset, { '': mine }).usual[0]?.label).toContain('Automatic');
  });
  test('a PET starts with the first window in SUV, the person’s own before the usual; what has no SUV with none', () => {
    const counts = { ...pet, '00541001': { vr: 'CS', Value: ['CNTS'] } };
    expect(startVoi(pet, {})).toEqual({ kind: 'window', center: 2.5, width: 5, function: 'LINEAR_EXACT' });
    const mine = { label: 'Mine', window: { kind: 'suv', from: 0, to: 8 } } as const;
    const range = { label: 'Range', window: { kind: 'range', trim: 0 } } as const;
    expect(startVoi(pet, { PT: [range, mine] })).toMatchObject({ center: 4, width: 8 });
    expect([startVoi(pet, { PT: [range] }), startVoi(counts, {}), startVoi(dataset, {})]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
  test('SUV under the cursor and at the window’s ends', () => {
    const probe = { column: 0, row: 0, value: 3.2, stored: [32], isPadding: false };
    expect(probeText(probe, unitOf(pet, image), pet)).toBe('1, 1: SUVbw 3.2, 3.2 GML (stored 32)');
    const voi = { kind: 'window', center: 2.5, width: 5, function: 'LINEAR_EXACT' } as const;
    expect(textsOf(pet, { ...state, voi }, fieldsFor('PT', {}))).toMatchObject({
      bl: expect.stringContaining('SUV: stored as SUV'),
      br: '5 / 20\nSUVbw 0 to 5\nC 2.5  W 5\n300 %',
    });
  });
});

test('buttons do what they are bound to; Shift pans', () => {
  const press = (button: number, shiftKey = false) => deedOf(DEFAULT_MOUSE, 'length', { button, shiftKey });
  expect([press(0), press(1), press(2), press(0, true), press(3)]).toEqual(['length', 'pan', 'zoom', 'pan', undefined]);
  expect(deedOf({ ...DEFAULT_MOUSE, right: 'tool' }, 'scroll', { button: 2, shiftKey: false })).toBe('scroll');
});
