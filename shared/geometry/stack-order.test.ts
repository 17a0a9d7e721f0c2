import { describe, expect, test } from 'vitest';
import type { ImageTraits, Trait } from '../dicom/image-traits.ts';
import { orderStack, type Placed } from './stack-order.ts';

// Oblique and off the origin: slices along the normal of a plane tilted by 30 degrees.
const orientation = [0.8, 0.6, 0, -0.6 * Math.cos(Math.PI / 6), 0.8 * Math.cos(Math.PI / 6), 0.5];
const slice = (millimetres: number, instanceNumber: number, frameIndex = 0): Placed => {
  const [a = 0, b = 0, , d = 0, e = 0, f = 0] = orientation;
  const normal = [b * f, -a * f, a * e - b * d];
  return {
    positionLps: [normal[0] as number, normal[1] as number, normal[2] as number].map(
      (part, axis) => part * millimetres + ([7, -30, 120] as const)[axis as 0 | 1 | 2],
    ) as [number, number, number],
    orientation,
    frameOfReferenceUid: '1.9',
    instanceNumber,
    partNumber: undefined,
    traits: { dimensions: [], values: {} },
    sopInstanceUid: `1.2.${instanceNumber}`,
    frameIndex,
  };
};
const numbers = (items: readonly Placed[]): (number | undefined)[] => items.map((item) => item.instanceNumber);

