// Writes baseline JPEG (ITU-T T.81) without chroma subsampling: grey pictures with one component, colour as YCbCr of JFIF. Our
// own, since the encoder of the libjpeg-turbo build that ships with the codecs writes past its buffer where a picture does not
// get smaller by compression, and then spoils what comes after.
import { huffmanCodes, LUMINANCE, CHROMINANCE, type ScanTables } from './jpeg-tables.ts';

/** Zigzag order (T.81 figure 5): index in the block of the nth coefficient. */
const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
];

/** JPEG of RGBA pixels at `quality` 1 to 100 (the scale of libjpeg). */
export function encodeJpeg(rgba: Uint8ClampedArray, width: number, height: number, quality: number): Uint8Array {
  const isGrey = isGreyPicture(rgba);
  const components = isGrey ? [LUMINANCE] : [LUMINANCE, CHROMINANCE, CHROMINANCE];
  const quantizers = components.map(({ quantizer }) => scaled(quantizer, quality));
  const out = new BitWriter();
  writeHeaders(out, width, height, components, quantizers);
  const codes = components.map(({ dc, ac }) => ({ dc: huffmanCodes(dc), ac: huffmanCodes(ac) }));
  const previous = components.map(() => 0);
  const block = new Float64Array(64);
  const coefficients = new Int32Array(64);
  for (let y = 0; y < height; y += 8) {
    for (let x = 0; x < width; x += 8) {
      for (let component = 0; component < components.length; component++) {
        readBlock(rgba, width, height, x, y, component, block);
        forwardDct(block);
        const quantizer = quantizers[component] ?? [];
        for (let at = 0; at < 64; at++)
          coefficients[at] = Math.round((block[ZIGZAG[at] ?? 0] ?? 0) / (quantizer[ZIGZAG[at] ?? 0] ?? 1));
        const table = codes[component];
        if (table) writeBlock(out, coefficients, previous[component] ?? 0, table);
        previous[component] = coefficients[0] ?? 0;
      }
    }
  }
  return out.finish();
}

function isGreyPicture(rgba: Uint8ClampedArray): boolean {
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at] !== rgba[at + 1] || rgba[at] !== rgba[at + 2]) return false;
  return true;
}

/** libjpeg's scale: 50 is the table as it stands. */
function scaled(quantizer: readonly number[], quality: number): number[] {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return quantizer.map((value) => Math.min(255, Math.max(1, Math.floor((value * scale + 50) / 100))));
}

function writeHeaders(
  out: BitWriter,
  width: number,
  height: number,
  components: readonly ScanTables[],
  quantizers: readonly number[][],
): void {
  const tables = components.length === 1 ? 1 : 2;
  out.bytes(0xff, 0xd8);
  out.segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
  for (let table = 0; table < tables; table++)
    out.segment(0xdb, [table, ...ZIGZAG.map((at) => quantizers[table]?.[at] ?? 1)]);
  const frame = [8, height >> 8, height & 255, width >> 8, width & 255, components.length];
  for (let id = 0; id < components.length; id++) frame.push(id + 1, 0x11, id === 0 ? 0 : 1);
  out.segment(0xc0, frame);
  for (let table = 0; table < tables; table++) {
    const { dc, ac } = components[table] ?? LUMINANCE;
    out.segment(0xc4, [table, ...dc.counts, ...dc.values]);
    out.segment(0xc4, [0x10 | table, ...ac.counts, ...ac.values]);
  }
  const scan = [components.length];
  for (let id = 0; id < components.length; id++) scan.push(id + 1, id === 0 ? 0 : 0x11);
  out.segment(0xda, [...scan, 0, 63, 0]);
}

