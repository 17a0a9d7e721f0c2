// Frames through their decoders: what was encoded comes back, and a frame that is cut or damaged is an error or a whole
// picture, never half a one, never a throw, and never costs the frames after it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import htj2k from '@cornerstonejs/codec-openjph/wasmjs';
import jpegXl from '@cornerstonejs/codec-libjxl/encodewasmjs';
import { nodeWasm, wasmBytes } from '#backend/rendering/node-wasm.ts';
import { binary, numbers, text, writeFile } from '../testing/dicom-builder.ts';
import { readInstance } from '../dicom/read-instance.ts';
import { decodeFrame } from './decode-frame.ts';
import type { FrameShape } from './frame-shape.ts';
import { decodeRle } from './rle.ts';

const [ROWS, COLUMNS] = [37, 53];
const shapeOf = (bitsStored: number, samplesPerPixel = 1): FrameShape => ({
  rows: ROWS,
  columns: COLUMNS,
  samplesPerPixel,
  photometric: samplesPerPixel === 3 ? 'YBR_FULL_422' : 'MONOCHROME2',
  isPlanar: false,
  bitsAllocated: bitsStored > 8 ? 16 : 8,
  bitsStored,
  isSigned: false,
  pixelKind: 'integer',
});

/** A slope with some noise, so that every part of the codestream carries something. */
const picture = (bits: number): Uint16Array =>
  Uint16Array.from({ length: ROWS * COLUMNS }, (_, at) => {
    const [x, y] = [at % COLUMNS, Math.floor(at / COLUMNS)];
    return (((x * 5 + y * 3) % 97) * 2 + ((at * 7919) % 23) + (bits > 8 ? x * 40 : 0)) & (2 ** bits - 1);
  });

function rleSegment(bytes: readonly number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < bytes.length;) {
    let run = 1;
    while (run < 128 && at + run < bytes.length && bytes[at + run] === bytes[at]) run++;
    if (run >= 2) {
      out.push(257 - run, bytes[at] ?? 0);
      at += run;
      continue;
    }
    const start = at;
    while (at < bytes.length && at - start < 128 && bytes[at] !== bytes[at + 1]) at++;
    if (at === start) at++;
    out.push(at - start - 1, ...bytes.slice(start, at));
  }
  return out.length % 2 ? [...out, 0] : out;
}

/** PS3.5 Annex G: `planes[sample]` are samples of `size` bytes. */
function encodeRle(planes: readonly (readonly number[])[], size: number): Uint8Array {
  const segments = planes.flatMap((plane) =>
    Array.from({ length: size }, (_, byte) => rleSegment(plane.map((v) => (v >>> (8 * (size - 1 - byte))) & 255))),
  );
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, segments.length, true);
  let at = 64;
  segments.forEach((segment, index) => {
    header.setUint32(4 + index * 4, at, true);
    at += segment.length;
  });
  return Uint8Array.from([...new Uint8Array(header.buffer), ...segments.flat()]);
}

