// Writes data sets as DICOM files (PS3.10 7, PS3.5 7) for tests and demo studies: explicit and implicit VR, both byte
// orders, sequences, native and encapsulated pixel data. It writes what it is told, also nonsense.

export type Values = readonly (string | number)[];
/** One element: its VR and what it holds. Strings are written as UTF-8, padded to even length. */
export type Element =
  { vr: string; values: Values } | { vr: string; bytes: Uint8Array } | { vr: 'SQ'; items: Dataset[] };
/** Elements by tag, eight hex digits. */
export type Dataset = Record<string, Element>;

export interface WriteOptions {
  transferSyntaxUid?: string;
  /** Encapsulated pixel data: fragments of each frame. */
  frames?: readonly (readonly Uint8Array[])[];
  /** Basic Offset Table with encapsulated frames; default true. */
  hasOffsetTable?: boolean;
  hasPreamble?: boolean;
  hasMeta?: boolean;
  /** Sequences and items with delimiters instead of lengths. */
  hasUndefinedLengths?: boolean;
}

const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const NUMBER_BYTES: Record<string, number> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8, AT: 4 };
const IMPLICIT = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const EXPLICIT = '1.2.840.10008.1.2.1';

/** UTF-8 without a host's TextEncoder. */
export function utf8(text: string): Uint8Array {
  const escaped = unescape(encodeURIComponent(text));
  return Uint8Array.from(escaped, (character) => character.charCodeAt(0));
}

export const text = (vr: string, ...values: string[]): Element => ({ vr, values });
export const numbers = (vr: string, ...values: number[]): Element => ({ vr, values });
export const binary = (vr: string, bytes: Uint8Array): Element => ({ vr, bytes });
export const sequence = (...items: Dataset[]): Element => ({ vr: 'SQ', items });

/** Bytes in order, joined at the end. */
class Writer {
  readonly #parts: Uint8Array[] = [];
  length = 0;
  push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.length += bytes.length;
  }
  joined(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

interface Encoding {
  isExplicit: boolean;
  isLittle: boolean;
  hasUndefinedLengths: boolean;
}

function integer(value: number, size: 2 | 4, isLittle: boolean): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (size === 2) view.setUint16(0, value, isLittle);
  else view.setUint32(0, value, isLittle);
  return bytes;
}

function valueBytes(element: Exclude<Element, { items: Dataset[] }>, isLittle: boolean): Uint8Array {
  if ('bytes' in element) return element.bytes;
  const { vr, values } = element;
  const size = NUMBER_BYTES[vr];
  if (size === undefined) return utf8(values.join('\\'));
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => writeNumber(view, index * size, vr, value, isLittle));
  return bytes;
}

function writeNumber(view: DataView, at: number, vr: string, value: string | number, isLittle: boolean): void {
  const number = Number(value);
  if (vr === 'US') view.setUint16(at, number, isLittle);
  else if (vr === 'SS') view.setInt16(at, number, isLittle);
  else if (vr === 'UL') view.setUint32(at, number, isLittle);
  else if (vr === 'SL') view.setInt32(at, number, isLittle);
  else if (vr === 'FL') view.setFloat32(at, number, isLittle);
  else if (vr === 'FD') view.setFloat64(at, number, isLittle);
  else {
    view.setUint16(at, Number.parseInt(String(value).slice(0, 4), 16), isLittle);
    view.setUint16(at + 2, Number.parseInt(String(value).slice(4), 16), isLittle);
  }
}

function padded(bytes: Uint8Array, vr: string): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const out = new Uint8Array(bytes.length + 1);
  out.set(bytes);
  out[bytes.length] = vr === 'UI' || vr.startsWith('O') || vr === 'UN' ? 0 : 0x20;
  return out;
}

function writeHeader(out: Writer, tag: string, vr: string, length: number, encoding: Encoding): void {
  const { isExplicit, isLittle } = encoding;
  out.push(integer(Number.parseInt(tag.slice(0, 4), 16), 2, isLittle));
  out.push(integer(Number.parseInt(tag.slice(4), 16), 2, isLittle));
  if (!isExplicit || vr === '') return out.push(integer(length, 4, isLittle));
  out.push(utf8(vr));
  if (!LONG_VRS.has(vr)) return out.push(integer(length, 2, isLittle));
  out.push(new Uint8Array(2));
  out.push(integer(length, 4, isLittle));
}

