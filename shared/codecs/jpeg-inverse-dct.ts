// From a JPEG component's coefficients back to samples (ITU-T T.81 A.3.3), with the integer arithmetic that libjpeg calls
// "islow" (after Loeffler, Ligtenberg and Moschytz): what the other readers of 12-bit JPEG show, bit for bit.

/** Blocks of 64 coefficients in natural order, row of blocks after row of blocks, `stride` blocks across. */
export interface CoefficientBlocks {
  stride: number;
  coefficients: Int32Array;
}

/** Fraction bits of the constants below. */
const CONST_BITS = 13;
const [F0298, F0390, F0541, F0765, F0899, F1175] = [2446, 3196, 4433, 6270, 7373, 9633];
const [F1501, F1847, F1961, F2053, F2562, F3072] = [12299, 15137, 16069, 16819, 20995, 25172];

/** Eight values `step` apart, in place, each then scaled down by `shift` bits with rounding. */
function transformEight(values: Int32Array, at: number, step: number, shift: number): void {
  const read = (index: number): number => values[at + index * step] as number;
  const [z2, z3] = [read(2), read(6)];
  const z1 = Math.imul(z2 + z3, F0541);
  const even2 = z1 - Math.imul(z3, F1847);
  const even3 = z1 + Math.imul(z2, F0765);
  const even0 = (read(0) + read(4)) << CONST_BITS;
  const even1 = (read(0) - read(4)) << CONST_BITS;
  const [e0, e3, e1, e2] = [even0 + even3, even0 - even3, even1 + even2, even1 - even2];

  const [o0, o1, o2, o3] = [read(7), read(5), read(3), read(1)];
  const z5 = Math.imul(o0 + o2 + o1 + o3, F1175);
  const a = -Math.imul(o0 + o3, F0899);
  const b = -Math.imul(o1 + o2, F2562);
  const c = z5 - Math.imul(o0 + o2, F1961);
  const d = z5 - Math.imul(o1 + o3, F0390);
  const odd0 = Math.imul(o0, F0298) + a + c;
  const odd1 = Math.imul(o1, F2053) + b + d;
  const odd2 = Math.imul(o2, F3072) + b + c;
  const odd3 = Math.imul(o3, F1501) + a + d;

  const half = 1 << (shift - 1);
  values[at] = (e0 + odd3 + half) >> shift;
  values[at + step] = (e1 + odd2 + half) >> shift;
  values[at + 2 * step] = (e2 + odd1 + half) >> shift;
  values[at + 3 * step] = (e3 + odd0 + half) >> shift;
  values[at + 4 * step] = (e3 - odd0 + half) >> shift;
  values[at + 5 * step] = (e2 - odd1 + half) >> shift;
  values[at + 6 * step] = (e1 - odd2 + half) >> shift;
  values[at + 7 * step] = (e0 - odd3 + half) >> shift;
}

/** Dequantised inverse DCT of all blocks, level shifted and clamped to `precision` bits. */
export function inversePlane(
  { coefficients, stride }: CoefficientBlocks,
  quant: Int32Array,
  precision: number,
): Uint16Array {
  const plane = new Uint16Array(coefficients.length);
  const [middle, most] = [2 ** (precision - 1), 2 ** precision - 1];
  // Fraction bits kept between the passes; fewer for 12 bits, so that 32-bit sums do not overflow.
  const passBits = precision > 8 ? 1 : 2;
  const block = new Int32Array(64);
  for (let index = 0; index * 64 < coefficients.length; index++) {
    for (let at = 0; at < 64; at++) block[at] = Math.imul(coefficients[index * 64 + at] as number, quant[at] as number);
    for (let x = 0; x < 8; x++) transformEight(block, x, 8, CONST_BITS - passBits);
    for (let y = 0; y < 8; y++) transformEight(block, y * 8, 1, CONST_BITS + passBits + 3);
    const corner = Math.floor(index / stride) * 8 * stride * 8 + (index % stride) * 8;
    for (let at = 0; at < 64; at++)
      plane[corner + (at >> 3) * stride * 8 + (at & 7)] = Math.min(most, Math.max(0, (block[at] as number) + middle));
  }
  return plane;
}
