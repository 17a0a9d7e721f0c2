// Preamble and file meta information (PS3.10 7.1), and how the data set behind them is really encoded: the declared
// transfer syntax is believed only as far as the first elements bear it out.
import type { ByteCursor } from './byte-cursor.ts';
import { readMetaGroup } from './read-meta-group.ts';
import { isVr } from './value-representations.ts';
import {
  EXPLICIT_BIG,
  EXPLICIT_LITTLE,
  IMPLICIT_LITTLE,
  isDeflated,
  isEncapsulated,
  transferSyntaxName,
} from './transfer-syntaxes.ts';
import type { DicomJson, Repair } from './model.ts';

export interface FileHead {
  meta: DicomJson;
  transferSyntaxUid: string;
  datasetOffset: number;
  isExplicit: boolean;
  isBigEndian: boolean;
  /** The file says DICM, or has a file meta group. */
  hasMagic: boolean;
}

const magicAt = (cursor: ByteCursor, offset: number): boolean =>
  cursor.has(offset, 4) &&
  cursor.u8(offset) === 0x44 &&
  cursor.u8(offset + 1) === 0x49 &&
  cursor.u8(offset + 2) === 0x43 &&
  cursor.u8(offset + 3) === 0x4d;

/** An element of group 0002 with its VR: two small numbers alone also stand in the middle of other values. */
const isMetaAt = (cursor: ByteCursor, at: number): boolean =>
  cursor.has(at, 12) && cursor.u16(at) === 2 && cursor.u16(at + 2) <= 0x0102 && isVr(cursor.vr(at + 4));

/** Leaves the cursor in little endian byte order. */
export function readFileHead(cursor: ByteCursor, repairs: Repair[]): FileHead | undefined {
  let start = 0;
  let hasMagic = false;
  if (magicAt(cursor, 128)) {
    start = 132;
    hasMagic = true;
  } else if (magicAt(cursor, 0)) {
    start = 4;
    hasMagic = true;
    repairs.push({ code: 'missing-preamble', detail: 'The 128 bytes before "DICM" are missing.' });
  } else if (cursor.has(0, 8) && cursor.u16(0) === 2 && cursor.u16(2) <= 0x0102) {
    hasMagic = true;
    repairs.push({ code: 'missing-preamble', detail: 'Preamble and "DICM" are missing.' });
  } else {
    // The four letters may be missing or spoilt while the file meta information stands where it should.
    const found = [132, 128].find((at) => isMetaAt(cursor, at));
    if (found !== undefined) {
      start = found;
      hasMagic = true;
      repairs.push({ code: 'missing-preamble', detail: 'After the preamble something else stands than "DICM".' });
    }
  }
  const { meta, end } = readMetaGroup(cursor, start, repairs);
  const declared = meta['00020010']?.Value?.[0];
  const declaredUid = typeof declared === 'string' ? declared : '';
  if (isDeflated(declaredUid) && !isPlainAt(cursor, end)) {
    return { meta, transferSyntaxUid: declaredUid, datasetOffset: end, isExplicit: true, isBigEndian: false, hasMagic };
  }
  const seen = encodingAt(cursor, end);
  if (!seen) {
    if (!hasMagic) return undefined;
    return {
      meta,
      transferSyntaxUid: declaredUid || EXPLICIT_LITTLE,
      datasetOffset: end,
      isExplicit: declaredUid !== IMPLICIT_LITTLE,
      isBigEndian: declaredUid === EXPLICIT_BIG,
      hasMagic,
    };
  }
  if (Object.keys(meta).length === 0)
    repairs.push({
      code: 'missing-meta',
      detail: 'The file meta information is missing; the encoding was told from the data set.',
    });
  return {
    meta,
    datasetOffset: end,
    hasMagic,
    ...seen,
    ...agreed(declaredUid, seen, repairs, Object.keys(meta).length > 0),
  };
}

/** A data set that is said to be deflated and is not: no deflated one begins with an element of group 0008. */
const isPlainAt = (cursor: ByteCursor, at: number): boolean =>
  cursor.has(at, 8) && cursor.u16(at) === 8 && isVr(cursor.vr(at + 4));

interface Encoding {
  isExplicit: boolean;
  isBigEndian: boolean;
}

/** How the element at `offset` is encoded; undefined when no data set can begin there. */
function encodingAt(cursor: ByteCursor, offset: number): Encoding | undefined {
  if (!cursor.has(offset, 8)) return undefined;
  const vr = cursor.vr(offset + 4);
  cursor.isBigEndian = false;
  const group = cursor.u16(offset);
  cursor.isBigEndian = true;
  const groupBig = cursor.u16(offset);
  cursor.isBigEndian = false;
  const isPlausible = (value: number): boolean =>
    value >= 4 &&
    value <= 0x7fe0 &&
    (value <= 0x28 || value === 0x32 || value === 0x38 || value === 0x40 || (value & 1) === 1);
  if (isVr(vr))
    return isPlausible(group) || !isPlausible(groupBig)
      ? group >= 4
        ? { isExplicit: true, isBigEndian: false }
        : undefined
      : { isExplicit: true, isBigEndian: true };
  const length = cursor.u32(offset + 4);
  const remaining = cursor.size - offset - 8;
  if (isPlausible(group) && (group & 1) === 0 && (length === 0xffffffff || length <= remaining) && length < 0x10000)
    return { isExplicit: false, isBigEndian: false };
  // A wrong VR in the very first element: letters that are no VR, yet a plausible tag.
  if (isPlausible(group) && /^[A-Za-z?]{2}$/.test(vr)) return { isExplicit: true, isBigEndian: false };
  return undefined;
}

/** The transfer syntax to go by, from the declared one and what was seen. */
function agreed(declared: string, seen: Encoding, repairs: Repair[], hasMeta: boolean): { transferSyntaxUid: string } {
  const seenUid = !seen.isExplicit ? IMPLICIT_LITTLE : seen.isBigEndian ? EXPLICIT_BIG : EXPLICIT_LITTLE;
  if (declared === '') {
    if (hasMeta)
      repairs.push({
        code: 'wrong-transfer-syntax',
        detail: `No transfer syntax is stated; the data set reads as ${transferSyntaxName(seenUid)}.`,
        tag: '00020010',
      });
    return { transferSyntaxUid: seenUid };
  }
  const declaredEncoding: Encoding = {
    isExplicit: declared !== IMPLICIT_LITTLE,
    isBigEndian: declared === EXPLICIT_BIG,
  };
  const isSame = declaredEncoding.isExplicit === seen.isExplicit && declaredEncoding.isBigEndian === seen.isBigEndian;
  if (isSame && !isDeflated(declared)) {
    return { transferSyntaxUid: declared };
  }
  repairs.push({
    code: 'wrong-transfer-syntax',
    detail: `The file states ${transferSyntaxName(declared)}, but the data set reads as ${transferSyntaxName(seenUid)}.`,
    tag: '00020010',
  });
  return { transferSyntaxUid: isEncapsulated(declared) && !isDeflated(declared) ? declared : seenUid };
}