describe('RLE', () => {
  test.each([1, 2, 4])('what is encoded comes back, %i bytes a sample', (size) => {
    const value = fc.integer({ min: 0, max: 2 ** (8 * size) - 1 });
    const run = fc.tuple(value, fc.integer({ min: 1, max: 300 })).map(([v, n]) => Array.from({ length: n }, () => v));
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            run,
            value.map((v) => [v]),
          ),
          { minLength: 1, maxLength: 30 },
        ),
        (runs) => {
          const plane = runs.flat();
          const planes = [plane, plane.toReversed()];
          const shape = { pixels: plane.length, samplesPerPixel: 2, bytesPerSample: size };
          const decoded = decodeRle(encodeRle(planes, size), shape);
          const wanted = Buffer.alloc(plane.length * 2 * size);
          planes.flat().forEach((v, i) => wanted.writeUIntLE(v, i * size, size));
          expect(decoded.ok && Buffer.from(decoded.value).equals(wanted)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('every cut is an error', () => {
    const bytes = encodeRle([Array.from(picture(12))], 2);
    const shape = { pixels: ROWS * COLUMNS, samplesPerPixel: 1, bytesPerSample: 2 };
    expect(decodeRle(bytes, shape).ok).toBe(true);
    for (let length = 0; length < bytes.length - 2; length++)
      expect(decodeRle(bytes.subarray(0, length), shape).ok, `${length}`).toBe(false);
  });
});

test.each(['1.2.840.10008.1.2.1', '1.2.840.10008.1.2.4.50', '1.2.840.10008.1.2.4.70', '1.2.840.10008.1.2.5'])(
  'without Bits Allocated a frame in %s is no picture',
  async (transferSyntaxUid) => {
    const shape = { ...shapeOf(8), bitsAllocated: 0 };
    expect(await decodeFrame(new Uint8Array(5000), transferSyntaxUid, shape, nodeWasm)).toMatchObject({
      ok: false,
      error: { detail: expect.stringContaining('the header has no Bits Allocated') as string },
    });
  },
);

describe('native frames', () => {
  test('single bits, least significant first, and every cut is an error', async () => {
    const shape = { ...shapeOf(1), rows: 3, columns: 5, bitsAllocated: 1 };
    const decoded = await decodeFrame(Uint8Array.of(0b10100101, 0b01010101), '1.2.840.10008.1.2.1', shape, nodeWasm);
    expect(decoded.ok && Array.from(decoded.value.words)).toEqual([1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1]);
    expect((await decodeFrame(Uint8Array.of(1), '1.2.840.10008.1.2.1', shape, nodeWasm)).ok).toBe(false);
  });
  test('an unknown syntax is said by name', async () => {
    const decoded = await decodeFrame(new Uint8Array(9), '1.2.840.10008.1.2.4.100', shapeOf(8), nodeWasm);
    expect(decoded).toMatchObject({ ok: false, error: { code: 'unsupported-syntax' } });
  });
});

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lectern-codecs-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** The frame of a file of `bits` that a tool compressed; undefined where the tool is absent. */
function compressed(
  tool: string,
  args: readonly string[],
  bits: number,
  samples = 1,
  seed = 0,
): { bytes: Uint8Array; syntax: string } | undefined {
  if (spawnSync('which', [tool]).status !== 0) return undefined;
  const grey = picture(bits).map((value, at) => (value + ((at * seed * 31) % 61) * seed) & (2 ** bits - 1));
  const pixels =
    samples === 3
      ? Uint8Array.from({ length: grey.length * 3 }, (_, i) => ((grey[Math.floor(i / 3)] ?? 0) + (i % 3) * 20) & 255)
      : bits > 8
        ? new Uint8Array(grey.buffer)
        : Uint8Array.from(grey);
  const allocated = bits > 8 ? 16 : 8;
  const [input, output] = [path.join(folder, 'in.dcm'), path.join(folder, 'out.dcm')];
  fs.writeFileSync(
    input,
    writeFile({
      '00080016': text('UI', '1.2.840.10008.5.1.4.1.1.7'),
      '00080018': text('UI', '1.2.3.4.5'),
      '0020000D': text('UI', '1.2.3'),
      '0020000E': text('UI', '1.2.3.4'),
      '00280002': numbers('US', samples),
      '00280004': text('CS', samples === 3 ? 'RGB' : 'MONOCHROME2'),
      ...(samples === 3 && { '00280006': numbers('US', 0) }),
      '00280010': numbers('US', ROWS),
      '00280011': numbers('US', COLUMNS),
      '00280100': numbers('US', allocated),
      '00280101': numbers('US', bits),
      '00280102': numbers('US', bits - 1),
      '00280103': numbers('US', 0),
      '7FE00010': binary(bits > 8 ? 'OW' : 'OB', pixels.length % 2 ? Uint8Array.from([...pixels, 0]) : pixels),
    }),
  );
  const ran = spawnSync(tool, [...args, input, output]);
  if (ran.status !== 0) throw new Error(`${tool}: ${ran.stderr.toString()}`);
  const file = fs.readFileSync(output);
  const parsed = readInstance({ size: file.length, read: (at, length) => file.subarray(at, at + length) });
  if (!parsed.ok || parsed.value.frames.kind !== 'encapsulated') throw new Error('no frames');
  const fragments = (parsed.value.frames.frames[0] ?? []).map(({ offset, length }) =>
    file.subarray(offset, offset + length),
  );
  return { bytes: Uint8Array.from(Buffer.concat(fragments)), syntax: parsed.value.transferSyntaxUid };
}

const from = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, at) => first + at);
const everySome = (end: number, step: number): number[] => from(0, Math.ceil(end / step)).map((at) => at * step);

