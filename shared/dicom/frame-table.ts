// Where each frame lies (PS3.5 8, A.4): native frames by their size, encapsulated ones by Extended or Basic Offset Table,
// by one fragment each, or by the marks of the codec where there is no table.
import type { ByteCursor } from './byte-cursor.ts';
import { wordBytes } from './element-values.ts';
import { bytesOf } from './json-values.ts';
import type { PixelLocation } from './read-dataset.ts';
import { isSubsampled } from './subsampling.ts';
import {
  EXPLICIT_LITTLE,
  isEncapsulated,
  isKnownTransferSyntax,
  isVideo,
  RLE,
  transferSyntaxName,
} from './transfer-syntaxes.ts';
import type { DicomJson, Fragment, FrameTable, Repair } from './model.ts';

interface Framed {
  table: FrameTable;
  transferSyntaxUid: string;
}

const numberOf = (dataset: DicomJson, tag: string): number | undefined => {
  const value = dataset[tag]?.Value?.[0];
  return typeof value === 'number' ? value : undefined;
};

const MAX_FRAMES = 1_000_000;

/** Number of Frames (0028,0008); 1 when absent; undefined when it is nonsense. */
export function statedFrames(dataset: DicomJson): number | undefined {
  const element = dataset['00280008'];
  if (!element?.Value?.length) return 1;
  const count = numberOf(dataset, '00280008');
  return count !== undefined && Number.isInteger(count) && count >= 1 && count <= MAX_FRAMES ? count : undefined;
}

export function frameTableOf(
  cursor: ByteCursor,
  dataset: DicomJson,
  pixels: PixelLocation | undefined,
  transferSyntaxUid: string,
  repairs: Repair[],
): Framed {
  if (!pixels) return { table: { kind: 'none' }, transferSyntaxUid };
  if (pixels.length !== undefined) {
    const isWrong = isEncapsulated(transferSyntaxUid);
    if (isWrong) {
      repairs.push({
        code: 'wrong-transfer-syntax',
        detail: `The file states ${transferSyntaxName(transferSyntaxUid)}, but its pixel data is not encapsulated.`,
        tag: '00020010',
      });
    }
    const table = nativeTable(dataset, pixels, pixels.length, cursor.isBigEndian, repairs);
    return { table, transferSyntaxUid: isWrong ? EXPLICIT_LITTLE : transferSyntaxUid };
  }
  const fragments = fragmentsOf(cursor, pixels);
  const table = encapsulatedTable(cursor, dataset, pixels, fragments, transferSyntaxUid, repairs);
  const sniffed = sniffSyntax(cursor, fragments[1] ?? fragments[0]);
  if (
    isEncapsulated(transferSyntaxUid) &&
    (sniffed === undefined ||
      familyOf(sniffed) === familyOf(transferSyntaxUid) ||
      familyOf(transferSyntaxUid) === 'other')
  ) {
    return { table, transferSyntaxUid };
  }
  const detail = sniffed
    ? `The file states ${transferSyntaxName(transferSyntaxUid)}, but its pixel data is encapsulated and reads as ${transferSyntaxName(sniffed)}.`
    : `The file states ${transferSyntaxName(transferSyntaxUid)}, but its pixel data is encapsulated in a form that was not recognised.`;
  repairs.push({ code: 'wrong-transfer-syntax', detail, tag: '00020010' });
  return { table, transferSyntaxUid: sniffed ?? transferSyntaxUid };
}

