import { expect, test } from 'vitest';
import { draggedWindow, dragStart } from './window-drag.ts';

const table = (data: number[]) =>
  ({ kind: 'lut', lut: { first: -10, bits: 8, data: Uint16Array.from(data), explanation: '' } }) as const;

test('a window is dragged from where it is', () => {
  const start = { kind: 'window', center: 40, width: 300, function: 'LINEAR' } as const;
  expect(dragStart(start)).toBe(start);
  expect(draggedWindow(start, 10, -5)).toEqual({ ...start, center: 45, width: 310 });
  expect(draggedWindow(start, -999, 0).width).toBe(1);
});

test('a table of the header is left by the straight window nearest to it', () => {
  // Flat to -6, straight to 2, flat from there on.
  const data = [0, 0, 0, 0, 0, 25, 50, 75, 100, 125, 150, 175, 200, 200, 200];
  expect(dragStart(table(data))).toEqual({ kind: 'window', center: -2, width: 8, function: 'LINEAR_EXACT' });
});

test('where there is no window, none is made up', () => {
  expect(dragStart(undefined)).toBeUndefined();
  expect(dragStart(table([200, 100, 0]))).toBeUndefined();
});