interface Made {
  bytes: Uint8Array;
  syntax: string;
}

/** Of these lengths, with and without a zero behind that makes them even, those that are shown as anything but the whole
 * picture, marked; or although they are below `least`. */
async function cutsShownWrongly(
  { bytes, syntax }: Made,
  decode: (bytes: Uint8Array, syntax: string) => ReturnType<typeof decodeFrame>,
  lengths: readonly number[],
  least: number,
): Promise<number[]> {
  const whole = await decode(bytes, syntax);
  const wrong: number[] = [];
  for (const length of lengths.flatMap((each) => (each % 2 ? [each, each + 0.5] : [each]))) {
    const cut = Uint8Array.from([...bytes.subarray(0, Math.floor(length)), ...(length % 1 ? [0] : [])]);
    const decoded = await decode(cut, syntax);
    if (!decoded.ok) continue;
    const isSame =
      whole.ok &&
      decoded.value.isEndMissing === true &&
      whole.value.words.every((word, at) => word === decoded.value.words[at]);
    if (length < least || !isSame) wrong.push(length);
  }
  return wrong;
}

/** No package of Debian writes these two: their own encoders do. */
const HTJ2K = await htj2k({ wasmBinary: wasmBytes('@cornerstonejs/codec-openjph/wasm') });
const JPEG_XL = await jpegXl({ wasmBinary: wasmBytes('@cornerstonejs/codec-libjxl/encodewasm') });

function encoded(tool: string, tileSize?: { width: number; height: number }): Made {
  const Encoder = tool === 'HTJ2K' ? HTJ2K.HTJ2KEncoder : JPEG_XL.JpegXLEncoder;
  if (!Encoder) throw new Error(`there is no encoder for ${tool}`);
  const encoder = new Encoder();
  encoder.setLossless?.(true);
  if (tileSize) encoder.setTileSize?.(tileSize);
  const frame = { width: COLUMNS, height: ROWS, bitsPerSample: 12, componentCount: 1, isSigned: false };
  const place = encoder.getDecodedBuffer({ ...frame, isUsingColorTransform: false });
  place.set(new Uint8Array(picture(12).buffer));
  encoder.encode();
  const syntax = `1.2.840.10008.1.2.4.${tool === 'HTJ2K' ? '201' : '110'}`;
  return { bytes: Uint8Array.from(encoder.getEncodedBuffer()), syntax };
}

