// A data set written anew in another uncompressed transfer syntax (PS3.5 7, A.1 to A.3), every value kept: from any byte order and
// VR encoding to Explicit or Implicit VR Little Endian. Pixels and what describes them may be replaced; nothing else is.
import { err, ok, type Result } from '../base/result.ts';
import { isString, wordBytes } from './element-values.ts';
import { implicitVrOf } from './implicit-vr.ts';
import { tagKey } from './tag-key.ts';
import { isVr, LONG_LENGTH_VRS } from './value-representations.ts';
import type { TagKey } from './model.ts';

export interface DatasetEncoding {
  isExplicit: boolean;
  isBigEndian: boolean;
}

/** What stands in place of compressed pixel data. */
export interface NativePixels {
  /** Little endian, frame after frame. */
  bytes: readonly Uint8Array[];
  bitsAllocated: number;
  /** Elements of the outermost level that change with it, as their bytes in little endian. */
  changed: ReadonlyMap<TagKey, { vr: string; value: Uint8Array }>;
}

const UNDEFINED_LENGTH = 0xffffffff;
const MAX_DEPTH = 64;
const PIXEL_DATA = '7FE00010';
/** Extended Offset Table, its lengths (PS3.3 C.7.6.3): of fragments only. */
const OFFSET_TABLES = new Set(['7FE00001', '7FE00002']);

class Defect extends Error {}

interface Level {
  end: number;
  isExplicit: boolean;
  /** Ends at a delimiter instead of at `end`. */
  isOpen: boolean;
  depth: number;
}

class Transcoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #isLittle: boolean;
  readonly #toExplicit: boolean;
  readonly #pixels: NativePixels | undefined;
  readonly #pending: [TagKey, { vr: string; value: Uint8Array }][];
  #isSigned = false;
  readonly out: Uint8Array[] = [];
  hasPadded = false;

  constructor(bytes: Uint8Array, isBigEndian: boolean, toExplicit: boolean, pixels: NativePixels | undefined) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isLittle = !isBigEndian;
    this.#toExplicit = toExplicit;
    this.#pixels = pixels;
    this.#pending = [...(pixels?.changed ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #need(at: number, count: number, end: number): void {
    if (at + count > end) throw new Defect('it ends in the middle of an element');
  }
  #u16(at: number): number {
    return this.#view.getUint16(at, this.#isLittle);
  }
  #u32(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }
  #tag(at: number): TagKey {
    return tagKey(this.#u16(at), this.#u16(at + 2));
  }

  /** Elements from `start`; the position behind them. */
  dataset(start: number, level: Level): number {
    if (level.depth > MAX_DEPTH) throw new Defect(`its sequences are nested deeper than ${MAX_DEPTH} levels`);
    let at = start;
    while (at < level.end) {
      this.#need(at, 8, level.end);
      const tag = this.#tag(at);
      if (tag === 'FFFEE00D' && level.isOpen) return at + 8;
      if (tag.startsWith('FFFE')) throw new Defect('a delimiter stands outside of any sequence');
      if (level.depth === 0) this.#writePending(tag);
      at = this.#element(tag, at, level);
    }
    if (level.isOpen) throw new Defect('it ends inside a sequence');
    if (level.depth === 0) this.#writePending('G');
    return at;
  }

  /** What changes and comes before `tag`; behind every tag comes 'G'. */
  #writePending(tag: TagKey): void {
    for (let next; (next = this.#pending[0]) && next[0] < tag; this.#pending.shift()) this.#write(next[0], next[1]);
  }

  #element(tag: TagKey, at: number, level: Level): number {
    const { vr, length, offset } = this.#header(tag, at, level);
    if (tag === PIXEL_DATA && length === UNDEFINED_LENGTH) {
      if (level.depth > 0) throw new Defect('an icon inside of it is compressed too');
      if (!this.#pixels) throw new Defect('its pixel data is compressed');
      return this.#pixelData(this.#pixels, offset, level.end);
    }
    if (vr === 'SQ' || length === UNDEFINED_LENGTH) {
      if (vr !== 'SQ' && vr !== 'UN') throw new Defect(`an element ${tag} of VR ${vr} has undefined length`);
      // A sequence sent as UN is in implicit VR whatever the rest is (PS3.5 6.2.2).
      if (vr === 'UN' && !this.#isLittle) throw new Defect(`the byte order of ${tag}, of unknown VR, is not known`);
      const isExplicit = vr === 'SQ' && level.isExplicit;
      return this.#sequence(tag, offset, length, { ...level, isExplicit });
    }
    this.#need(offset, length, level.end);
    const end = offset + length;
    const isChanged = level.depth === 0 && this.#pending[0]?.[0] === tag;
    // Group lengths are retired, and would be wrong now (PS3.5 7.2).
    if (isChanged || tag.endsWith('0000') || (this.#pixels && level.depth === 0 && OFFSET_TABLES.has(tag))) return end;
    if (!this.#isLittle && vr === 'UN' && length > 1)
      throw new Defect(`the byte order of ${tag}, of unknown VR, is not known`);
    const value = this.#bytes.subarray(offset, end);
    if (tag === '00280103' && length >= 2) this.#isSigned = this.#u16(offset) === 1;
    const size = vr === 'AT' ? 2 : wordBytes(vr);
    this.#write(tag, { vr, value: this.#isLittle || size === 1 ? value : swapped(value, size) });
    return end;
  }

  #header(tag: TagKey, at: number, level: Level): { vr: string; length: number; offset: number } {
    if (!level.isExplicit) return { vr: this.#vrOf(tag), length: this.#u32(at + 4), offset: at + 8 };
    const vr = String.fromCharCode(this.#view.getUint8(at + 4), this.#view.getUint8(at + 5));
    if (!isVr(vr)) throw new Defect(`the VR of ${tag} is none of the standard`);
    if (!LONG_LENGTH_VRS.has(vr)) return { vr, length: this.#u16(at + 6), offset: at + 8 };
    this.#need(at, 12, level.end);
    return { vr, length: this.#u32(at + 8), offset: at + 12 };
  }

  /** Of an element in implicit VR (PS3.5 6.2.2, A.1); what is not known is UN. */
  #vrOf(tag: TagKey): string {
    if (tag === '00283006') return 'OW';
    return implicitVrOf(tag, this.#isSigned)?.slice(0, 2) ?? 'UN';
  }

  /** Sequences and items are written with delimiters: their lengths change with the encoding. */
  #sequence(tag: TagKey, start: number, length: number, level: Level): number {
    const isOpen = length === UNDEFINED_LENGTH;
    const end = isOpen ? level.end : start + length;
    this.#need(start, end - start, level.end);
    this.#head(tag, 'SQ', UNDEFINED_LENGTH);
    const close = (): void => this.#head('FFFEE0DD', '', 0);
    for (let at = start; at < end;) {
      this.#need(at, 8, end);
      const item = this.#tag(at);
      const itemLength = this.#u32(at + 4);
      if (item === 'FFFEE0DD' && isOpen) {
        close();
        return at + 8;
      }
      if (item !== 'FFFEE000') throw new Defect('where an item should begin stands something else');
      const isItemOpen = itemLength === UNDEFINED_LENGTH;
      const itemEnd = isItemOpen ? end : at + 8 + itemLength;
      this.#need(at, itemEnd - at, end);
      this.#head('FFFEE000', '', UNDEFINED_LENGTH);
      at = this.dataset(at + 8, { ...level, end: itemEnd, isOpen: isItemOpen, depth: level.depth + 1 });
      this.#head('FFFEE00D', '', 0);
    }
    if (isOpen) throw new Defect('it ends inside a sequence');
    close();
    return end;
  }

  /** Native pixels in place of the fragments; the position behind those. */
  #pixelData(pixels: NativePixels, start: number, end: number): number {
    const length = pixels.bytes.reduce((sum, { length: bytes }) => sum + bytes, 0);
    const isOdd = length % 2 === 1;
    this.#head(PIXEL_DATA, pixels.bitsAllocated <= 8 ? 'OB' : 'OW', length + Number(isOdd));
    this.out.push(...pixels.bytes);
    if (isOdd) this.out.push(Uint8Array.of(0));
    for (let at = start; at < end;) {
      this.#need(at, 8, end);
      const fragmentBytes = this.#u32(at + 4);
      if (this.#tag(at) === 'FFFEE0DD') return at + 8;
      this.#need(at, 8 + fragmentBytes, end);
      at += 8 + fragmentBytes;
    }
    throw new Defect('it ends inside its pixel data');
  }

  #write(tag: TagKey, { vr, value }: { vr: string; value: Uint8Array }): void {
    const isOdd = value.length % 2 === 1;
    this.#head(tag, vr, value.length + Number(isOdd));
    this.out.push(value);
    if (!isOdd) return;
    this.hasPadded = true;
    this.out.push(Uint8Array.of(isString(vr) && vr !== 'UI' ? 0x20 : 0));
  }

  #head(tag: TagKey, vr: string, length: number): void {
    const isItem = vr === '';
    // A value that the short form cannot hold is sent as UN (PS3.5 6.2.2 note).
    const written = !LONG_LENGTH_VRS.has(vr) && length > 0xffff ? 'UN' : vr;
    const isLong = !isItem && this.#toExplicit && LONG_LENGTH_VRS.has(written);
    const bytes = new Uint8Array(isLong ? 12 : 8);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, Number.parseInt(tag.slice(0, 4), 16), true);
    view.setUint16(2, Number.parseInt(tag.slice(4), 16), true);
    if (isItem || !this.#toExplicit) view.setUint32(4, length, true);
    else {
      bytes[4] = written.charCodeAt(0);
      bytes[5] = written.charCodeAt(1);
      if (isLong) view.setUint32(8, length, true);
      else view.setUint16(6, length, true);
    }
    this.out.push(bytes);
  }
}

function swapped(value: Uint8Array, size: number): Uint8Array {
  const out = value.slice();
  for (let at = 0; at + size <= out.length; at += size) out.subarray(at, at + size).reverse();
  return out;
}

/**
 * The data set of `bytes` in little endian, in pieces that may be parts of `bytes`; `hasPadded`: a value of odd length was made even
 * (PS3.5 7.1.1). An error is half a sentence that says why it cannot be done; nothing is left out to make it possible.
 */
export function transcodeDataset(
  bytes: Uint8Array,
  from: DatasetEncoding,
  toExplicit: boolean,
  pixels?: NativePixels,
): Result<{ pieces: Uint8Array[]; hasPadded: boolean }, string> {
  const transcoder = new Transcoder(bytes, from.isBigEndian, toExplicit, pixels);
  try {
    transcoder.dataset(0, { end: bytes.length, isExplicit: from.isExplicit, isOpen: false, depth: 0 });
    return ok({ pieces: transcoder.out, hasPadded: transcoder.hasPadded });
  } catch (error) {
    if (error instanceof Defect) return err(error.message);
    throw error;
  }
}
