// Values of private attributes, found by their creator (PS3.5 7.8.1): as they stand, or out of bytes of an unknown VR.
import { bytesOf, numbersOf, textOf, textsOf } from './json-values.ts';
import type { DicomJson } from './model.ts';

export interface PrivateAttribute {
  /** Four hex digits, upper case. */
  group: string;
  creator: string;
  /** Two hex digits, upper case. */
  element: string;
}

/** Text of it; undefined where it is absent or empty. */
export function privateText(dataset: DicomJson, attribute: PrivateAttribute): string | undefined {
  const tag = tagIn(dataset, attribute);
  if (tag === undefined) return undefined;
  const bytes = bytesOf(dataset, tag);
  return bytes
    ? String.fromCharCode(...bytes.subarray(0, 64)).replace(/[\0 ]+$/, '') || undefined
    : textOf(dataset, tag);
}

/** Its first number. Bytes of an unknown VR are text, or with `isFloat32` a little-endian FL: private attributes in an implicit
 * VR are nothing else (PS3.5 6.2.2). */
export function privateNumber(dataset: DicomJson, attribute: PrivateAttribute, isFloat32 = false): number | undefined {
  const tag = tagIn(dataset, attribute);
  if (tag === undefined) return undefined;
  const bytes = bytesOf(dataset, tag);
  if (bytes && isFloat32)
    return bytes.length < 4 ? undefined : finite(new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true));
  if (!bytes) {
    const number = numbersOf(dataset, tag)?.[0];
    if (number !== undefined) return number;
  }
  const text = (bytes ? privateText(dataset, attribute) : textsOf(dataset, tag)[0])?.split('\\')[0]?.trim();
  return text ? finite(Number(text)) : undefined;
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

function tagIn(dataset: DicomJson, { group, creator, element }: PrivateAttribute): string | undefined {
  for (let block = 0x10; block <= 0xff; block++) {
    const name = block.toString(16).toUpperCase();
    if (textOf(dataset, `${group}00${name}`)?.trim() === creator) return `${group}${name}${element}`;
  }
  return undefined;
}