const CASES: [name: string, tool: string, args: string[], bits: number, samples: number, isLossless: boolean][] = [
  ['RLE', 'dcmcrle', [], 12, 1, true],
  ['JPEG baseline', 'dcmcjpeg', ['+eb', '+q', '90'], 8, 1, false],
  ['JPEG baseline colour', 'dcmcjpeg', ['+eb', '+q', '90'], 8, 3, false],
  ['JPEG extended, 12 bits', 'dcmcjpeg', ['+ee', '+q', '95'], 12, 1, false],
  ['JPEG progressive, 8 bits', 'dcmcjpeg', ['+ep', '+q', '90'], 8, 1, false],
  ['JPEG progressive, 12 bits', 'dcmcjpeg', ['+ep', '+q', '95'], 12, 1, false],
  ['JPEG lossless', 'dcmcjpeg', ['+el'], 12, 1, true],
  ['JPEG lossless SV1', 'dcmcjpeg', ['+e1'], 16, 1, true],
  ['JPEG-LS', 'gdcmconv', ['--jpegls'], 12, 1, true],
  ['JPEG 2000', 'gdcmconv', ['--j2k'], 12, 1, true],
  ['JPEG 2000 in tiles', 'gdcmconv', ['--j2k', '--tile', '16,16'], 12, 1, true],
  ['HTJ2K', 'HTJ2K', [], 12, 1, true],
  ['HTJ2K in tiles', 'HTJ2K', ['16'], 12, 1, true],
  ['JPEG XL', 'JPEG XL', [], 12, 1, true],
];

function made(tool: string, args: readonly string[], bits: number, samples: number): Made | undefined {
  if (tool !== 'HTJ2K' && tool !== 'JPEG XL') return compressed(tool, args, bits, samples);
  return encoded(tool, args[0] === undefined ? undefined : { width: Number(args[0]), height: Number(args[0]) });
}

describe.each(CASES)('%s', (_name, tool, args, bits, samples, isLossless) => {
  const frame = made(tool, args, bits, samples);
  const shape = shapeOf(bits, samples);
  const decode = (bytes: Uint8Array, syntax: string) => decodeFrame(bytes, syntax, shape, nodeWasm);

  test.skipIf(!frame)('what a foreign encoder made comes back', async () => {
    if (!frame) return;
    const decoded = await decode(frame.bytes, frame.syntax);
    if (!decoded.ok) throw new Error(decoded.error.detail);
    const { words } = decoded.value;
    expect(words).toHaveLength(ROWS * COLUMNS * samples);
    if (samples > 1) return;
    const wanted = picture(bits);
    const worst = wanted.reduce((most, value, at) => Math.max(most, Math.abs(value - (words[at] ?? 0))), 0);
    expect(worst).toBeLessThanOrEqual(isLossless ? 0 : 2 ** bits / 16);
  });

  const isMarked = /^JPEG(?! XL)|^HTJ2K/.test(_name);

  test.skipIf(!frame)(
    'a cut is an error; a JPEG that lacks only fill and end marker is the same picture, marked',
    async () => {
      if (!frame) return;
      const end = isMarked ? frame.bytes.lastIndexOf(0xd9) - 1 : frame.bytes.length - 2;
      // Those of JPEG 2000 are told by its lengths, also between two tiles: all of them, for they cost no decoding.
      const lengths = /2000|2K/.test(_name) ? from(0, end) : [...everySome(end - 80, 13), ...from(end - 80, end)];
      expect(await cutsShownWrongly(frame, decode, lengths, isMarked ? end - 1 : end)).toEqual([]);
    },
  );

  test.skipIf(!frame || !isMarked)('without its end marker it is the same picture, and marked', async () => {
    if (!frame) return;
    const whole = await decode(frame.bytes, frame.syntax);
    const end = frame.bytes.lastIndexOf(0xd9) - 1;
    expect(whole.ok && whole.value.isEndMissing).toBeUndefined();
    for (const tail of [[], [0xff], end % 2 ? [0] : []]) {
      const decoded = await decode(Uint8Array.from([...frame.bytes.subarray(0, end), ...tail]), frame.syntax);
      if (!decoded.ok || !whole.ok) throw new Error(`${tail.join(' ')}: no picture`);
      expect(decoded.value).toEqual({ ...whole.value, isEndMissing: true });
    }
  });

  test.skipIf(!frame)(
    'damage is an error or a picture of the right size, and the next frame is read as ever',
    async () => {
      if (!frame) return;
      const change = fc.tuple(fc.nat(frame.bytes.length - 1), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
          const damaged = frame.bytes.slice();
          for (const [at, value] of changes) damaged[at] = value;
          const decoded = await decode(damaged, frame.syntax);
          if (decoded.ok) expect(decoded.value.words.length).toBeGreaterThanOrEqual(ROWS * COLUMNS * samples);
          else expect(decoded.error.detail.length).toBeLessThan(400);
        }),
        { numRuns: 300 },
      );
      expect((await decode(frame.bytes, frame.syntax)).ok).toBe(true);
    },
  );

  // RLE states no size of its own.
  test.skipIf(!frame || _name === 'RLE')('of another size than the header says', async () => {
    if (!frame) return;
    for (const changed of [{ rows: ROWS - 1 }, { columns: COLUMNS + 1 }]) {
      const decoded = await decodeFrame(frame.bytes, frame.syntax, { ...shape, ...changed }, nodeWasm);
      expect(decoded).toMatchObject({ ok: false, error: { detail: expect.stringContaining('the header says') } });
    }
  });
});

