// ICC profiles of colour images (PS3.3 C.11.15) that are one curve for each colour and a matrix (ICC.1:2010 F.3): to sRGB.
import { err, ok, type Result } from '../base/result.ts';
import { bytesOf, itemsOf, textOf } from './json-values.ts';
import type { DicomJson, DicomJsonElement } from './model.ts';
import { encodeSrgb, XYZ_TO_SRGB } from './srgb.ts';

export interface ColorProfile {
  /** Share of light, 0 to 1, by byte: of red, green and blue. */
  curves: readonly [Float64Array, Float64Array, Float64Array];
  /** From these to linear sRGB, row by row. */
  matrix: readonly number[];
}

const COLORS = ['r', 'g', 'b'] as const;
const TAGS_AT = 128;
const TAG_BYTES = 12;
const XYZ_BYTES = 20;
/** Parameters of a parametric curve by its kind (ICC.1:2010 10.16). */
const PARAMETERS = [1, 3, 4, 5, 7];
const DAMAGED = err('it is damaged or cut short');
const TABLES = err('it is made of look-up tables or is not for RGB');

/** Undefined where it changes nothing that can be seen. An error says why it cannot be used. */
export function parseProfile(bytes: Uint8Array): Result<ColorProfile | undefined, string> {
  if (bytes.length < TAGS_AT + 4) return DAMAGED;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = view.getUint32(0);
  const count = view.getUint32(TAGS_AT);
  if (nameAt(view, 36) !== 'acsp' || size > bytes.length || TAGS_AT + 4 + count * TAG_BYTES > size) return DAMAGED;
  if (nameAt(view, 16) !== 'RGB ' || nameAt(view, 20) !== 'XYZ ') return TABLES;
  const tags = new Map<string, DataView>();
  for (let at = TAGS_AT + 4, end = at + count * TAG_BYTES; at < end; at += TAG_BYTES) {
    const [offset, length] = [view.getUint32(at + 4), view.getUint32(at + 8)];
    if (offset + length > size) return DAMAGED;
    tags.set(nameAt(view, at), new DataView(bytes.buffer, bytes.byteOffset + offset, length));
  }
  // Tables come before curves and matrix where a profile has both (ICC.1:2010 8.10).
  if (tags.has('A2B0') || tags.has('D2B0')) return TABLES;
  const curves = COLORS.map((color) => curveOf(tags.get(`${color}TRC`)));
  const primaries = COLORS.map((color) => xyzOf(tags.get(`${color}XYZ`)));
  const [red, green, blue] = curves;
  if (!red || !green || !blue || primaries.includes(undefined)) return DAMAGED;
  const whiteY = primaries.reduce((sum, xyz) => sum + (xyz?.[1] ?? 0), 0);
  if (whiteY < 0.5 || whiteY > 2) return err('its white is not white');
  const matrix = XYZ_TO_SRGB.flatMap((row) =>
    primaries.map((xyz) => row.reduce((sum, factor, axis) => sum + factor * (xyz?.[axis] ?? 0), 0)),
  );
  const profile: ColorProfile = { curves: [red, green, blue], matrix };
  return ok(isSrgb(profile) ? undefined : profile);
}

function nameAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}

const fixedAt = (view: DataView, at: number): number => view.getInt32(at) / 0x10000;

function xyzOf(tag: DataView | undefined): number[] | undefined {
  if (!tag || tag.byteLength < XYZ_BYTES || nameAt(tag, 0) !== 'XYZ ') return undefined;
  return [8, 12, 16].map((at) => fixedAt(tag, at));
}

/** Its values at all bytes; undefined where it is no curve. */
function curveOf(tag: DataView | undefined): Float64Array | undefined {
  if (!tag || tag.byteLength < 12) return undefined;
  const type = nameAt(tag, 0);
  const curve = type === 'curv' ? sampledOf(tag) : type === 'para' ? parametricOf(tag) : undefined;
  if (!curve) return undefined;
  const values = Float64Array.from({ length: 256 }, (_, byte) => Math.min(1, Math.max(0, curve(byte / 255))));
  return values.includes(Number.NaN) ? undefined : values;
}