function nativeTable(
  dataset: DicomJson,
  pixels: PixelLocation,
  present: number,
  isBigEndian: boolean,
  repairs: Repair[],
): FrameTable {
  const rows = numberOf(dataset, '00280010') ?? 0;
  const columns = numberOf(dataset, '00280011') ?? 0;
  const samples = numberOf(dataset, '00280002') ?? 1;
  const bits = numberOf(dataset, '00280100') ?? 0;
  const wanted = statedFrames(dataset);
  const wholeBits = rows * columns * bits * samples;
  let frameBits = wholeBits;
  if (isSubsampled(dataset['00280004']?.Value?.[0], samples)) {
    // Written by many who decompressed: all three samples of each pixel, the photometric interpretation left as it was.
    const isWhole = wanted !== undefined && [0, 1].includes(present - Math.ceil((wholeBits * wanted) / 8));
    if (isWhole)
      repairs.push({
        code: 'pixel-length-mismatch',
        detail: 'Stated as two samples for each pixel, the pixel data holds three; it was read as that.',
        tag: pixels.tag,
        offset: pixels.offset,
      });
    else frameBits = (wholeBits / 3) * 2;
  }
  if (frameBits <= 0 || !Number.isSafeInteger(frameBits)) {
    repairs.push({
      code: 'pixel-length-mismatch',
      detail: 'Rows, columns or bits are missing or zero: the pixel data cannot be cut into frames.',
      tag: pixels.tag,
    });
    return { kind: 'none' };
  }
  const fitting = Math.floor((present * 8) / frameBits);
  const count = Math.min(wanted ?? Math.max(1, fitting), MAX_FRAMES);
  if (wanted === undefined)
    repairs.push({
      code: 'frame-count-guessed',
      detail: `The number of frames is not valid; the pixel data holds ${fitting}.`,
      tag: '00280008',
    });
  const expected = Math.ceil((frameBits * count) / 8);
  if (!pixels.isCut && present !== expected + (expected % 2)) {
    const isShort = present < expected;
    const isPadded = !isShort && present === expected;
    if (!isPadded) {
      repairs.push({
        code: isShort ? 'truncated-pixels' : 'pixel-length-mismatch',
        detail: `The pixel data has ${present} bytes where ${expected} belong.`,
        tag: pixels.tag,
        offset: pixels.offset,
      });
    }
  }
  const vr =
    pixels.tag === '7FE00008'
      ? 'OF'
      : pixels.tag === '7FE00009'
        ? 'OD'
        : bits > 8
          ? bits > 16
            ? 'OL'
            : 'OW'
          : pixels.vr;
  return {
    kind: 'native',
    offset: pixels.offset,
    length: present,
    count,
    frameBits,
    bigEndianWordBytes: isBigEndian ? wordBytes(vr) : 1,
  };
}

/** All fragments in file order; the first is the Basic Offset Table. */
function fragmentsOf(cursor: ByteCursor, pixels: PixelLocation): Fragment[] {
  const fragments: Fragment[] = [];
  let at = pixels.offset;
  while (cursor.has(at, 8) && cursor.u16(at) === 0xfffe && cursor.u16(at + 2) === 0xe000) {
    const length = Math.min(cursor.u32(at + 4), cursor.size - at - 8);
    fragments.push({ offset: at + 8, length });
    at += 8 + length;
  }
  return fragments;
}

function encapsulatedTable(
  cursor: ByteCursor,
  dataset: DicomJson,
  pixels: PixelLocation,
  all: readonly Fragment[],
  transferSyntaxUid: string,
  repairs: Repair[],
): FrameTable {
  const [table, ...data] = all;
  const wanted = statedFrames(dataset);
  if (!table || !data.length) {
    repairs.push({ code: 'truncated-pixels', detail: 'The pixel data holds no fragment.', tag: pixels.tag });
    return { kind: 'encapsulated', frames: [] };
  }
  const count = wanted ?? data.length;
  if (wanted === undefined)
    repairs.push({
      code: 'frame-count-guessed',
      detail: `The number of frames is not valid; ${data.length} fragments are there.`,
      tag: '00280008',
    });
  // Its frames are no pieces of the file: the table holds the stream as one, whatever Number of Frames says.
  if (isVideo(transferSyntaxUid)) return checked([[...data]], 1, pixels, repairs);
  if (count === 1) return checked([[...data]], 1, pixels, repairs);
  const starts = extendedStarts(cursor, dataset, count) ?? basicStarts(cursor, table);
  if (starts) {
    const frames = groupByStarts(starts, data, (data[0]?.offset ?? 0) - 8);
    if (frames && frames.length >= Math.min(count, 1) && (frames.length === count || pixels.isCut))
      return checked(frames, count, pixels, repairs);
    repairs.push({
      code: 'offset-table-wrong',
      detail: 'The offset table does not fit the fragments; the frames were found without it.',
      tag: pixels.tag,
    });
  }
  return checked(
    groupWithoutTable(cursor, withoutEmpty(data, count, pixels, repairs), count, transferSyntaxUid),
    count,
    pixels,
    repairs,
  );
}

