// The element loop (PS3.5 7): explicit and implicit VR, both byte orders, sequences and items of defined and undefined
// length, private and unknown elements, to a bounded depth. Values become DICOM JSON; pixel data is only located.
import type { ByteCursor } from './byte-cursor.ts';
import { charsetOf, type Charset } from './charset.ts';
import { PIXEL_TAGS, readElementHeader } from './element-header.ts';
import { isNumber, isString, readBinary, readNumbers, readString, wordBytes } from './element-values.ts';
import { INLINE_BYTES, inlineLimitOf } from './inline-limits.ts';
import { ReadBudget } from './read-budget.ts';
import { ReadStop } from './read-stop.ts';
import { skipFragments } from './skip-fragments.ts';
import { tagKey } from './tag-key.ts';
import { isVr } from './value-representations.ts';
import type { DicomJson, DicomJsonElement, Repair, TagKey } from './model.ts';

export interface DatasetContext {
  cursor: ByteCursor;
  repairs: Repair[];
  isExplicit: boolean;
  /** Of text beyond ASCII where the data set does not say; absent: a guess. */
  undeclared?: Charset;
  budget?: ReadBudget;
}

/** Where the pixel data element's value lies; `length` undefined: in fragments. */
export interface PixelLocation {
  tag: TagKey;
  vr: string;
  offset: number;
  length: number | undefined;
  isCut: boolean;
}

const MAX_DEPTH = 64;
/** Each may cost as much as the file is long. */
const MAX_FAILED_TRIALS = 32;
const UNDEFINED_LENGTH = 0xffffffff;
/** How a sequence sent as UN may be encoded: explicit or not, big endian or not; the most likely first. */
const UNKNOWN_IN_LITTLE_ENDIAN = [
  [false, false],
  [true, false],
] as const;
const UNKNOWN_IN_BIG_ENDIAN = [
  [false, false],
  [false, true],
  [true, true],
] as const;

interface Frame {
  charset: Charset;
  depth: number;
  isExplicit: boolean;
  end: number;
  /** Ends at an item or sequence delimiter instead of at `end`. */
  isOpen: boolean;
  /** Pixel Representation, as far as it was read at this level or above. */
  isSigned: boolean;
}

interface Items {
  items: DicomJson[];
  end: number;
}

class DatasetReader {
  readonly #context: DatasetContext;
  readonly #cursor: ByteCursor;
  readonly #budget: ReadBudget;
  #failedTrials = 0;
  pixels: PixelLocation | undefined;

  constructor(context: DatasetContext) {
    this.#context = context;
    this.#cursor = context.cursor;
    this.#budget = context.budget ?? new ReadBudget();
  }

