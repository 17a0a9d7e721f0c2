// Typed values out of DICOM JSON; undefined wherever the attribute is absent or not of that kind.
import { trimmedEnd } from '../base/trimmed-end.ts';
import type { DicomJson, PersonNameJson } from './model.ts';

export function numbersOf(dataset: DicomJson | undefined, tag: string): number[] | undefined {
  const values = dataset?.[tag]?.Value;
  if (!values?.length) return undefined;
  const found = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value));
  return found.length === values.length ? found : undefined;
}

export const numberOf = (dataset: DicomJson | undefined, tag: string): number | undefined => {
  const value = dataset?.[tag]?.Value?.[0];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

export function textsOf(dataset: DicomJson | undefined, tag: string): string[] {
  return (dataset?.[tag]?.Value ?? []).map((value) =>
    typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '',
  );
}

export const textOf = (dataset: DicomJson | undefined, tag: string): string | undefined =>
  textsOf(dataset, tag)[0] || undefined;

/** Whether an answer belongs to this UID, as far as it says: some systems pass over keys, and list what belongs to others too. */
export const belongsTo = (dataset: DicomJson, tag: string, uid: string | undefined): boolean =>
  uid === undefined || (textOf(dataset, tag) ?? uid) === uid;

export function itemsOf(dataset: DicomJson | undefined, tag: string): DicomJson[] {
  const element = dataset?.[tag];
  if (element?.vr !== 'SQ') return [];
  return (element.Value ?? []).filter((value): value is DicomJson => typeof value === 'object' && value !== null);
}

/** Component groups joined by '=' (PS3.5 6.2.1). */
export function personNameOf(dataset: DicomJson | undefined, tag: string): string {
  const value = dataset?.[tag]?.Value?.[0];
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : '';
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as PersonNameJson;
  return trimmedEnd(`${Alphabetic}=${Ideographic}=${Phonetic}`, '=');
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes of an inline binary value. */
export function bytesOf(dataset: DicomJson | undefined, tag: string): Uint8Array<ArrayBuffer> | undefined {
  const text = dataset?.[tag]?.InlineBinary;
  if (text === undefined) return undefined;
  const clean = text.replace(/=+$/, '');
  const out = new Uint8Array(Math.floor((clean.length * 3) / 4));
  let bits = 0;
  let word = 0;
  let at = 0;
  for (const character of clean) {
    word = ((word << 6) | BASE64.indexOf(character)) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (word >> bits) & 0xff;
  }
  return out;
}

/** 16-bit words of a look-up table, whether it came as numbers (US, SS) or as bytes (OW). */
export function wordsOf(dataset: DicomJson | undefined, tag: string): Uint16Array | undefined {
  const numbers = numbersOf(dataset, tag);
  if (numbers) return Uint16Array.from(numbers, (value) => value & 0xffff);
  const bytes = bytesOf(dataset, tag);
  return bytes && bytes.length >= 2 ? new Uint16Array(bytes.buffer, 0, bytes.length >> 1) : undefined;
}
