// What a JPEG codestream says of itself before its first scan (ITU-T T.81 B.1.1).

interface Segment {
  marker: number;
  /** First byte after the segment's length. */
  start: number;
  end: number;
}

/** Marker segments from SOI to the first SOS, or to the first byte that is no marker. */
function* segmentsOf(bytes: Uint8Array): Generator<Segment> {
  for (let at = 2; at + 4 <= bytes.length;) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker === 0xda) return;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + (((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0));
    yield { marker, start: at + 4, end };
    at = Math.max(end, at + 4);
  }
}

/** Precision of a JPEG's frame, from its SOF marker (baseline, extended or progressive); undefined when there is none. */
export function jpegPrecision(bytes: Uint8Array): number | undefined {
  for (const { marker, start } of segmentsOf(bytes)) if (marker >= 0xc0 && marker <= 0xc2) return bytes[start];
  return undefined;
}

/** NEAR of the first scan of a JPEG-LS codestream (ITU-T T.87 C.2.3): by how much values may differ; undefined where no scan begins. */
export function jpegLsNear(bytes: Uint8Array): number | undefined {
  let scan = 2;
  for (const { end } of segmentsOf(bytes)) scan = end;
  if (bytes[scan] !== 0xff || bytes[scan + 1] !== 0xda) return undefined;
  return bytes[scan + 5 + 2 * (bytes[scan + 4] ?? 0)];
}

/** What speaks against decoding a JPEG or JPEG-LS codestream, in a sentence: another size than the header's (some decoders
 * would take memory for it first). */
export function jpegDefect(
  bytes: Uint8Array,
  { rows, columns, samplesPerPixel }: { rows: number; columns: number; samplesPerPixel: number },
): string | undefined {
  let hasFrame = false;
  for (const { marker, start } of segmentsOf(bytes)) {
    const isFrame = (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) || marker === 0xf7;
    if (!isFrame) continue;
    hasFrame = true;
    const u16 = (at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    const [height, width, samples] = [u16(start + 1), u16(start + 3), bytes[start + 5] ?? 0];
    if (height !== rows || width !== columns || samples !== samplesPerPixel)
      return `the codestream is ${width} x ${height} with ${samples} samples, the header says ${columns} x ${rows} with ${samplesPerPixel}`;
  }
  return hasFrame ? undefined : 'the codestream has no frame header';
}

/** Is there an end marker (EOI) behind the first scan's beginning? Without, the codestream is cut (some decoders would fill
 * in the rest), or whatever wrote it left the marker out. */
export function hasEndMarker(bytes: Uint8Array): boolean {
  let scanStart = 2;
  for (const { end } of segmentsOf(bytes)) scanStart = end;
  for (let at = bytes.length - 2; at >= scanStart; at--) if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}

/** Without the zero that makes the length even (PS3.5 A.4), and without a lone first byte of a marker. A zero that ends data
 * of even length goes too: what is left then counts as cut, since nobody can tell it from padding. */
export function withoutPadding(bytes: Uint8Array): Uint8Array {
  const isStuffed = bytes.at(-2) === 0xff;
  const unpadded = bytes.at(-1) === 0 && bytes.length % 2 === 0 && !isStuffed ? bytes.subarray(0, -1) : bytes;
  return unpadded.at(-1) === 0xff ? unpadded.subarray(0, -1) : unpadded;
}

/** The codestream with these bytes and an end marker behind it. */
export function withEndMarker(bytes: Uint8Array, ...between: number[]): Uint8Array {
  const ended = new Uint8Array(bytes.length + between.length + 2);
  ended.set(bytes);
  ended.set([...between, 0xff, 0xd9], bytes.length);
  return ended;
}

const startsWith = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((letter, index) => bytes[at + index] === letter.charCodeAt(0));

/** Whether the codestream itself states its colour model, by JFIF or Adobe's marker. */
function statesColor(bytes: Uint8Array): boolean {
  for (const { marker, start, end } of segmentsOf(bytes)) {
    if (marker === 0xe0 && startsWith(bytes, start, 'JFIF')) return true;
    if (marker === 0xee && end - start >= 12 && startsWith(bytes, start, 'Adobe')) return true;
  }
  return false;
}

// APP14 "Adobe", version 100, no flags, no transform.
const ADOBE_RGB = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0];

/** The codestream with the statement that its three components are RGB, unless it states something itself: without one,
 * decoders guess YCbCr, while the header's Photometric Interpretation says what was encoded (PS3.5 8.2.1). */
export function withRgbStated(bytes: Uint8Array): Uint8Array {
  if (statesColor(bytes)) return bytes;
  const stated = new Uint8Array(bytes.length + ADOBE_RGB.length);
  stated.set(bytes.subarray(0, 2));
  stated.set(ADOBE_RGB, 2);
  stated.set(bytes.subarray(2), 2 + ADOBE_RGB.length);
  return stated;
}