describe('stack order', () => {
  test('by position along the normal, in the direction of the numbers', () => {
    const order = orderStack([slice(6, 3), slice(0, 1), slice(9, 4), slice(3, 2)]);
    expect(order).toMatchObject({ rule: 'position', isUneven: false, gapCount: 0, duplicateCount: 0 });
    expect(numbers(order.items)).toEqual([1, 2, 3, 4]);
    expect(numbers(orderStack([slice(6, 1), slice(0, 3), slice(3, 2)]).items)).toEqual([1, 2, 3]);
  });

  test('gaps and uneven distances are told apart', () => {
    expect(orderStack([0, 3, 6, 12, 15, 18].map((at, index) => slice(at, index)))).toMatchObject({
      gapCount: 1,
      isUneven: true,
    });
    expect(orderStack([0, 3, 6.5, 9.5, 12.5].map((at, index) => slice(at, index)))).toMatchObject({
      gapCount: 0,
      isUneven: true,
    });
  });

  // Three positions from the head down, two images at each, as noise of the last digit writes them.
  const noisy = (millimetres: number, phase: number): number => -millimetres - (1 - phase) * 1e-4;
  test.each([
    ['images first', (place: number, phase: number) => place * 2 + phase + 1, [1, 2, 3, 4, 5, 6]],
    ['positions first', (place: number, phase: number) => phase * 3 + place + 1, [1, 4, 2, 5, 3, 6]],
  ] as const)(
    'several images at a position, numbered over %s: forwards in both directions',
    (_name, number, expected) => {
      for (const turned of [1, -1]) {
        const items = [0, 1, 2].flatMap((place) =>
          [0, 1].map((phase) => slice(turned * noisy(place * 8, phase), number(place, phase))),
        );
        const order = orderStack(items.reverse());
        expect(numbers(order.items)).toEqual(expected);
        expect(order).toMatchObject({ hasSharedPositions: true, isUneven: false, gapCount: 0 });
      }
    },
  );

  test('several images at a position are no duplicates unless their numbers agree too', () => {
    const echoes = orderStack([slice(0, 1), slice(0, 2), slice(3, 3), slice(3, 4)]);
    expect(echoes).toMatchObject({ hasSharedPositions: true, duplicateCount: 0 });
    expect(orderStack([slice(0, 1), slice(3, 2), { ...slice(3, 2), sopInstanceUid: '1.3' }])).toMatchObject({
      duplicateCount: 1,
    });
  });

  const clip = (uid: number, instanceNumber: number | undefined, partNumber?: number): Placed[] =>
    [0, 1, 2].map((frameIndex) => ({
      positionLps: undefined,
      orientation: undefined,
      frameOfReferenceUid: undefined,
      instanceNumber,
      partNumber,
      traits: { dimensions: [], values: {} },
      sopInstanceUid: `1.2.${uid}`,
      frameIndex,
    }));
  test.each([
    ['without a number', clip(0, undefined), clip(1, undefined)],
    ['of one number', clip(0, 7), clip(1, 7)],
    ['that are parts of a concatenation', clip(1, 7, 1), clip(0, 7, 2)],
  ])('two clips %s: one after the other', (_name, first, second) => {
    expect(orderStack([...second, ...first])).toMatchObject({ items: [...first, ...second], rule: 'frame' });
  });

  test('two clips at one position and with one number: one after the other, and duplicates', () => {
    const at = (item: Placed): Placed => ({
      ...item,
      ...slice(0, 7, item.frameIndex),
      sopInstanceUid: item.sopInstanceUid,
    });
    const [first, second] = [clip(0, 7).map(at), clip(1, 7).map(at)];
    expect(orderStack([...second, ...first])).toMatchObject({ items: [...first, ...second], duplicateCount: 3 });
  });

  test('slices without a number keep to their positions, whatever comes first', () => {
    const items = [9, 3, 6].map((at, uid) => ({ ...slice(at, uid), instanceNumber: undefined }));
    expect(orderStack(items).items).toEqual([items[1], items[2], items[0]]);
  });

  test('one image without a position: the numbers decide, and it is said', () => {
    const order = orderStack([slice(0, 3), slice(3, 2), { ...slice(6, 1), positionLps: undefined }]);
    expect(order.rule).toBe('instance number');
    expect(numbers(order.items)).toEqual([1, 2, 3]);
  });

  /** Every order the images may have come in is one too many; these are as good. */
  const shuffles = <T>(items: readonly T[]): T[][] => [
    [...items],
    [...items].reverse(),
    items.filter((_, index) => index % 2).concat(items.filter((_, index) => index % 2 === 0)),
  ];
  const POSITIONS = [0, 1, 2, 3, 4];
  const PHASES = [0, 1, 2];
  /** Five positions, three images at each; their UIDs run backwards. */
  const phases = (
    numberOf: (place: number, phase: number) => number | undefined,
    valuesOf: (phase: number) => ImageTraits['values'],
  ): Placed[] =>
    POSITIONS.flatMap((place) =>
      PHASES.map((phase) => ({
        ...slice(place * 4, 0),
        instanceNumber: numberOf(place, phase),
        traits: { dimensions: [], values: valuesOf(phase) },
        sopInstanceUid: `1.2.${90 - place * 10 - phase}`,
      })),
    );
  const restarting = (place: number): number => place + 1;
  /** Each phase lacks one more of the first slices than the one before. */
  const lagging = (place: number, phase: number): number => place + 3 - phase;
  const time = (phase: number): string => `2024013${phase && 1}0000${phase ? '0' : '59'}${phase}.000000`;

  test.each<[Trait[], string, (phase: number) => ImageTraits['values']]>([
    [['component'], 'magnitude, phase and real', (phase) => ({ component: phase, time: time(2 - phase) })],
    [['phase'], 'temporal position', (phase) => ({ phase: phase + 1, time: time(2 - phase) })],
    [['trigger'], 'trigger', (phase) => ({ phase: 1, trigger: phase * 90.5 })],
    [['echo'], 'echo', (phase) => ({ echo: phase + 1, 'echo time': 9 * phase })],
    [['echo time'], 'echo time', (phase) => ({ echo: 1, 'echo time': 9 * phase })],
    [['b-value'], 'b-value', (phase) => ({ 'b-value': phase * 500 })],
    [['acquisition'], 'acquisition', (phase) => ({ acquisition: phase + 9 })],
    [['time'], 'time, past midnight', (phase) => ({ acquisition: 1, time: time(phase) })],
    [
      ['echo', 'b-value'],
      'echo and b-value',
      (phase) => ({ echo: phase < 2 ? 1 : 2, 'b-value': phase === 1 ? 800 : 0 }),
    ],
  ])('images at a position whose numbers start anew or are missing are told apart by %j', (traits, _name, valuesOf) => {
    for (const numberOf of [restarting, lagging, () => undefined]) {
      const items = phases(numberOf, valuesOf);
      for (const shuffled of shuffles(items)) {
        const order = orderStack(shuffled);
        expect(order.traits.map(({ trait }) => trait)).toEqual(traits);
        expect(order).toMatchObject({ rule: 'position', isNumbered: false, duplicateCount: 0, guessedCount: 0 });
        if (numberOf(0, 0) !== undefined) expect(order.items).toEqual(items);
      }
    }
  });

  test('numbers that run through the series decide before all else; what tells the images apart is named all the same', () => {
    const items = phases(
      (place, phase) => phase * 5 + place + 1,
      (phase) => ({ phase: 3 - phase }),
    );
    for (const shuffled of shuffles(items))
      expect(orderStack(shuffled)).toMatchObject({
        items,
        isNumbered: true,
        traits: [{ trait: 'phase', highest: 3 }],
      });
  });

  test('one position: phases go up, and it is said', () => {
    const items = phases(restarting, (phase) => ({ phase })).slice(0, 3);
    for (const shuffled of shuffles(items))
      expect(orderStack(shuffled)).toMatchObject({
        items,
        rule: 'traits',
        hasSharedPositions: true,
        duplicateCount: 0,
      });
  });

  test('frames of an enhanced image at a position are in the order of their dimensions', () => {
    const items = POSITIONS.flatMap((place) =>
      PHASES.map((phase) => ({
        ...slice(place * 4, 1, ((place * 3 + phase) * 7 + 9) % 15),
        traits: { dimensions: [1, place + 1, phase + 1], values: {} },
      })),
    );
    for (const shuffled of shuffles(items)) expect(orderStack(shuffled).items).toEqual(items);
  });

  test('without positions the time decides where numbers do not, and clips stay whole', () => {
    const at = (uid: number, second: number, length: number): Placed[] =>
      clip(uid, undefined)
        .slice(0, length)
        .map((item) => ({ ...item, traits: { dimensions: [], values: { time: `2024013010101${second}.000000` } } }));
    const stills = [at(5, 1, 1), at(2, 3, 1), at(1, 7, 1)].flat();
    for (const shuffled of shuffles(stills))
      expect(orderStack(shuffled)).toMatchObject({ items: stills, rule: 'traits', guessedCount: 0 });
    const clips = [at(5, 1, 3), at(2, 3, 3)].flat();
    for (const shuffled of shuffles(clips))
      expect(orderStack(shuffled)).toMatchObject({ items: clips, rule: 'frame', guessedCount: 0 });
  });

  test('what nothing tells apart is counted, and its order is the same each time', () => {
    const items = phases(
      () => undefined,
      () => ({ phase: 1 }),
    );
    const expected = orderStack(items);
    expect(expected).toMatchObject({ guessedCount: 10, duplicateCount: 0 });
    for (const shuffled of shuffles(items)) expect(orderStack(shuffled)).toEqual(expected);
    const clips = [clip(1, undefined), clip(2, undefined), clip(3, undefined)].flat();
    for (const shuffled of shuffles(clips))
      expect(orderStack(shuffled)).toMatchObject({ items: clips, guessedCount: 2 });
  });

  const inFrame = (uid: string | undefined, at: number, number: number): Placed => ({
    ...slice(at, number),
    frameOfReferenceUid: uid,
  });
  test('two frames of reference: one after the other, and it is said', () => {
    const first = [0, 3, 6].map((at, index) => inFrame('1.7', at, index + 1));
    const second = [1, 4, 7].map((at, index) => inFrame('1.5', at, index + 4));
    for (const shuffled of shuffles([...first, ...second]))
      expect(orderStack(shuffled)).toMatchObject({
        items: [...first, ...second],
        rule: 'position',
        framesOfReference: 'apart',
        hasSharedPositions: false,
        isUneven: false,
        gapCount: 0,
      });
  });
  test('an image that does not say its frame of reference goes with the only one there is', () => {
    const items = [inFrame('1.7', 0, 1), inFrame(undefined, 3, 2), inFrame('1.7', 6, 3)];
    expect(orderStack(items)).toMatchObject({ items, framesOfReference: 'one' });
  });
  test('a frame of reference for nearly every image says nothing: they are one volume, and it is said', () => {
    const items = [0, 3, 6, 9].map((at, index) => inFrame(`1.${[3, 9, 9, 4][index]}`, at, index + 1));
    for (const shuffled of shuffles(items))
      expect(orderStack(shuffled)).toMatchObject({ items, rule: 'position', framesOfReference: 'taken as one' });
  });
});