  #repair(code: Repair['code'], detail: string, tag?: TagKey, offset?: number): void {
    if (this.#context.repairs.length >= 100) return;
    this.#context.repairs.push({
      code,
      detail,
      ...(tag !== undefined && { tag }),
      ...(offset !== undefined && { offset }),
    });
  }

  #truncated(tag: TagKey | undefined, offset: number): ReadStop {
    return new ReadStop({
      code: 'truncated',
      detail: 'The file ends in the middle of an element.',
      ...(tag !== undefined && { tag }),
      offset,
    });
  }

  /** Elements from `at` on; gives the position behind them. */
  dataset(start: number, frame: Frame): { dataset: DicomJson; end: number } {
    if (frame.depth > MAX_DEPTH)
      throw new ReadStop({
        code: 'too-deep',
        detail: `Sequences are nested deeper than ${MAX_DEPTH} levels.`,
        offset: start,
      });
    const dataset: DicomJson = {};
    let at = start;
    let count = 0;
    let last = '';
    while (at < frame.end) {
      if (at + 8 > frame.end) {
        if (frame.depth > 0) throw this.#truncated(undefined, at);
        this.#repair(
          'trailing-bytes',
          `${frame.end - at} bytes behind the last element belong to none.`,
          undefined,
          at,
        );
        break;
      }
      const group = this.#cursor.u16(at);
      const tag = tagKey(group, this.#cursor.u16(at + 2));
      if (group === 0xfffe) {
        if (frame.isOpen && (tag === 'FFFEE00D' || tag === 'FFFEE0DD'))
          return { dataset, end: tag === 'FFFEE00D' ? at + 8 : at };
        if (frame.depth === 0 && this.pixels) {
          this.#repair('trailing-bytes', 'A delimiter stands outside of any sequence.', tag, at);
          break;
        }
        throw new ReadStop({
          code: 'malformed',
          detail: 'A delimiter stands outside of any sequence.',
          tag,
          offset: at,
        });
      }
      if (frame.depth === 0 && last !== '' && this.#isPast(at, tag, frame.end)) {
        const where = this.pixels ? 'the pixel data' : 'the last element';
        this.#repair('trailing-bytes', `${frame.end - at} bytes behind ${where} belong to no element.`, undefined, at);
        break;
      }
      this.#budget.element(at, ++count);
      if (tag <= last && frame.depth === 0)
        this.#repair(
          'invalid-value',
          tag === last ? 'An element comes twice; the first is kept.' : 'Elements are not in the order of their tags.',
          tag,
          at,
        );
      const next = this.#element(tag, at, frame, dataset);
      if (next === undefined) return { dataset, end: frame.end };
      last = tag;
      at = next;
    }
    if (frame.isOpen) throw this.#truncated(undefined, at);
    return { dataset, end: at };
  }

  /** Stands there nothing that belongs to the data set? */
  #isPast(at: number, tag: TagKey, end: number): boolean {
    if (this.pixels) return !this.#continues(at, Number.parseInt(tag.slice(0, 4), 16));
    // Files are filled up with zeros to whole blocks.
    return tag === '00000000' && this.#cursor.isZero(at, end);
  }

  /** Behind pixel data only digital signatures and padding may follow (PS3.3 C.12.1.1.3, PS3.5 7.1). */
  #continues(at: number, group: number): boolean {
    if (group <= 0x7fe0 || group > 0xfffc) return false;
    const vr = this.#cursor.vr(at + 4);
    return !this.#context.isExplicit || isVr(vr);
  }

  /** One element; the position behind it, or undefined when the file is read as far as it can be. */
  #element(tag: TagKey, at: number, frame: Frame, dataset: DicomJson): number | undefined {
    const header = readElementHeader(this.#cursor, tag, at, frame);
    if (!header) throw this.#truncated(tag, at);
    const { vr, length, offset } = header;
    if (header.defect !== undefined) this.#repair('invalid-vr', header.defect, tag, at);
    if (PIXEL_TAGS.has(tag) && (frame.depth === 0 || length === UNDEFINED_LENGTH)) {
      if (frame.depth === 0) return this.#pixelData(tag, vr, offset, length, frame, dataset);
      // An icon's own pixel data (PS3.3 C.7.6.1.1.6).
      const icon = skipFragments(this.#cursor, this.#context.repairs, tag, offset, frame.end);
      if (icon.isCut) throw this.#truncated(tag, offset);
      dataset[tag] = { vr: 'OB', BulkDataURI: `bulkdata:${offset}/${icon.end - offset}` };
      return icon.end;
    }
    if (vr === 'SQ' || length === UNDEFINED_LENGTH) {
      if (vr !== 'SQ' && vr !== 'UN') {
        if (!this.#cursor.has(offset, 4) || this.#cursor.u16(offset) !== 0xfffe) {
          throw new ReadStop({
            code: 'malformed',
            detail: `A value of VR ${vr} has undefined length.`,
            tag,
            offset: at,
          });
        }
        this.#repair(
          'undefined-length-value',
          `A value of VR ${vr} has undefined length; it was read as a sequence.`,
          tag,
          at,
        );
      }
      const isUnknown = vr === 'UN' || header.wasUnknown === true;
      const read = isUnknown
        ? this.#unknownSequence(tag, offset, length, frame)
        : this.#sequence(tag, offset, length, frame);
      if (read) {
        const { items, end } = read;
        if (!dataset[tag]) dataset[tag] = items.length ? { vr: 'SQ', Value: items } : { vr: 'SQ' };
        return end;
      }
    }
    if (offset + length > frame.end) {
      // Padding at the very end of a file harms nothing when it is cut.
      if (frame.depth === 0 && tag === 'FFFCFFFC') {
        this.#repair('truncated-tail', 'The file ends inside its trailing padding.', tag, at);
        return undefined;
      }
      throw this.#truncated(tag, at);
    }
    if (length % 2 === 1) this.#repair('odd-length', `The value has an odd length of ${length} bytes.`, tag, at);
    const element = this.#value(tag, vr === 'SQ' ? 'UN' : vr, offset, length, frame);
    if (!dataset[tag] && !tag.endsWith('0000')) dataset[tag] = element;
    if (tag === '00280103') frame.isSigned = element.Value?.[0] === 1;
    if (tag === '00080005') frame.charset = this.#charsetFrom(element, at);
    return offset + length;
  }

  #charsetFrom(element: DicomJsonElement, at: number): Charset {
    const terms = (element.Value ?? []).map((value) => (typeof value === 'string' ? value : ''));
    if (terms.length === 0 && this.#context.undeclared) return this.#context.undeclared;
    const charset = charsetOf(terms);
    if (charset.unknownTerms.length)
      this.#repair(
        'unknown-charset',
        `The character set "${charset.unknownTerms.join('", "').slice(0, 80)}" is not known; text may read wrong.`,
        '00080005',
        at,
      );
    return charset;
  }

  /** Once: a file has it in all its texts or in none, and there is more to tell of it. */
  #noteUnfit(tag: TagKey, at: number): void {
    if (this.#context.repairs.some(({ code }) => code === 'unfit-text')) return;
    const detail = `The text of (${tag.slice(0, 4)},${tag.slice(4)}) does not fit the character set that the file declares, which is ASCII where it declares none; text may read wrong.`;
    this.#repair('unfit-text', detail, tag, at);
  }

  #value(tag: TagKey, vr: string, offset: number, length: number, frame: Frame): DicomJsonElement {
    if (length === 0) return { vr };
    const isBig = this.#cursor.isBigEndian;
    if (isString(vr)) {
      const bytes = this.#cursor.bytes(offset, length);
      this.#budget.text(bytes, tag, offset);
      const { element, defect, isUnfit } = readString(tag, vr, bytes, frame.charset);
      this.#budget.values(element.Value?.length ?? 0, tag, offset);
      if (defect !== undefined) this.#repair('invalid-value', `${defect} The text is kept.`, tag, offset);
      if (isUnfit === true) this.#noteUnfit(tag, offset);
      return element;
    }
    if (isNumber(vr) && length <= 4 * 1024 * 1024) {
      if (length > INLINE_BYTES && vr !== 'AT') return this.#numbersOrBulk(tag, vr, offset, length);
      const { element, defect } = readNumbers(vr, this.#cursor.bytes(offset, length), isBig);
      if (defect !== undefined) this.#repair('invalid-value', defect, tag, offset);
      return element;
    }
    if (length > inlineLimitOf(tag, INLINE_BYTES)) return { vr, BulkDataURI: `bulkdata:${offset}/${length}` };
    return readBinary(vr, this.#cursor.bytes(offset, length), isBig && wordBytes(vr) > 1);
  }

  /** Long numeric values: look-up tables stay at hand, the rest becomes bulk data. */
  #numbersOrBulk(tag: TagKey, vr: string, offset: number, length: number): DicomJsonElement {
    if (length > inlineLimitOf(tag, 64 * 1024)) return { vr, BulkDataURI: `bulkdata:${offset}/${length}` };
    return readNumbers(vr, this.#cursor.bytes(offset, length), this.#cursor.isBigEndian).element;
  }

  #sequence(tag: TagKey, start: number, length: number, frame: Frame): Items {
    const isOpen = length === UNDEFINED_LENGTH;
    const end = isOpen ? frame.end : start + length;
    if (end > frame.end) throw this.#truncated(tag, start);
    const items: DicomJson[] = [];
    let at = start;
    while (at < end) {
      if (at + 8 > end) throw this.#truncated(tag, at);
      const item = this.#cursor.tag(at);
      const itemLength = this.#cursor.u32(at + 4);
      if (item === 'FFFEE0DD') return { items, end: isOpen ? at + 8 : this.#strayEnd(tag, at, end) };
      if (item !== 'FFFEE000')
        throw new ReadStop({
          code: 'malformed',
          detail: 'Where an item should begin stands something else.',
          tag,
          offset: at,
        });
      this.#budget.element(at);
      const isItemOpen = itemLength === UNDEFINED_LENGTH;
      const itemEnd = isItemOpen ? end : at + 8 + itemLength;
      if (itemEnd > end) throw this.#truncated(tag, at);
      const { dataset, end: after } = this.dataset(at + 8, {
        ...frame,
        depth: frame.depth + 1,
        end: itemEnd,
        isOpen: isItemOpen,
      });
      items.push(dataset);
      at = after;
    }
    if (isOpen) throw this.#truncated(tag, at);
    return { items, end: at };
  }

  /** A sequence sent as UN: in Implicit VR Little Endian whatever the rest is (PS3.5 6.2.2 note), though some write it in explicit VR
   * or leave it in the byte order of the file. Undefined where it is neither, and its length says what to keep as it is. */
  #unknownSequence(tag: TagKey, start: number, length: number, frame: Frame): Items | undefined {
    const { repairs } = this.#context;
    const before = repairs.length;
    const { isBigEndian } = this.#cursor;
    let stop: unknown;
    for (const [isExplicit, isBig] of isBigEndian ? UNKNOWN_IN_BIG_ENDIAN : UNKNOWN_IN_LITTLE_ENDIAN) {
      try {
        this.#cursor.isBigEndian = isBig;
        const read = this.#sequence(tag, start, length, { ...frame, isExplicit });
        if (isExplicit)
          this.#repair('invalid-vr', 'A sequence sent as UN is in explicit VR; it was read as that.', tag, start);
        return read;
      } catch (error) {
        if (!(error instanceof ReadStop) || ++this.#failedTrials > MAX_FAILED_TRIALS) throw error;
        stop ??= error;
        repairs.length = before;
      } finally {
        this.#cursor.isBigEndian = isBigEndian;
      }
    }
    if (length === UNDEFINED_LENGTH || start + length > frame.end) throw stop;
    this.#repair('invalid-value', 'The value should be a sequence but reads as none; its bytes are kept.', tag, start);
    return undefined;
  }

  #strayEnd(tag: TagKey, at: number, end: number): number {
    this.#repair('invalid-value', 'A sequence of stated length ends with a delimiter.', tag, at);
    return end;
  }

  #pixelData(
    tag: TagKey,
    vr: string,
    offset: number,
    length: number,
    frame: Frame,
    dataset: DicomJson,
  ): number | undefined {
    if (length === UNDEFINED_LENGTH) {
      this.pixels = { tag, vr, offset, length: undefined, isCut: false };
      const { end, isCut } = skipFragments(this.#cursor, this.#context.repairs, tag, offset, frame.end);
      this.pixels.isCut = isCut;
      dataset[tag] = { vr: 'OB', BulkDataURI: `bulkdata:${offset}/${end - offset}` };
      return isCut ? undefined : end;
    }
    const isCut = offset + length > frame.end;
    const present = isCut ? frame.end - offset : length;
    if (isCut)
      this.#repair(
        'truncated-pixels',
        `The file ends inside the pixel data: ${present} of ${length} bytes are there.`,
        tag,
        offset,
      );
    if (length % 2 === 1)
      this.#repair('odd-length', `The pixel data has an odd length of ${length} bytes.`, tag, offset);
    this.pixels = { tag, vr, offset, length: present, isCut };
    if (present > 0) dataset[tag] = { vr, BulkDataURI: `bulkdata:${offset}/${present}` };
    else dataset[tag] = { vr };
    return isCut ? undefined : offset + length;
  }
}

/** Reads the data set from `offset` to the end of the source. Throws ReadStop. */
export function readDataset(
  context: DatasetContext,
  offset: number,
): { dataset: DicomJson; pixels: PixelLocation | undefined } {
  const reader = new DatasetReader(context);
  const { dataset } = reader.dataset(offset, {
    charset: context.undeclared ?? charsetOf([]),
    depth: 0,
    isExplicit: context.isExplicit,
    end: context.cursor.size,
    isOpen: false,
    isSigned: false,
  });
  return { dataset, pixels: reader.pixels };
}
