// Colours of the profile connection space (CIEXYZ, CIELab; white is D50) as a screen's sRGB (IEC 61966-2-1).
export type Rgb = readonly [number, number, number];

/** CIEXYZ of the white that the connection space is relative to. */
const D50 = [0.9642, 1, 0.8249] as const;
/** CIEXYZ to linear sRGB: the inverse of sRGB's primaries, adapted from D65 to D50 by Bradford's transform. */
export const XYZ_TO_SRGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

const STEPS = 16384;
const ENCODED = Uint8Array.from({ length: STEPS + 1 }, (_, step) => {
  const linear = step / STEPS;
  return Math.round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055));
});

/** Byte of a linear share of light; what the screen cannot show is the nearest it can. */
export const encodeSrgb = (linear: number): number =>
  ENCODED[linear <= 0 ? 0 : linear >= 1 ? STEPS : Math.round(linear * STEPS)] ?? 0;

/** A CIELab triplet as three words (PS3.3 C.10.7.1.1): L* from 0 to 100, a* and b* from -128 to 127. */
export function srgbOfLab([l, a, b]: Rgb): Rgb {
  const y = ((l / 0xffff) * 100 + 16) / 116;
  const [x, z] = [y + (a / 257 - 128) / 500, y - (b / 257 - 128) / 200];
  const xyz = [x, y, z].map((f, axis) => (f > 6 / 29 ? f ** 3 : (3 * (f - 4 / 29) * 36) / 841) * (D50[axis] ?? 0));
  const [red = 0, green = 0, blue = 0] = XYZ_TO_SRGB.map((row) =>
    encodeSrgb(row.reduce((sum, factor, axis) => sum + factor * (xyz[axis] ?? 0), 0)),
  );
  return [red, green, blue];
}
