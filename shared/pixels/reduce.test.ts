import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reduceGrey, reducedSize, reduceRgba } from './reduce.ts';

const identity = Uint8Array.from({ length: 256 }, (_, index) => index);
const bytes = (pixels: Uint32Array): number[] => Array.from(pixels, (pixel) => pixel & 0xff);

describe('reduced pictures', () => {
  test('factor 1 copies exactly the region', () => {
    const words = Uint8Array.from({ length: 7 * 5 }, (_, index) => index * 3);
    const region = { column: 2, row: 1, columns: 4, rows: 3 };
    const out = new Uint32Array(12);
    reduceGrey(words, identity, 7, region, 1, false, out);
    expect(bytes(out)).toEqual([1, 2, 3].flatMap((row) => [2, 3, 4, 5].map((column) => words[row * 7 + column])));
  });

  test('blocks are means, thin blocks at the edge too; grey and RGBA agree', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 4 }),
        fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
        (columns, rows, factor, stream) => {
          const words = Uint8Array.from({ length: columns * rows }, () => stream.next().value ?? 0);
          const region = { column: 0, row: 0, columns, rows };
          const [width, height] = reducedSize(region, factor);
          const [fromGrey, fromRgba] = [new Uint32Array(width * height), new Uint32Array(width * height)];
          reduceGrey(words, identity, columns, region, factor, false, fromGrey);
          reduceRgba(
            Uint32Array.from(words, (word) => 0xff000000 | (word * 0x010101)),
            columns,
            region,
            factor,
            fromRgba,
          );
          expect([...fromGrey]).toEqual([...fromRgba]);
          for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++) {
              const block: number[] = [];
              for (let row = y * factor; row < Math.min(rows, (y + 1) * factor); row++)
                for (let column = x * factor; column < Math.min(columns, (x + 1) * factor); column++)
                  block.push(words[row * columns + column] ?? 0);
              expect((fromGrey[y * width + x] ?? 0) & 0xff).toBe(
                Math.round(block.reduce((sum, value) => sum + value, 0) / block.length),
              );
            }
        },
      ),
    );
  });

  test('a sampled picture holds values of the frame only', () => {
    const words = Uint8Array.from({ length: 10 * 6 }, (_, index) => (index % 2 ? 200 : 10));
    const out = new Uint32Array(4 * 2);
    reduceGrey(words, identity, 10, { column: 0, row: 0, columns: 10, rows: 6 }, 3, true, out);
    expect(bytes(out).every((value) => value === 10 || value === 200)).toBe(true);
  });
});
