import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { inflate, MAX_INFLATED_BYTES } from './inflate.ts';

const MB = 1024 * 1024;
const deflated = (bytes: number): Buffer => deflateRawSync(Buffer.alloc(bytes, 7), { level: 1 });

test.each([
  ['small', 1000],
  ['as much as is taken unguarded', 64 * MB],
  ['more', 64 * MB + 1],
])('%s', (_, size) => {
  // prettier-ignore
  const bytes = inflate(deflated(size), MAX_INFLATED_BYTES);
  expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([size, 7, 7]);
});

test.each([
  [1001, 1000],
  [70 * MB, 65 * MB],
])('%i bytes are more than %i', (size, most) => {
  expect(() => inflate(deflated(size), most)).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }));
});

test('what is damaged is told as such, of any size', () => {
  expect(() => inflate(deflated(70 * MB).subarray(0, 9000), MAX_INFLATED_BYTES)).toThrow('unexpected end');
});
