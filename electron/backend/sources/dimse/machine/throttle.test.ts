// The throttle holds a stream to its rate, without credit for quiet times.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Throttle } from './throttle.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('a stream takes the time that its bytes need', () => {
  const throttle = new Throttle(100_000);
  let pausedMs = 0;
  for (let piece = 0; piece < 100; piece++) {
    const pauseMs = throttle.pauseMs(10_000);
    pausedMs += pauseMs;
    vi.advanceTimersByTime(pauseMs);
  }
  // A million bytes at 100,000 a second.
  expect(pausedMs).toBeGreaterThan(9_900);
  expect(pausedMs).toBeLessThan(10_100);
});

test('a quiet time is no credit for a burst, and no limit is no pause', () => {
  const throttle = new Throttle(100_000);
  throttle.pauseMs(1000);
  vi.advanceTimersByTime(60_000);
  expect(throttle.pauseMs(50_000)).toBeGreaterThan(490);
  expect(new Throttle(undefined).pauseMs(1e9)).toBe(0);
});