function writeDataset(out: Writer, dataset: Dataset, encoding: Encoding): void {
  for (const tag of Object.keys(dataset).sort()) {
    const element = dataset[tag];
    if (!element) continue;
    if ('items' in element) writeSequence(out, tag, element.items, encoding);
    else {
      const bytes = padded(valueBytes(element, encoding.isLittle), element.vr);
      writeHeader(out, tag, element.vr, bytes.length, encoding);
      out.push(bytes);
    }
  }
}

function writeSequence(out: Writer, tag: string, items: readonly Dataset[], encoding: Encoding): void {
  const isOpen = encoding.hasUndefinedLengths;
  const body = new Writer();
  for (const item of items) {
    const inner = new Writer();
    writeDataset(inner, item, encoding);
    writeHeader(body, 'FFFEE000', '', isOpen ? 0xffffffff : inner.length, encoding);
    body.push(inner.joined());
    if (isOpen) writeHeader(body, 'FFFEE00D', '', 0, encoding);
  }
  writeHeader(out, tag, 'SQ', isOpen ? 0xffffffff : body.length, encoding);
  out.push(body.joined());
  if (isOpen) writeHeader(out, 'FFFEE0DD', '', 0, encoding);
}

function writeFrames(
  out: Writer,
  frames: readonly (readonly Uint8Array[])[],
  hasOffsetTable: boolean,
  encoding: Encoding,
): void {
  writeHeader(out, '7FE00010', 'OB', 0xffffffff, encoding);
  const offsets: number[] = [];
  const body = new Writer();
  for (const fragments of frames) {
    offsets.push(body.length);
    for (const fragment of fragments) {
      const bytes = padded(fragment, 'OB');
      writeHeader(body, 'FFFEE000', '', bytes.length, encoding);
      body.push(bytes);
    }
  }
  writeHeader(out, 'FFFEE000', '', hasOffsetTable ? offsets.length * 4 : 0, encoding);
  if (hasOffsetTable) for (const offset of offsets) out.push(integer(offset, 4, encoding.isLittle));
  out.push(body.joined());
  writeHeader(out, 'FFFEE0DD', '', 0, encoding);
}

/** A DICOM file of this data set. */
export function writeFile(dataset: Dataset, options: WriteOptions = {}): Uint8Array<ArrayBuffer> {
  const {
    transferSyntaxUid = EXPLICIT,
    hasPreamble = true,
    hasMeta = true,
    hasUndefinedLengths = false,
    hasOffsetTable = true,
  } = options;
  const out = new Writer();
  if (hasPreamble) {
    out.push(new Uint8Array(128));
    out.push(utf8('DICM'));
  }
  if (hasMeta) writeMeta(out, dataset, transferSyntaxUid);
  const encoding: Encoding = {
    isExplicit: transferSyntaxUid !== IMPLICIT,
    isLittle: transferSyntaxUid !== BIG_ENDIAN,
    hasUndefinedLengths,
  };
  writeDataset(out, dataset, encoding);
  if (options.frames) writeFrames(out, options.frames, hasOffsetTable, encoding);
  return out.joined();
}

function writeMeta(out: Writer, dataset: Dataset, transferSyntaxUid: string): void {
  const uid = (tag: string): string => {
    const element = dataset[tag];
    return element && 'values' in element ? String(element.values[0] ?? '') : '';
  };
  const encoding: Encoding = { isExplicit: true, isLittle: true, hasUndefinedLengths: false };
  const body = new Writer();
  writeDataset(
    body,
    {
      '00020001': binary('OB', Uint8Array.from([0, 1])),
      '00020002': text('UI', uid('00080016')),
      '00020003': text('UI', uid('00080018')),
      '00020010': text('UI', transferSyntaxUid),
      '00020012': text('UI', '2.25.142404209230011450914720230302817034851'),
      '00020013': text('SH', 'LECTERN_TEST'),
    },
    encoding,
  );
  writeDataset(out, { '00020000': numbers('UL', body.length) }, encoding);
  out.push(body.joined());
}
