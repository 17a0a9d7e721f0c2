import { describe, expect, test } from 'vitest';
import { pinchOf } from './pinch.logic.ts';

describe('two fingers', () => {
  test('apart: zoom about their middle, which stays', () =>
    expect(pinchOf([[100, 50], [200, 50]], [[50, 50], [250, 50]])).toEqual({ factor: 2, middle: [150, 50], pan: [0, 0] })); // prettier-ignore
  test('one alone: its middle moves half its way', () =>
    expect(pinchOf([[0, 0], [100, 0]], [[0, 0], [150, 0]])).toEqual({ factor: 1.5, middle: [75, 0], pan: [25, 0] })); // prettier-ignore
  test('side by side: pan alone', () =>
    expect(pinchOf([[0, 0], [0, 80]], [[30, -10], [30, 70]])).toEqual({ factor: 1, middle: [30, 30], pan: [30, -10] })); // prettier-ignore
  test('fingers that meet leave a picture that can be seen', () => {
    const { factor } = pinchOf([[0, 0], [100, 0]], [[50, 0], [50, 0]]); // prettier-ignore
    expect(factor).toBe(0.2);
    expect(pinchOf([[50, 0], [50, 0]], [[0, 0], [100, 0]]).factor).toBe(5); // prettier-ignore
  });
});
