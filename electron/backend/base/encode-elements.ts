// Bytes of small data sets that we send: identifiers, action information (PS3.5 7). Little endian, lengths always stated.
import { IMPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import { LONG_LENGTH_VRS } from '#shared/dicom/value-representations.ts';

/** Elements by tag (eight hex digits); a value is its bytes, unpadded, or the items of a sequence. */
export type Elements = Map<string, { vr: string; value: Uint8Array | readonly Elements[] }>;

/** Elements in the order of their tags. `transferSyntaxUid`: Implicit or Explicit VR Little Endian. */
export function encodeElements(elements: Elements, transferSyntaxUid: string): Buffer {
  const isExplicit = transferSyntaxUid !== IMPLICIT_LITTLE;
  const parts: Uint8Array[] = [];
  for (const [tag, { vr, value }] of [...elements].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const body =
      value instanceof Uint8Array
        ? padded(value, vr)
        : Buffer.concat(value.map((item) => encodeItem(item, transferSyntaxUid)));
    parts.push(header(tag, vr, body.length, isExplicit), body);
  }
  return Buffer.concat(parts);
}

function encodeItem(item: Elements, transferSyntaxUid: string): Buffer {
  const body = encodeElements(item, transferSyntaxUid);
  return Buffer.concat([header('FFFEE000', '', body.length, false), body]);
}

function header(tag: string, vr: string, length: number, isExplicit: boolean): Buffer {
  const isLong = isExplicit && LONG_LENGTH_VRS.has(vr);
  const bytes = Buffer.alloc(isLong ? 12 : 8);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0);
  bytes.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2);
  if (!isExplicit) bytes.writeUInt32LE(length, 4);
  else {
    bytes.write(vr, 4, 'latin1');
    if (isLong) bytes.writeUInt32LE(length, 8);
    else bytes.writeUInt16LE(length, 6);
  }
  return bytes;
}

function padded(value: Uint8Array, vr: string): Uint8Array {
  if (value.length % 2 === 0) return value;
  return Buffer.concat([value, Buffer.from([vr === 'UI' ? 0 : 0x20])]);
}

export const uidElement = (uid: string): { vr: string; value: Uint8Array } => ({
  vr: 'UI',
  value: Buffer.from(uid, 'latin1'),
});