// OpenJPH does not come back from a component whose samples lie further apart than the picture is high.
test.each([43, 44])(
  'HTJ2K whose component is sampled otherwise (byte %i) is refused before it is decoded',
  async (at) => {
    const { bytes, syntax } = encoded('HTJ2K');
    for (const step of [0, 2, 38, 255]) {
      const damaged = bytes.slice();
      damaged[at] = step;
      expect(await decodeFrame(damaged, syntax, shapeOf(12), nodeWasm)).toMatchObject({
        ok: false,
        error: { detail: expect.stringContaining('components of another size') as string },
      });
    }
  },
);

// CharLS judges by itself what is missing: many ends of many pictures.
const jpegLs = (seed: number) => compressed('gdcmconv', ['--jpegls'], 8 + (seed % 5), 1, seed);
test.skipIf(!jpegLs(1))('JPEG-LS: no cut near the end passes for a whole picture', async () => {
  for (let seed = 1; seed <= 24; seed++) {
    const made = jpegLs(seed);
    if (!made) throw new Error(`picture ${seed} was not made`);
    const end = made.bytes.lastIndexOf(0xd9) - 1;
    const decode = (bytes: Uint8Array, syntax: string) => decodeFrame(bytes, syntax, shapeOf(8 + (seed % 5)), nodeWasm);
    expect(await cutsShownWrongly(made, decode, from(end - 40, end), end - 1), `picture ${seed}`).toEqual([]);
  }
});

const jpeg2000 = compressed('gdcmconv', ['--j2k'], 12);
test.skipIf(!jpeg2000)('JPEG 2000 in the boxes of a JP2 file: the same picture, and no cut of it', async () => {
  if (!jpeg2000) return;
  const { bytes, syntax } = jpeg2000;
  const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  const box = (type: string, content: Iterable<number>): number[] => {
    const inside = [...content];
    return [...u32(8 + inside.length), ...Buffer.from(type), ...inside];
  };
  const header = box('ihdr', [...u32(ROWS), ...u32(COLUMNS), 0, 1, 11, 7, 0, 0]);
  const boxes = [
    ...box('jP  ', [13, 10, 0x87, 10]),
    ...box('ftyp', [...Buffer.from('jp2 '), ...u32(0), ...Buffer.from('jp2 ')]),
    ...box('jp2h', [...header, ...box('colr', [1, 0, 0, ...u32(17)])]),
  ];
  const end = bytes.lastIndexOf(0xd9) + 1;
  const file = Uint8Array.from([...boxes, ...box('jp2c', bytes.subarray(0, end))]);
  const decode = (each: Uint8Array) => decodeFrame(each, syntax, shapeOf(12), nodeWasm);
  const [whole, boxed] = [await decode(bytes), await decode(file)];
  expect(whole.ok && boxed.ok && boxed.value.words).toEqual(whole.ok && whole.value.words);
  for (let length = 0; length < file.length - 2; length++)
    expect((await decode(file.subarray(0, length))).ok, `${length} of ${file.length}`).toBe(false);
});
