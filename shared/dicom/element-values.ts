// Values of one element as DICOM JSON (PS3.18 F.2): text split and trimmed, numbers read, binary as base64.
import { trimmedEnd } from '../base/trimmed-end.ts';
import { asciiText, type Charset } from './charset.ts';
import type { DicomJsonElement, JsonValue, TagKey } from './model.ts';
import { parsePersonName } from './person-name.ts';
import { tagKey } from './tag-key.ts';

/** Text whose characters depend on Specific Character Set (PS3.5 6.1.2.2). */
const CHARSET_VRS = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** One value, backslashes belong to it, leading spaces count. */
const TEXT_VRS = new Set(['LT', 'ST', 'UT', 'UR']);
const STRING_VRS = new Set(['AE', 'AS', 'CS', 'DA', 'DT', 'TM', 'UI', 'LO', 'SH', 'UC', 'PN', 'DS', 'IS', ...TEXT_VRS]);

const NUMBER_BYTES: Record<string, number> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8, SV: 8, UV: 8, AT: 4 };

export const isString = (vr: string): boolean => STRING_VRS.has(vr);
export const isNumber = (vr: string): boolean => NUMBER_BYTES[vr] !== undefined;
/** Bytes of one number of a binary VR, for its place and its byte order. */
export const wordBytes = (vr: string): 1 | 2 | 4 | 8 => {
  if (vr === 'OW' || vr === 'US' || vr === 'SS') return 2;
  if (vr === 'OL' || vr === 'OF' || vr === 'UL' || vr === 'SL' || vr === 'FL') return 4;
  return vr === 'OV' || vr === 'OD' || vr === 'SV' || vr === 'UV' || vr === 'FD' ? 8 : 1;
};

export interface ReadValue {
  element: DicomJsonElement;
  /** What was wrong with the value, if something was. */
  defect?: string;
  /** Some of its bytes are no characters of its set. */
  isUnfit?: true;
}

/** What was read last for each tag: files of a series say the same in most of their elements. Who makes something of an element can
 * know it again. Frozen, since several data sets have it. */
const last = new Map<TagKey, { vr: string; text: string; element: DicomJsonElement }>();
const MOST_REMEMBERED = 1000;
const MOST_REMEMBERED_CHARACTERS = 128;

export function readString(tag: TagKey, vr: string, bytes: Uint8Array, charset: Charset): ReadValue {
  const hasCharset = CHARSET_VRS.has(vr);
  const text = hasCharset ? charset.decode(bytes, vr) : asciiText(bytes);
  if (hasCharset && BEYOND_ASCII.test(text) && (charset.isGuess?.(bytes) === true || isUnfit(bytes, text)))
    return { ...valuesOf(vr, text), isUnfit: true };
  if (text.length > MOST_REMEMBERED_CHARACTERS) return valuesOf(vr, text);
  const known = last.get(tag);
  if (known?.text === text && known.vr === vr) return known;
  const read = valuesOf(vr, text);
  if (read.defect === undefined) {
    if (last.size >= MOST_REMEMBERED) last.clear();
    last.set(tag, { vr, text, element: frozen(read.element) });
  }
  return read;
}

function frozen(element: DicomJsonElement): DicomJsonElement {
  element.Value?.forEach(Object.freeze);
  Object.freeze(element.Value);
  return Object.freeze(element);
}

/** A decoder puts U+FFFD for what does not fit; text may hold that itself, which in UTF-8 are these bytes. */
function isUnfit(bytes: Uint8Array, text: string): boolean {
  if (!text.includes(REPLACEMENT)) return false;
  return text.split(REPLACEMENT).length > asciiText(bytes).split('\xEF\xBF\xBD').length;
}
// oxlint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\0-\x1a\x1c-\x7f]/;
const REPLACEMENT = '\uFFFD';

function valuesOf(vr: string, text: string): ReadValue {
  if (TEXT_VRS.has(vr)) {
    const value = trimmedEnd(text, PADDING);
    return { element: value === '' ? { vr } : { vr, Value: [value] } };
  }
  if (!text.includes('\\') && isEmpty(vr, trimmed(text))) return { element: { vr } };
  const element = { vr, Value: [] as JsonValue[] };
  let defect: string | undefined;
  for (const untrimmed of text.split('\\')) {
    const part = trimmed(untrimmed);
    if (isEmpty(vr, part)) element.Value.push(null);
    else if (vr === 'PN') element.Value.push(parsePersonName(part));
    else if (vr === 'DS' || vr === 'IS') {
      const number = numberFrom(part);
      element.Value.push(number ?? part);
      if (number === undefined) defect = `"${part.slice(0, 20)}" is no number.`;
    } else element.Value.push(part);
  }
  return defect === undefined ? { element } : { element, defect };
}

/** A name of delimiters alone says nothing. */
const isEmpty = (vr: string, part: string): boolean => part === '' || (vr === 'PN' && /^[\^= ]+$/.test(part));

/** Of a decimal or integer string (PS3.5 6.2); undefined when it is none. */
export function numberFrom(text: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

const PADDING = '\0 ';
const SPACE = 0x20;
/** Spaces and null bytes around a value are padding (PS3.5 6.2). */
function trimmed(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last === SPACE || last === 0 || text.charCodeAt(0) === SPACE
    ? trimmedEnd(text, PADDING).replace(/^ +/, '')
    : text;
}

export function readNumbers(vr: string, bytes: Uint8Array, isBigEndian: boolean): ReadValue {
  const size = NUMBER_BYTES[vr] ?? 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: JsonValue[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) values.push(readNumber(vr, view, at, !isBigEndian));
  const element: DicomJsonElement = values.length ? { vr, Value: values } : { vr };
  return bytes.length % size === 0
    ? { element }
    : { element, defect: `${bytes.length} bytes are no whole number of ${vr} values.` };
}

function readNumber(vr: string, view: DataView, at: number, isLittle: boolean): JsonValue {
  switch (vr) {
    case 'US':
      return view.getUint16(at, isLittle);
    case 'SS':
      return view.getInt16(at, isLittle);
    case 'UL':
      return view.getUint32(at, isLittle);
    case 'SL':
      return view.getInt32(at, isLittle);
    case 'FL':
      return finite(view.getFloat32(at, isLittle));
    case 'FD':
      return finite(view.getFloat64(at, isLittle));
    case 'AT':
      return tagKey(view.getUint16(at, isLittle), view.getUint16(at + 2, isLittle));
    default: {
      const big = vr === 'SV' ? view.getBigInt64(at, isLittle) : view.getBigUint64(at, isLittle);
      const number = Number(big);
      return Number.isSafeInteger(number) ? number : String(big);
    }
  }
}

/** JSON has no NaN or infinity: as text, PS3.18 F.2.2 note. */
const finite = (value: number): JsonValue =>
  Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of the value in little endian byte order. */
export function readBinary(vr: string, bytes: Uint8Array, isBigEndian: boolean): DicomJsonElement {
  if (bytes.length === 0) return { vr };
  return { vr, InlineBinary: base64(isBigEndian ? swapped(bytes, wordBytes(vr)) : bytes) };
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = bytes.slice();
  for (let at = 0; at + size <= out.length; at += size) out.subarray(at, at + size).reverse();
  return out;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += BASE64.charAt(word >> 18) + BASE64.charAt((word >> 12) & 63);
    text += b === undefined ? '=' : BASE64.charAt((word >> 6) & 63);
    text += c === undefined ? '=' : BASE64.charAt(word & 63);
  }
  return text;
}