/** ICC.1:2010 10.5: nothing, a gamma, or samples to interpolate. */
function sampledOf(tag: DataView): ((x: number) => number) | undefined {
  const count = tag.getUint32(8);
  if (12 + count * 2 > tag.byteLength) return undefined;
  if (count === 0) return (x) => x;
  const sample = (at: number): number => tag.getUint16(12 + Math.min(at, count - 1) * 2);
  if (count === 1) return (x) => x ** (sample(0) / 256);
  return (x) => {
    const at = x * (count - 1);
    const [low, part] = [Math.floor(at), at % 1];
    return (sample(low) * (1 - part) + sample(low + 1) * part) / 0xffff;
  };
}

/** ICC.1:2010 10.16. */
function parametricOf(tag: DataView): ((x: number) => number) | undefined {
  const kind = tag.getUint16(8);
  const count = PARAMETERS[kind];
  if (count === undefined || 12 + count * 4 > tag.byteLength) return undefined;
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from({ length: count }, (_, i) =>
    fixedAt(tag, 12 + i * 4),
  );
  const power = (x: number): number => Math.max(0, a * x + b) ** g;
  if (kind < 2) return power;
  return kind === 2 ? (x) => power(x) + c : (x) => (x >= d ? power(x) + e : c * x + f);
}

/** Within one level over a grid of colours. */
function isSrgb(profile: ColorProfile): boolean {
  const grid = new Uint8ClampedArray(16 ** 3 * 4);
  for (let at = 0; at < 16 ** 3; at++) grid.set([(at >> 8) * 17, ((at >> 4) & 15) * 17, (at & 15) * 17, 255], at * 4);
  const shown = grid.slice();
  toSrgb(profile, shown);
  return shown.every((value, at) => Math.abs(value - (grid[at] ?? 0)) <= 1);
}

/** Colours of the profile to those of a screen, in place: relative colorimetric, what is outside of sRGB the nearest within. */
export function toSrgb({ curves: [reds, greens, blues], matrix }: ColorProfile, rgba: Uint8ClampedArray): void {
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0, m5 = 0, m6 = 0, m7 = 0, m8 = 0] = matrix;
  for (let at = 0; at < rgba.length; at += 4) {
    const red = reds[rgba[at] as number] as number;
    const green = greens[rgba[at + 1] as number] as number;
    const blue = blues[rgba[at + 2] as number] as number;
    rgba[at] = encodeSrgb(m0 * red + m1 * green + m2 * blue);
    rgba[at + 1] = encodeSrgb(m3 * red + m4 * green + m5 * blue);
    rgba[at + 2] = encodeSrgb(m6 * red + m7 * green + m8 * blue);
  }
}

/** Frames of one instance share it. */
const parsed = new WeakMap<DicomJsonElement, ReturnType<typeof parseProfile>>();

/** The profile of a colour image: of the data set, or of the frame's optical path (PS3.3 C.8.12.5). `path`: the item that names it. */
export function colorProfileOf(
  dataset: DicomJson,
  path: DicomJson | undefined,
  problems: string[],
): ColorProfile | undefined {
  const paths = itemsOf(dataset, '00480105');
  const named = textOf(path, '00480106');
  const own = paths.length > 1 ? paths.find((item) => textOf(item, '00480106') === named) : paths[0];
  const source = dataset['00282000'] ? dataset : (own ?? dataset);
  const element = source['00282000'];
  const bytes = bytesOf(source, '00282000');
  const refuse = (why: string): undefined => {
    problems.push(`The image's colour profile (0028,2000) is not applied (${why}): colours may differ.`);
  };
  if (element && bytes) {
    const found = parsed.get(element) ?? parseProfile(bytes);
    parsed.set(element, found);
    return found.ok ? found.value : refuse(found.error);
  }
  if (element?.BulkDataURI !== undefined)
    return refuse('the index does not hold it; rebuilding it brings in what is not larger than 64 kB');
  if (!own && paths.some((item) => item['00282000'])) return refuse('the frame names none of the optical paths');
  const space = textOf(source, '00282002');
  if (space !== undefined && space !== 'SRGB')
    problems.push(
      `The image's colours are ${space} (0028,2002) and shown as sRGB, without a profile: they may differ.`,
    );
  return undefined;
}
