// What the first bytes of a data set say of its SOP class and instance, without reading the rest (PS3.5 7.1).
import { trimmedEnd } from '#shared/base/trimmed-end.ts';
import { isDeflated, EXPLICIT_BIG, IMPLICIT_LITTLE } from '#shared/dicom/transfer-syntaxes.ts';
import { isVr, LONG_LENGTH_VRS } from '#shared/dicom/value-representations.ts';

/** Both stand within the first elements: (0008,0016), (0008,0018). Undefined where they cannot be told from here. */
export function peekUids(
  bytes: Uint8Array,
  transferSyntaxUid: string,
): { sopClassUid?: string; sopInstanceUid?: string } {
  const found: { sopClassUid?: string; sopInstanceUid?: string } = {};
  if (isDeflated(transferSyntaxUid)) return found;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = transferSyntaxUid !== EXPLICIT_BIG;
  for (let at = 0; at + 12 <= bytes.length;) {
    const tag = view.getUint16(at, isLittle) * 0x10000 + view.getUint16(at + 2, isLittle);
    if (tag > 0x00080018) break;
    const { length, offset } = lengthAt(view, at, isLittle, transferSyntaxUid === IMPLICIT_LITTLE);
    if (length === 0xffffffff || offset + length > bytes.length) break;
    const text = (): string =>
      trimmedEnd(Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1'), '\0 ');
    if (tag === 0x00080016 && length > 0) found.sopClassUid = text();
    if (tag === 0x00080018 && length > 0) found.sopInstanceUid = text();
    at = offset + length;
  }
  return found;
}

function lengthAt(
  view: DataView,
  at: number,
  isLittle: boolean,
  isImplicit: boolean,
): { length: number; offset: number } {
  const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
  if (isImplicit || !isVr(vr)) return { length: view.getUint32(at + 4, isLittle), offset: at + 8 };
  if (LONG_LENGTH_VRS.has(vr)) return { length: view.getUint32(at + 8, isLittle), offset: at + 12 };
  return { length: view.getUint16(at + 6, isLittle), offset: at + 8 };
}
