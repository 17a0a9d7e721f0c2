import { expect, test } from 'vitest';
import {
  changedSpeed,
  DEFAULT_FRAME_MS,
  frameMs,
  modeOf,
  nextStep,
  playedOf,
  type CineMode,
  type CineStep,
} from './cine.logic.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const run = (mode: CineMode, direction: 1 | -1, count: number, steps: number): number[] => {
  let at: CineStep = { index: 0, direction };
  return Array.from({ length: steps }, () => (at = nextStep(at, upTo(count), mode)).index);
};

test('looping and bouncing', () => {
  expect(run('loop', 1, 3, 5)).toEqual([1, 2, 0, 1, 2]);
  expect(run('loop', -1, 3, 4)).toEqual([2, 1, 0, 2]);
  expect(run('bounce', 1, 3, 6)).toEqual([1, 2, 1, 0, 1, 2]);
  expect(run('bounce', 1, 1, 2)).toEqual([0, 0]);
});

test('what the header prefers holds until the person sets another way', () => {
  expect([true, false].map((isSweep) => modeOf(undefined, { isSweep }))).toEqual(['bounce', 'loop']);
  expect([modeOf('loop', { isSweep: true }), modeOf('bounce', { isSweep: false })]).toEqual(['loop', 'bounce']);
  expect(modeOf(undefined, undefined)).toBe('loop');
});

test('frames outside the trim of their instance are passed over, wherever the stack stands', () => {
  const clip = (trim: [number, number] | undefined) => upTo(4).map((frameIndex) => ({ image: { trim, frameIndex } }));
  const played = playedOf([...clip([1, 2]), ...clip(undefined)]);
  expect(played).toEqual([1, 2, 4, 5, 6, 7]);
  expect(nextStep({ index: 2, direction: 1 }, played, 'loop').index).toBe(4);
  expect(nextStep({ index: 7, direction: 1 }, played, 'loop').index).toBe(1);
  expect(nextStep({ index: 0, direction: -1 }, played, 'loop').index).toBe(7);
  expect(nextStep({ index: 1, direction: -1 }, played, 'bounce')).toEqual({ index: 2, direction: 1 });
  expect(nextStep({ index: 3, direction: 1 }, playedOf(clip([1, 2])), 'bounce')).toEqual({ index: 2, direction: -1 });
});

test('each frame stays as long as the header says, at the speed chosen', () => {
  expect(frameMs([40, 80], 1, 1)).toBe(80);
  expect(frameMs([33], 7, 2)).toBe(16.5);
  expect(frameMs(undefined, 3, 1)).toBe(DEFAULT_FRAME_MS);
  expect(frameMs([], 3, 0.5)).toBe(2 * DEFAULT_FRAME_MS);
});

test('speeds go step by step and end somewhere', () => {
  expect(changedSpeed(1, 1)).toBe(1.5);
  expect(changedSpeed(1, -1)).toBe(0.75);
  expect(changedSpeed(4, 1)).toBe(4);
  expect(changedSpeed(0.1, -1)).toBe(0.1);
});
