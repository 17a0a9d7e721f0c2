// What a JPEG 2000 codestream says of its size and of its parts (ISO/IEC 15444-1 Annex A; the same in HTJ2K, 15444-15): decoders
// make a picture of whatever they get, also of the first hundred bytes.

const SOC_SIZ = 0xff4fff51;
const COD = 0xff52;
const SOT = 0xff90;
const EOC = 0xffd9;
/** Marker, length, tile, length of the tile-part, number of the tile-part, how many there are (A.4.2). */
const SOT_BYTES = 12;
/** From SOC to the number of components. */
const SIZ_BYTES = 40;

export interface Jpeg2000Facts {
  width: number;
  height: number;
  /** Every component has a sample for each pixel (XRsiz, YRsiz are 1): DICOM knows no other, and OpenJPH does not come back from some. */
  isWholeSampled: boolean;
  /** Whether all is there, from the first byte to the end marker (`whole`) or to where that belongs (`endless`, bytes [0, length)). */
  extent: { kind: 'whole' } | { kind: 'endless'; length: number } | { kind: 'cut' };
}
const WHOLE = { kind: 'whole' } as const;
const CUT = { kind: 'cut' } as const;

/** Undefined where no codestream of JPEG 2000 begins. */
export function jpeg2000Facts(bytes: Uint8Array): Jpeg2000Facts | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = codestreamStart(view);
  if (start === undefined) return undefined;
  if (bytes.length < start + SIZ_BYTES + 2) return { width: 0, height: 0, isWholeSampled: true, extent: CUT };
  const size = (at: number): number => view.getUint32(start + at);
  const [width, height] = [size(8) - size(16), size(12) - size(20)];
  const tiles = Math.ceil((size(8) - size(32)) / size(24)) * Math.ceil((size(12) - size(36)) / size(28));
  return { width, height, isWholeSampled: isWholeSampled(view, start), extent: extentOf(view, start, tiles) };
}

/** Whether the wavelet of the codestream loses something (9-7, irreversible; A.6.1, table A.20); undefined where nothing tells. */
export function isIrreversible(bytes: Uint8Array): boolean | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = codestreamStart(view);
  if (start === undefined) return undefined;
  for (let at = start + 2; at + 14 <= view.byteLength && view.getUint16(at) !== SOT; at += 2 + view.getUint16(at + 2))
    if (view.getUint16(at) === COD) return view.getUint8(at + 13) === 0;
  return undefined;
}

/** Csiz, then Ssiz, XRsiz, YRsiz of each component (A.5.1). */
function isWholeSampled(view: DataView, start: number): boolean {
  const count = view.getUint16(start + SIZ_BYTES);
  const first = start + SIZ_BYTES + 2;
  if (count === 0 || first + 3 * count > view.byteLength) return false;
  for (let at = first; at < first + 3 * count; at += 3) if (view.getUint16(at + 1) !== 0x0101) return false;
  return true;
}

/** In a JP2 file, which DICOM does not ask for and some write, the codestream is a box (ISO/IEC 15444-1 I.4). */
function codestreamStart(view: DataView): number | undefined {
  const isAt = (at: number): boolean => at + 4 <= view.byteLength && view.getUint32(at) === SOC_SIZ;
  if (isAt(0)) return 0;
  if (view.byteLength < 12 || view.getUint32(4) !== 0x6a502020) return undefined;
  for (let at = 0; at + 8 <= view.byteLength;) {
    const length = view.getUint32(at);
    const headerBytes = length === 1 ? 16 : 8;
    if (view.getUint32(at + 4) === 0x6a703263) return isAt(at + headerBytes) ? at + headerBytes : undefined;
    // The lengths of boxes before it fit 32 bits; zero would mean that this one is the last.
    if (length < 8) return undefined;
    at += length;
  }
  return undefined;
}

function extentOf(view: DataView, start: number, tiles: number): Jpeg2000Facts['extent'] {
  let at = start + 2;
  for (; at + 4 <= view.byteLength && view.getUint16(at) !== SOT; at += 2 + view.getUint16(at + 2))
    if (view.getUint16(at) < 0xff00) return CUT;
  /** Tile-parts still to come, by tile; NaN where their number is never said. */
  const missing = new Map<number, number>();
  while (at + SOT_BYTES <= view.byteLength && view.getUint16(at) === SOT) {
    const tile = view.getUint16(at + 4);
    const length = view.getUint32(at + 6);
    const partCount = view.getUint8(at + 11);
    const left = missing.get(tile) ?? Number.NaN;
    missing.set(tile, (partCount > 0 && Number.isNaN(left) ? partCount - view.getUint8(at + 10) : left) - 1);
    // The last one may say that it reaches to the end marker.
    if (length === 0) return missing.size === tiles && endsWithMarker(view) ? WHOLE : CUT;
    if (length < SOT_BYTES + 2) return CUT;
    at += length;
  }
  if (at > view.byteLength || missing.size !== tiles) return CUT;
  const left = [...missing.values()];
  const hasMarker = at + 2 <= view.byteLength && view.getUint16(at) === EOC;
  if (hasMarker) return left.some((count) => count > 0) ? CUT : WHOLE;
  // A last zero may stand for a byte that is missing: nobody can tell it from padding (PS3.5 A.4).
  const mayBePadding = at === view.byteLength && at % 2 === 0 && view.getUint8(at - 1) === 0;
  return left.every((count) => count === 0) && !mayBePadding ? { kind: 'endless', length: at } : CUT;
}

function endsWithMarker(view: DataView): boolean {
  const last = view.byteLength - 2;
  return view.getUint16(last) === EOC || (view.getUint8(last + 1) === 0 && view.getUint16(last - 1) === EOC);
}
