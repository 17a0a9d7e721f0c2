import fc from 'fast-check';
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DamagedFile, destroySealed, SealedReader } from './sealed-file.ts';
import { CHUNK_BYTES, plainSize } from './sealed-format.ts';
import { SealedWriter } from './sealed-writer.ts';

const newKey = (): KeyObject => createSecretKey(randomBytes(32));
const kek = newKey();
let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-sealed-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function seal(pieces: Buffer[], key = kek): string {
  const file = path.join(folder, randomBytes(8).toString('hex'));
  const writer = new SealedWriter(file, key, 200_000);
  for (const piece of pieces) writer.write(piece);
  writer.finish();
  expect(writer.isHeld).toBe(!fs.existsSync(file));
  if (writer.isHeld) {
    const whole = Buffer.concat(pieces);
    for (const at of [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, Math.max(0, whole.length - 1)])
      expect(writer.read(at, 70_000).equals(whole.subarray(at, at + 70_000)), `held, from ${at}`).toBe(true);
  }
  fs.closeSync(writer.toFile());
  return file;
}

function readAll(file: string, key = kek): Buffer {
  const reader = new SealedReader(file, key);
  try {
    return reader.read(0, reader.size);
  } finally {
    reader.close();
  }
}

async function allOf(reader: SealedReader, offset: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of reader.pieces(offset)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('sealed file', () => {
  test('gives back what was written in any pieces, at sizes around chunk borders', () => {
    const border = fc.integer({ min: -2, max: 2 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        border,
        fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 6 }),
        (chunks, delta, cuts) => {
          const bytes = randomBytes(Math.max(0, chunks * CHUNK_BYTES + delta));
          const pieces: Buffer[] = [];
          let at = 0;
          for (const cut of cuts) {
            pieces.push(bytes.subarray(at, at + cut));
            at += cut;
          }
          pieces.push(bytes.subarray(at));
          const file = seal(pieces);
          expect(readAll(file).equals(bytes)).toBe(true);
          expect(plainSize(fs.statSync(file).size)).toBe(bytes.length);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('reads any range', () => {
    const bytes = randomBytes(3 * CHUNK_BYTES + 77);
    const reader = new SealedReader(seal([bytes]), kek);
    fc.assert(
      fc.property(fc.nat(bytes.length + 10), fc.nat(2 * CHUNK_BYTES), (offset, length) => {
        expect(reader.read(offset, length).equals(bytes.subarray(offset, offset + length))).toBe(true);
      }),
    );
    reader.close();
  });

  test('gives all from any offset in pieces, and fails where a chunk in the middle was altered', async () => {
    const bytes = randomBytes(19 * CHUNK_BYTES + 77);
    const file = seal([bytes]);
    const reader = new SealedReader(file, kek);
    const border = fc.nat(19).chain((chunk) => fc.integer({ min: -2, max: 2 }).map((by) => chunk * CHUNK_BYTES + by));
    const offset = fc.oneof(border, fc.nat(bytes.length + 10)).map((at) => Math.max(0, at));
    await fc.assert(
      fc.asyncProperty(offset, async (at) => {
        expect((await allOf(reader, at)).equals(bytes.subarray(at))).toBe(true);
      }),
      { numRuns: 40 },
    );
    const altered = fs.openSync(file, 'r+');
    fs.writeSync(altered, Buffer.from([1, 2, 3]), 0, 3, 10 * CHUNK_BYTES);
    fs.closeSync(altered);
    await expect(allOf(reader, 0)).rejects.toThrow(DamagedFile);
    reader.close();
  });

  test('holds nothing of the plain text', () => {
    const file = seal([Buffer.from('DOE^JANE '.repeat(1000))]);
    expect(fs.readFileSync(file).includes('DOE^JANE')).toBe(false);
  });

  test('refuses every truncation', () => {
    const file = seal([randomBytes(CHUNK_BYTES + 1000)]);
    const whole = fs.readFileSync(file);
    for (const length of [
      0,
      1,
      64,
      127,
      128,
      140,
      144,
      500,
      128 + CHUNK_BYTES,
      128 + CHUNK_BYTES + 16,
      whole.length - 17,
      whole.length - 16,
      whole.length - 1,
    ]) {
      fs.writeFileSync(file, whole.subarray(0, length));
      expect(() => readAll(file), `cut to ${length}`).toThrow(DamagedFile);
    }
  });

  test('refuses every altered byte', () => {
    const file = seal([randomBytes(300)]);
    const whole = fs.readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      if (at >= 68 && at < 128) continue;
      const altered = Buffer.from(whole);
      altered[at] = (altered[at] ?? 0) ^ 1;
      fs.writeFileSync(file, altered);
      expect(() => readAll(file), `byte ${at}`).toThrow(DamagedFile);
    }
  });

  test('refuses swapped chunks and another key', () => {
    const file = seal([randomBytes(3 * CHUNK_BYTES)]);
    expect(() => readAll(file, newKey())).toThrow(DamagedFile);
    const whole = fs.readFileSync(file);
    const sealed = CHUNK_BYTES + 16;
    const swapped = Buffer.concat([
      whole.subarray(0, 128),
      whole.subarray(128 + sealed, 128 + 2 * sealed),
      whole.subarray(128, 128 + sealed),
      whole.subarray(128 + 2 * sealed),
    ]);
    fs.writeFileSync(file, swapped);
    expect(() => readAll(file)).toThrow(DamagedFile);
  });

  test('destroying overwrites the key before the name goes', async () => {
    const file = seal([Buffer.from('secret')]);
    const other = `${file}-link`;
    fs.linkSync(file, other);
    await destroySealed(file);
    expect(fs.existsSync(file)).toBe(false);
    expect(() => readAll(other)).toThrow(DamagedFile);
    await expect(destroySealed(file)).resolves.toBeUndefined();
  });
});
