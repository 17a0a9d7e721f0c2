import { describe, expect, test } from 'vitest';
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
    instanceNumber,
    partNumber: undefined,
    instance: instanceNumber,
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
    expect(orderStack([slice(0, 1), slice(3, 2), slice(3, 2)])).toMatchObject({ duplicateCount: 1 });
  });

  const clip = (instance: number, instanceNumber: number | undefined, partNumber?: number): Placed[] =>
    [0, 1, 2].map((frameIndex) => ({
      positionLps: undefined,
      orientation: undefined,
      instanceNumber,
      partNumber,
      instance,
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
    const at = (item: Placed): Placed => ({ ...item, ...slice(0, 7, item.frameIndex), instance: item.instance });
    const [first, second] = [clip(0, 7).map(at), clip(1, 7).map(at)];
    expect(orderStack([...second, ...first])).toMatchObject({ items: [...first, ...second], duplicateCount: 3 });
  });

  test('slices without a number keep to their positions, whatever comes first', () => {
    const items = [9, 3, 6].map((at, instance) => ({ ...slice(at, 0), instanceNumber: undefined, instance }));
    expect(orderStack(items).items).toEqual([items[1], items[2], items[0]]);
  });

  test('one image without a position: the numbers decide, and it is said', () => {
    const order = orderStack([slice(0, 3), slice(3, 2), { ...slice(6, 1), positionLps: undefined }]);
    expect(order.rule).toBe('instance number');
    expect(numbers(order.items)).toEqual([1, 2, 3]);
  });
});
