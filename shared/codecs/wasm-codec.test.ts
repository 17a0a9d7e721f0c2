// What becomes of a codec that fails, with one that fails when it is told to.
import { expect, test, vi } from 'vitest';
import { decodeWasm } from './wasm-codec.ts';
import type { FrameShape } from './frame-shape.ts';

const fake = vi.hoisted(() => ({
  modules: 0,
  /** Of the next `decode`. */
  failure: undefined as unknown,
  isLoadable: true,
}));

vi.mock('@cornerstonejs/codec-charls/decodewasmjs', () => ({
  default: async () => {
    if (!fake.isLoadable) throw new Error('not fetched');
    fake.modules++;
    let isDamaged = false;
    return {
      getExceptionMessage: () => {
        throw new Error('memory access out of bounds');
      },
      JpegLSDecoder: class {
        readonly #bytes = new Uint8Array(6);
        getEncodedBuffer() {
          return this.#bytes;
        }
        decode() {
          if (fake.failure !== undefined) isDamaged = true;
          const { failure } = fake;
          fake.failure = undefined;
          if (failure !== undefined) throw failure;
        }
        getFrameInfo() {
          return { width: 3, height: 2, componentCount: 1, bitsPerSample: 8 };
        }
        /** A damaged module shows nonsense. */
        getDecodedBuffer() {
          return isDamaged ? this.#bytes.map(() => 99) : this.#bytes;
        }
        getInterleaveMode() {
          return 0;
        }
        delete() {
          return undefined;
        }
      },
    };
  },
}));

const SHAPE = { rows: 2, columns: 3, samplesPerPixel: 1, photometric: 'MONOCHROME2' } as FrameShape;
const decode = (): ReturnType<typeof decodeWasm> =>
  decodeWasm('jpeg-ls', Uint8Array.of(1, 2, 3, 4, 5, 6), SHAPE, { wasm: async () => new ArrayBuffer(0) });
const whole = { ok: true, value: { words: Uint8Array.of(1, 2, 3, 4, 5, 6) } };

test.each([
  ['a trap', new Error('unreachable'), 'unreachable'],
  ['an exception of its own whose text traps', 5_242_880, 'the codestream is damaged'],
])('after %s the next frame, also one that waited already, comes from a new module', async (_, failure, reason) => {
  await decode();
  const before = fake.modules;
  fake.failure = failure;
  const [first, second] = await Promise.all([decode(), decode()]);
  expect(first).toEqual({ ok: false, error: reason });
  expect(second).toMatchObject(whole);
  expect(await decode()).toMatchObject(whole);
  expect(fake.modules).toBe(before + 1);
});

test('a module that could not be loaded is asked for again', async () => {
  fake.failure = new Error('unreachable');
  await decode();
  fake.isLoadable = false;
  await expect(decode()).rejects.toThrow('not fetched');
  fake.isLoadable = true;
  expect(await decode()).toMatchObject(whole);
});