/** A fragment without a byte is no frame, unless the number of frames counts it. */
function withoutEmpty(
  data: readonly Fragment[],
  count: number,
  pixels: PixelLocation,
  repairs: Repair[],
): readonly Fragment[] {
  const filled = data.filter(({ length }) => length > 0);
  if (data.length === count || filled.length === data.length || filled.length === 0) return data;
  repairs.push({
    code: 'pixel-length-mismatch',
    detail: `Of the ${data.length} fragments of the pixel data ${filled.length} hold bytes; the frames are those.`,
    tag: pixels.tag,
    offset: pixels.offset,
  });
  return filled;
}

function checked(frames: Fragment[][], count: number, pixels: PixelLocation, repairs: Repair[]): FrameTable {
  if (frames.length < count && !pixels.isCut) {
    repairs.push({
      code: 'truncated-pixels',
      detail: `${frames.length} of ${count} frames are there.`,
      tag: pixels.tag,
    });
  } else if (frames.length > count) {
    repairs.push({
      code: 'frame-count-guessed',
      detail: `${frames.length} frames were found where ${count} are stated; the stated ones are shown.`,
      tag: '00280008',
    });
  }
  const shown = frames.slice(0, count);
  const empty = shown.flatMap((parts, index) => (parts.some(({ length }) => length > 0) ? [] : index + 1));
  if (empty.length > 0 && !pixels.isCut)
    repairs.push({
      code: 'truncated-pixels',
      detail: `${framesNamed(empty)} of ${shown.length} ${empty.length === 1 ? 'has' : 'have'} no bytes and cannot be shown.`,
      tag: pixels.tag,
      offset: pixels.offset,
    });
  return { kind: 'encapsulated', frames: shown };
}

const MOST_NAMED = 5;
const framesNamed = (numbers: readonly number[]): string =>
  `${numbers.length === 1 ? 'Frame' : 'Frames'} ${numbers.slice(0, MOST_NAMED).join(', ')}${numbers.length > MOST_NAMED ? ` and ${numbers.length - MOST_NAMED} more` : ''}`;

/** Extended Offset Table (7FE0,0001), 64-bit offsets from the first fragment's item tag (PS3.3 C.7.6.3.1.8). */
function extendedStarts(cursor: ByteCursor, dataset: DicomJson, count: number): number[] | undefined {
  const value = dataset['7FE00001'];
  if (!value) return undefined;
  const numbers = value.Value?.map(Number);
  if (numbers?.length) return numbers;
  const bytes = bytesOf(dataset, '7FE00001') ?? longValue(cursor, value.BulkDataURI);
  if (!bytes || bytes.length < count * 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => Number(view.getBigUint64(i * 8, true)));
}

/** Bytes of a value that the data set only points at. */
function longValue(cursor: ByteCursor, uri: string | undefined): Uint8Array | undefined {
  const [, offset, length] = /^bulkdata:(\d+)\/(\d+)$/.exec(uri ?? '') ?? [];
  if (offset === undefined || length === undefined || Number(length) > MAX_FRAMES * 8) return undefined;
  return cursor.bytes(Number(offset), Number(length)).slice();
}

function basicStarts(cursor: ByteCursor, table: Fragment): number[] | undefined {
  if (table.length < 4 || table.length % 4 !== 0) return undefined;
  const starts: number[] = [];
  for (let at = 0; at < table.length; at += 4) starts.push(cursor.u32(table.offset + at));
  return starts;
}

