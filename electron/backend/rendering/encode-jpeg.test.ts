// What is written is read back by libjpeg-turbo, which knows nothing of us.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeWasm } from '#shared/codecs/wasm-codec.ts';
import { encodeJpeg } from './encode-jpeg.ts';
import { nodeWasm } from './node-wasm.ts';

async function decoded(jpeg: Uint8Array, columns: number, rows: number, samplesPerPixel: number): Promise<Uint8Array> {
  const shape = { rows, columns, samplesPerPixel, bitsAllocated: 8, photometric: 'RGB' };
  const result = await decodeWasm('jpeg', jpeg, shape as never, nodeWasm);
  if (!result.ok) throw new Error(result.error);
  return Uint8Array.from(result.value.words);
}

/** Root mean square of the differences, grey or colour. */
function distance(rgba: Uint8ClampedArray, words: Uint8Array): number {
  const samples = words.length / (rgba.length / 4);
  let sum = 0;
  for (let at = 0; at < words.length; at++) {
    const source = rgba[Math.floor(at / samples) * 4 + (at % samples)] ?? 0;
    sum += (source - (words[at] ?? 0)) ** 2;
  }
  return Math.sqrt(sum / words.length);
}

const picture = (width: number, height: number, at: (x: number, y: number) => readonly number[]): Uint8ClampedArray => {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rgba.set([...at(x, y), 255].slice(0, 4), (y * width + x) * 4);
  return rgba;
};

describe('JPEG', () => {
  test.each([
    [1, 1],
    [5, 3],
    [8, 8],
    [17, 9],
    [100, 61],
  ])('grey and colour of %d x %d come back close, however small', async (width, height) => {
    const grey = picture(width, height, (x, y) => Array<number>(3).fill((x * 3 + y * 5) & 255));
    expect(distance(grey, await decoded(encodeJpeg(grey, width, height, 95), width, height, 1))).toBeLessThan(4);
    const colour = picture(width, height, (x, y) => [(x * 2) & 255, (y * 3) & 255, 40]);
    expect(distance(colour, await decoded(encodeJpeg(colour, width, height, 95), width, height, 3))).toBeLessThan(6);
  });

  test('noise at full quality comes back nearly as it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer(),
        async (w, h, seed) => {
          let state = seed;
          const noise = picture(w, h, () => {
            state = (Math.imul(state, 1664525) + 1013904223) | 0;
            return Array<number>(3).fill((state >>> 16) & 255);
          });
          expect(distance(noise, await decoded(encodeJpeg(noise, w, h, 100), w, h, 1))).toBeLessThan(1.5);
        },
      ),
      { numRuns: 60 },
    );
  });
});
