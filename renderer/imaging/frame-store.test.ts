import { beforeEach, describe, expect, test, vi } from 'vitest';
import { err, ok } from '#shared/base/result.ts';
import type { ImageDescription } from '#shared/dicom/image-description.ts';
import { FrameStore, type LoadedFrame, type StackFrame } from './frame-store.ts';

vi.mock('./wasm-host.ts', () => ({ wasmHost: {} }));

const SIDE = 10;
const BYTES = SIDE * SIDE * 2;
const image = { rows: SIDE, columns: SIDE, samplesPerPixel: 1, bitsAllocated: 16 } as ImageDescription;
const stack = (name: string, count: number): StackFrame[] =>
  Array.from({ length: count }, (_, index) => ({ key: `${name}${index}`, address: '', image }));
const decoded: LoadedFrame = ok({
  rows: SIDE,
  columns: SIDE,
  samplesPerPixel: 1,
  isPlanar: false,
  photometric: 'MONOCHROME2',
  words: new Uint16Array(SIDE * SIDE),
});

let asked: string[];
const load = async (frame: StackFrame): Promise<LoadedFrame> => {
  asked.push(frame.key);
  return decoded;
};
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
beforeEach(() => (asked = []));

describe('frame store', () => {
  test('loads the nearest first, two views taking turns', async () => {
    const store = new FrameStore(1e6, load);
    const [a, b] = [{}, {}];
    store.want(a, stack('a', 20));
    store.want(b, stack('b', 20));
    await settled();
    expect(asked.slice(6, 12)).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5']);
    expect(asked).toHaveLength(40);
    expect(store.isWhole).toBe(true);
  });

  test('stays within its budget, keeps what is near, fetches again what had to go', async () => {
    const store = new FrameStore(10 * BYTES, load);
    const view = {};
    const frames = stack('a', 30);
    store.want(view, frames);
    await settled();
    expect(store.bytes).toBeLessThanOrEqual(10 * BYTES);
    expect(store.isWhole).toBe(false);
    expect(asked).toHaveLength(10);
    const gone: string[] = [];
    store.onFrame((key, isHere) => !isHere && gone.push(key));
    store.want(view, frames.toReversed());
    await settled();
    expect(store.bytes).toBeLessThanOrEqual(10 * BYTES);
    expect(store.get('a29')).toBeDefined();
    expect(store.get('a0')).toBeUndefined();
    expect(gone).toContain('a0');
  });

  test('what a view no longer wants is not fetched', async () => {
    const store = new FrameStore(1e6, load);
    const view = {};
    store.want(view, stack('a', 20));
    store.want(view, []);
    await settled();
    expect(asked.length).toBeLessThanOrEqual(6);
    expect(store.get('a0')).toBeUndefined();
  });

  test('what failed on the way is asked for again when it is looked at again; a damaged frame is not', async () => {
    let isTemporary = true;
    const failing = async (frame: StackFrame): Promise<LoadedFrame> => {
      asked.push(frame.key);
      return err({ code: 'damaged-frame', detail: '', isTemporary });
    };
    const store = new FrameStore(1e6, failing);
    const view = {};
    const frames = stack('a', 2);
    store.want(view, frames);
    await settled();
    expect(store.get('a0')?.ok).toBe(false);
    isTemporary = false;
    store.want(view, frames);
    await settled();
    store.want(view, frames);
    await settled();
    expect(asked).toEqual(['a0', 'a1', 'a0']);
  });

  test('all that failed on the way is asked for again once the way is open', async () => {
    let isAway = true;
    const store = new FrameStore(1e6, async (frame) => {
      if (!isAway && frame.key !== 'a2') return load(frame);
      return err({ code: 'damaged-frame', detail: '', isTemporary: isAway });
    });
    const lost: string[] = [];
    store.onFrame((key, isHere) => !isHere && lost.push(key));
    store.want({}, stack('a', 3));
    await settled();
    isAway = false;
    store.retry();
    await settled();
    expect(lost).toEqual(['a0', 'a1', 'a2']);
    expect(['a0', 'a1', 'a2'].map((key) => store.get(key)?.ok)).toEqual([true, true, false]);
    store.retry();
    expect(lost).toHaveLength(3);
  });
});
