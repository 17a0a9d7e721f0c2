import { expect, test } from 'vitest';
import { lengthValue } from './length-value.ts';

// 3-4-5 by hand, with pixels that are not square.
test.each([
  ['at the patient', [0.5, 0.25], 'patient', 1, { value: 5, unit: 'mm', basis: 'patient' }],
  ['at the detector', [0.5, 0.25], 'detector', 1, { value: 5, unit: 'mm', basis: 'detector' }],
  ['without spacing', undefined, undefined, 2, { value: Math.hypot(12, 16), unit: 'px', basis: undefined }],
] as const)('%s', (_, spacingMm, spacingBasis, pixelAspect, expected) => {
  const image = { spacingMm, spacingBasis, pixelAspect };
  expect(lengthValue(image, [[10.25, 3.5], [22.25, 11.5]])).toEqual(expected); // prettier-ignore
});