/** Fragments grouped by frame starts (offsets from the first data fragment's item tag); undefined where a start is none. */
function groupByStarts(starts: readonly number[], data: readonly Fragment[], base: number): Fragment[][] | undefined {
  const byStart = new Map(data.map((fragment, index) => [fragment.offset - 8 - base, index]));
  const frames: Fragment[][] = [];
  for (const [index, start] of starts.entries()) {
    const from = byStart.get(start);
    const to = index + 1 < starts.length ? byStart.get(starts[index + 1] ?? -1) : data.length;
    if (from === undefined || to === undefined || to <= from) return undefined;
    frames.push(data.slice(from, to));
  }
  return starts[0] === 0 ? frames : undefined;
}

function groupWithoutTable(
  cursor: ByteCursor,
  data: readonly Fragment[],
  count: number,
  transferSyntaxUid: string,
): Fragment[][] {
  if (data.length === count || transferSyntaxUid === RLE) return data.map((fragment) => [fragment]);
  // A frame begins where a codestream begins: JPEG family FF D8, JPEG 2000 FF 4F, JP2 box.
  const frames: Fragment[][] = [];
  for (const fragment of data) {
    if (beginsCodestream(cursor, fragment) || !frames.length) frames.push([fragment]);
    else frames.at(-1)?.push(fragment);
  }
  return frames;
}

function beginsCodestream(cursor: ByteCursor, { offset, length }: Fragment): boolean {
  if (length < 4) return false;
  const first = (cursor.u8(offset) << 8) | cursor.u8(offset + 1);
  return first === 0xffd8 || first === 0xff4f || first === 0xff0a || (first === 0 && cursor.u8(offset + 3) === 0x0c);
}

/** Transfer syntax that a fragment's first bytes speak for; undefined when they speak for none. */
function sniffSyntax(cursor: ByteCursor, fragment: Fragment | undefined): string | undefined {
  if (!fragment || fragment.length < 64) return undefined;
  const { offset, length } = fragment;
  const first = (cursor.u8(offset) << 8) | cursor.u8(offset + 1);
  if (first === 0xff4f) return '1.2.840.10008.1.2.4.91';
  if (first !== 0xffd8) return isRleHeader(cursor, offset) ? RLE : undefined;
  for (let at = offset + 2; at + 4 < offset + Math.min(length, 65536);) {
    if (cursor.u8(at) !== 0xff) return undefined;
    const marker = cursor.u8(at + 1);
    if (marker === 0xc0) return '1.2.840.10008.1.2.4.50';
    if (marker === 0xc1) return '1.2.840.10008.1.2.4.51';
    if (marker === 0xc3) return '1.2.840.10008.1.2.4.57';
    if (marker === 0xf7) return '1.2.840.10008.1.2.4.81';
    at += 2 + ((cursor.u8(at + 2) << 8) | cursor.u8(at + 3));
  }
  return undefined;
}

/** Codecs whose codestreams begin alike; 'other' begins in ways not looked at here. */
function familyOf(transferSyntaxUid: string): string {
  if (transferSyntaxUid === RLE) return 'rle';
  if (!isKnownTransferSyntax(transferSyntaxUid)) return 'unknown';
  const end = Number(transferSyntaxUid.replace('1.2.840.10008.1.2.4.', ''));
  if (end >= 50 && end <= 51) return 'jpeg';
  if (end === 57 || end === 70) return 'jpeg-lossless';
  if (end === 80 || end === 81) return 'jpeg-ls';
  if ((end >= 90 && end <= 93) || (end >= 201 && end <= 203)) return 'j2k';
  return 'other';
}

/** Segment count 1 to 15 and a first offset of 64 (PS3.5 G.5). */
function isRleHeader(cursor: ByteCursor, offset: number): boolean {
  const segments = cursor.u8(offset) | (cursor.u8(offset + 1) << 8);
  return segments >= 1 && segments <= 15 && cursor.u8(offset + 4) === 64 && cursor.u8(offset + 5) === 0;
}
