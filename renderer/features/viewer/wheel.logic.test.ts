import { expect, test } from 'vitest';
import { turnOf, WheelSteps } from './wheel.logic.ts';

const stepsOf = (turns: readonly (readonly [deltaY: number, timeStamp: number])[], deltaMode = 0): number[] => {
  const wheel = new WheelSteps();
  return turns.map(([deltaY, timeStamp]) => wheel.take({ deltaY, deltaMode, timeStamp }));
};

test('each notch of a mouse is one step, however long it is', () => {
  expect(stepsOf([120, 100, 53, -120, -480].map((deltaY, at) => [deltaY, at * 8]))).toEqual([1, 1, 1, -1, -1]);
  expect(
    stepsOf(
      [3, 3].map((deltaY, at) => [deltaY, at * 8] as const),
      1,
    ),
  ).toEqual([1, 1]);
});

test('a trackpad goes on by the way it is moved, and at once when a gesture begins or turns back', () => {
  const moves = Array.from({ length: 21 }, (_, at) => [4, at * 16] as const);
  expect(stepsOf(moves).reduce((sum, each) => sum + each)).toBe(3);
  expect(
    stepsOf([
      [4, 0],
      [4, 16],
      [-4, 32],
      [-4, 48],
      [-4, 500],
    ]),
  ).toEqual([1, 0, -1, 0, -1]);
});

test('a turn to the side is none', () => {
  expect(stepsOf([[0, 0]])).toEqual([0]);
  expect(turnOf({ deltaY: 0, deltaMode: 0, timeStamp: 0 })).toBe(0);
});
