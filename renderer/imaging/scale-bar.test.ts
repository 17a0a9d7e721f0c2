import { expect, test } from 'vitest';
import { pixelsPerMm } from './scale-bar.ts';

const region = (spacingMm: readonly [number, number] | undefined) => ({
  columns: [0, 10] as const,
  rows: [0, 10] as const,
  spacingMm,
});
test.each([
  ['of the picture', [0.5, 0.25], 2, [], 8],
  [
    'of ultrasound regions that agree',
    undefined,
    1,
    [region([0.25, 0.25]), region(undefined), region([0.25, 0.25])],
    8,
  ],
  ['regions that differ have none', undefined, 1, [region([0.25, 0.25]), region([0.3, 0.3])], undefined],
  ['nor has a region whose pixels are not as they are drawn', undefined, 1, [region([0.5, 0.25])], undefined],
  ['those of regions go before that of the picture', [0.5, 0.5], 1, [region([0.25, 0.25]), region(undefined)], 8],
  ['regions without any have none', [0.5, 0.5], 1, [region(undefined)], undefined],
  ['nor a picture without any', undefined, 1, [], undefined],
] as const)('%s', (_, spacingMm, pixelAspect, regions, expected) => {
  expect(pixelsPerMm({ spacingMm, pixelAspect, regions: [...regions] }, 2)).toBe(expected);
});
