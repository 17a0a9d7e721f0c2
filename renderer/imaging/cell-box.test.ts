import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CellBox } from './cell-box.ts';

// The parts of a page that a box looks at; a screen of another resolution changes no size in CSS pixels.
const queries: { media: string; heard: Set<() => void> }[] = [];
let resized: () => void = () => undefined;
const host = {
  clientWidth: 401,
  clientHeight: 303,
  getBoundingClientRect: () => ({ left: 148.5, top: 40 }),
};
const setRatio = (ratio: number): void => {
  vi.stubGlobal('devicePixelRatio', ratio);
  for (const { media, heard } of queries.slice())
    if (media !== `(resolution: ${ratio}dppx)`) for (const tell of heard) tell();
};

beforeEach(() => {
  queries.length = 0;
  host.clientWidth = 401;
  host.clientHeight = 303;
  vi.stubGlobal('devicePixelRatio', 1);
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(callback: () => void) {
        resized = callback;
      }
      observe = (): void => undefined;
      disconnect = (): void => undefined;
    },
  );
  vi.stubGlobal('matchMedia', (media: string) => {
    const query = { media, heard: new Set<() => void>() };
    queries.push(query);
    return {
      addEventListener: (_: string, tell: () => void) =>
        query.heard.add(function once() {
          query.heard.delete(once);
          tell();
        }),
      removeEventListener: () => query.heard.clear(),
    };
  });
});
afterEach(() => vi.unstubAllGlobals());

test('a screen of another resolution, again and again, with what it changed by', () => {
  const factors: number[] = [];
  const box = new CellBox(host as unknown as HTMLElement, (factor) => factors.push(factor));
  expect(box.size).toEqual([401, 303]);
  setRatio(2);
  expect(box.size).toEqual([802, 606]);
  expect(box.origin).toEqual([297, 80]);
  setRatio(1.5);
  expect(box.size).toEqual([601.5, 454.5]);
  expect(factors).toEqual([2, 0.75]);
  box.dispose();
  setRatio(1);
  expect(factors).toHaveLength(2);
});

test('another size at the same resolution; the same size is no news', () => {
  const factors: number[] = [];
  const box = new CellBox(host as unknown as HTMLElement, (factor) => factors.push(factor));
  resized();
  expect(factors).toEqual([]);
  host.clientWidth = 200;
  resized();
  expect(factors).toEqual([1]);
  expect(box.size).toEqual([200, 303]);
});

test('as many pixels of the device, but others of CSS: a page that is zoomed', () => {
  const factors: number[] = [];
  const box = new CellBox(host as unknown as HTMLElement, (factor) => factors.push(factor));
  host.clientWidth = 200.5;
  host.clientHeight = 151.5;
  setRatio(2);
  resized();
  expect(box.size).toEqual([401, 303]);
  expect(factors).toEqual([2]);
});