/** One 8 x 8 block of a component, level shifted; beyond the picture its last row and column go on. */
function readBlock(
  rgba: Uint8ClampedArray,
  width: number,
  height: number,
  x: number,
  y: number,
  component: number,
  block: Float64Array,
): void {
  for (let v = 0; v < 8; v++) {
    const row = Math.min(height - 1, y + v) * width;
    for (let u = 0; u < 8; u++) {
      const at = (row + Math.min(width - 1, x + u)) * 4;
      const [r, g, b] = [rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0];
      block[v * 8 + u] =
        component === 0
          ? 0.299 * r + 0.587 * g + 0.114 * b - 128
          : component === 1
            ? -0.168736 * r - 0.331264 * g + 0.5 * b
            : 0.5 * r - 0.418688 * g - 0.081312 * b;
    }
  }
}

/** cos((2x + 1) u pi / 16) scaled, by u and x (T.81 A.3.3). */
const BASIS = Float64Array.from({ length: 64 }, (_, at) => {
  const [u, x] = [at >> 3, at & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});
const half = new Float64Array(64);

function forwardDct(block: Float64Array): void {
  for (let v = 0; v < 8; v++)
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += (BASIS[u * 8 + x] ?? 0) * (block[v * 8 + x] ?? 0);
      half[v * 8 + u] = sum;
    }
  for (let v = 0; v < 8; v++)
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let y = 0; y < 8; y++) sum += (BASIS[v * 8 + y] ?? 0) * (half[y * 8 + u] ?? 0);
      block[v * 8 + u] = sum;
    }
}

interface Codes {
  dc: Uint32Array;
  ac: Uint32Array;
}

/** T.81 F.1.2: difference of the DC coefficient, then runs of zeros and AC coefficients. */
function writeBlock(out: BitWriter, coefficients: Int32Array, previousDc: number, { dc, ac }: Codes): void {
  const difference = (coefficients[0] ?? 0) - previousDc;
  const size = bitsOf(difference);
  out.code(dc[size] ?? 0);
  out.value(difference, size);
  let run = 0;
  for (let at = 1; at < 64; at++) {
    const value = coefficients[at] ?? 0;
    if (value === 0) {
      run++;
      continue;
    }
    for (; run > 15; run -= 16) out.code(ac[0xf0] ?? 0);
    const bits = bitsOf(value);
    out.code(ac[(run << 4) | bits] ?? 0);
    out.value(value, bits);
    run = 0;
  }
  if (run > 0) out.code(ac[0] ?? 0);
}

const bitsOf = (value: number): number => 32 - Math.clz32(Math.abs(value));

/** Bits to bytes, with the zero that follows each FF of the scan (T.81 B.1.1.5). */
class BitWriter {
  #out = new Uint8Array(65536);
  #length = 0;
  #held = 0;
  #count = 0;

  #byte(value: number): void {
    if (this.#length === this.#out.length) {
      const larger = new Uint8Array(this.#out.length * 2);
      larger.set(this.#out);
      this.#out = larger;
    }
    this.#out[this.#length++] = value;
  }
  bytes(...values: number[]): void {
    for (const value of values) this.#byte(value);
  }
  segment(marker: number, body: readonly number[]): void {
    const length = body.length + 2;
    this.bytes(0xff, marker, length >> 8, length & 255, ...body);
  }
  #bits(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#held = (this.#held << 1) | ((value >> bit) & 1);
      if (++this.#count < 8) continue;
      this.#byte(this.#held);
      if (this.#held === 0xff) this.#byte(0);
      this.#held = 0;
      this.#count = 0;
    }
  }
  /** A Huffman code: its length in the upper half. */
  code(code: number): void {
    this.#bits(code & 0xffff, code >>> 16);
  }
  /** Magnitude bits of a coefficient (T.81 F.1.2.1). */
  value(value: number, bits: number): void {
    this.#bits(value < 0 ? value + (1 << bits) - 1 : value, bits);
  }
  finish(): Uint8Array {
    if (this.#count > 0) this.#bits(0x7f, 8 - this.#count);
    this.bytes(0xff, 0xd9);
    return this.#out.slice(0, this.#length);
  }
}
