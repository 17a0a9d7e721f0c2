import fs from 'node:fs';
import os from 'node:os';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FreeSpace } from './free-space.ts';

afterEach(() => void vi.restoreAllMocks());

const MB = 1024 ** 2;

/** A volume of `total` bytes; set `free` as it changes. */
function volume(total: number, free: number): { free: number; looks: number } {
  const state = { free, looks: 0 };
  vi.spyOn(fs, 'statfsSync').mockImplementation((() => {
    state.looks++;
    return { bavail: Math.floor(state.free / 4096), blocks: total / 4096, bsize: 4096 };
  }) as unknown as typeof fs.statfsSync);
  return state;
}

const full = expect.objectContaining({ code: 'disk-full' }) as Error;

describe('free space', () => {
  test.each([
    ['a twentieth of the volume', 2000 * MB, 100 * MB],
    ['not less than 16 MB of a small one', 40 * MB, 16 * MB],
    ['not more than 1 GB of a large one', 4_000_000 * MB, 1024 * MB],
  ])('always leaves %s', (_, total, reserve) => {
    volume(total, reserve + 10 * MB);
    const space = new FreeSpace(os.tmpdir());
    expect(space.available()).toBe(10 * MB);
    const claim = space.claim(10 * MB);
    expect(() => space.claim(4096)).toThrow(full);
    expect(() => claim.grow(4096)).toThrow(full);
  });

  test('counts what is under way until it is on the disk, and what others took', () => {
    const disk = volume(2000 * MB, 200 * MB);
    const space = new FreeSpace(os.tmpdir());
    const first = space.claim(60 * MB);
    expect(() => space.claim(50 * MB)).toThrow(full);
    disk.free -= 60 * MB;
    first.release();
    expect(space.available()).toBe(40 * MB);
    disk.free -= 35 * MB;
    expect(() => space.claim(30 * MB)).toThrow(full);
    space.claim(5 * MB).release();
  });

  test('a claim that failed to grow keeps what it had, and gives exactly that back', () => {
    volume(2000 * MB, 150 * MB);
    const space = new FreeSpace(os.tmpdir());
    const claim = space.claim(20 * MB);
    expect(() => claim.grow(40 * MB)).toThrow(full);
    claim.grow(10 * MB);
    expect(space.available()).toBe(20 * MB);
    claim.release();
    expect(space.available()).toBe(50 * MB);
    claim.release();
    expect(space.available()).toBe(50 * MB);
  });

  test('asks the volume seldom while there is plenty', () => {
    const disk = volume(2_000_000 * MB, 1_000_000 * MB);
    const space = new FreeSpace(os.tmpdir());
    for (let at = 0; at < 1000; at++) space.claim(MB / 2).release();
    expect(disk.looks).toBeGreaterThan(3);
    expect(disk.looks).toBeLessThan(20);
  });
});
