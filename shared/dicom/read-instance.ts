// Reads the header of a DICOM file (PS3.10 7) in one pass: file meta, data set as DICOM JSON, frame table, and a record of
// everything that had to be repaired. Pixel data is located, never read. Bad input gives a Refusal, never a throw.
import { ByteCursor } from './byte-cursor.ts';
import { err, ok, type Result } from '../base/result.ts';
import { readDataset, type DatasetContext } from './read-dataset.ts';
import type { ReadBudget } from './read-budget.ts';
import { ReadStop } from './read-stop.ts';
import { readFileHead, type FileHead } from './read-file-head.ts';
import { frameTableOf, statedFrames } from './frame-table.ts';
import { shouldHavePixels } from './is-image.ts';
import { itemsOf, textOf } from './json-values.ts';
import { missingContent } from './required-content.ts';
import { isDeflated } from './transfer-syntaxes.ts';
import type { ByteSource, DicomJson, FrameTable, ParsedInstance, Refusal, Repair } from './model.ts';

export interface ReadOptions {
  /** Raw inflate with a bounded output; without it deflated files are refused. */
  inflate?: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
  /** Reads a DICOMDIR like any other data set instead of refusing it. */
  acceptDicomdir?: boolean;
  /** What it may hold; else what is usual. */
  budget?: ReadBudget;
}

const MAX_INFLATED_BYTES = 2 ** 31;
const MEDIA_STORAGE_DIRECTORY = '1.2.840.10008.1.3.10';
const REQUIRED_UIDS = ['0020000D', '0020000E', '00080018', '00080016'] as const;

/** Parses one file. Offsets in the answer count from the start of the file; in a deflated file as if the data set stood
 * there inflated. */
export function readInstance(source: ByteSource, options: ReadOptions = {}): Result<ParsedInstance, Refusal> {
  try {
    return read(source, options);
  } catch (error) {
    if (error instanceof ReadStop) return err(error.refusal);
    // A reader's own mistake on hostile bytes must not cost more than this file.
    return err({
      code: 'malformed',
      detail: `The file could not be read: ${error instanceof Error ? error.message : String(error)}.`,
    });
  }
}

function read(source: ByteSource, options: ReadOptions): Result<ParsedInstance, Refusal> {
  if (source.size === 0) return err({ code: 'empty', detail: 'The file is empty.' });
  const repairs: Repair[] = [];
  const fileCursor = new ByteCursor(source);
  const head = readFileHead(fileCursor, repairs);
  if (!head) return err({ code: 'not-dicom', detail: 'This is no DICOM file.' });
  const sopClass = head.meta['00020002']?.Value?.[0];
  if (sopClass === MEDIA_STORAGE_DIRECTORY && !options.acceptDicomdir) {
    return err({ code: 'dicomdir', detail: 'This is a DICOMDIR, the list of a medium.' });
  }
  const cursor = isDeflated(head.transferSyntaxUid)
    ? new ByteCursor(inflated(source, head.datasetOffset, options, repairs))
    : fileCursor;
  cursor.isBigEndian = head.isBigEndian;
  const context: DatasetContext = {
    cursor,
    repairs,
    isExplicit: head.isExplicit,
    ...(options.budget && { budget: options.budget }),
  };
  const { dataset, pixels } = readDatasetOf(context, head);
  if (options.acceptDicomdir) {
    return ok({
      transferSyntaxUid: head.transferSyntaxUid,
      meta: head.meta,
      dataset,
      frames: { kind: 'none' },
      repairs,
      datasetOffset: head.datasetOffset,
    });
  }
  if (Object.keys(dataset).length === 0)
    return err({ code: head.hasMagic ? 'truncated' : 'not-dicom', detail: 'The file holds no data set.' });
  stateSopUids(head.meta, dataset, repairs);
  deriveUids(dataset, pixels !== undefined, repairs);
  const uids = checkUids(dataset, repairs, head.hasMagic);
  if (uids) return err(uids);
  if (!pixels && shouldHavePixels(dataset))
    repairs.push({
      code: 'truncated-pixels',
      detail: 'The data set is that of an image, but there is no pixel data: the file may be cut before it.',
      tag: '7FE00010',
      offset: cursor.size,
    });
  const missing = missingContent(dataset);
  if (missing)
    repairs.push({
      code: 'missing-attribute',
      detail: `The data set ends before its ${missing.name}, which this kind of object is made for: the file may be cut.`,
      tag: missing.tag,
      offset: cursor.size,
    });
  const framed = frameTableOf(cursor, dataset, pixels, head.transferSyntaxUid, repairs);
  stateFrames(dataset, framed.table);
  checkFunctionalGroups(dataset, repairs);
  return ok({
    transferSyntaxUid: framed.transferSyntaxUid,
    meta: head.meta,
    dataset,
    frames: framed.table,
    repairs,
    datasetOffset: head.datasetOffset,
  });
}

/** A number of frames that is no number is replaced by the one found, as the repair record says: readers go by the data set. */
function stateFrames(dataset: DicomJson, table: FrameTable): void {
  if (table.kind === 'none' || statedFrames(dataset) !== undefined) return;
  const count = table.kind === 'native' ? table.count : table.frames.length;
  if (count > 0) dataset['00280008'] = { vr: 'IS', Value: [count] };
}

/** Frames without an item of their own lose what it would have told (PS3.3 C.7.6.16). */
function checkFunctionalGroups(dataset: DicomJson, repairs: Repair[]): void {
  const [groups, count] = [itemsOf(dataset, '52009230').length, statedFrames(dataset)];
  if (!dataset['52009230'] || count === undefined || groups >= count) return;
  repairs.push({
    code: 'invalid-value',
    detail: `The Per-frame Functional Groups Sequence has ${groups} items for ${count} frames: the last have no place, spacing or unit of their own.`,
    tag: '52009230',
  });
}

/** Without any sign of Part 10, bytes that do not read as a data set are simply something else. */
function readDatasetOf(context: DatasetContext, head: FileHead): ReturnType<typeof readDataset> {
  try {
    return readDataset(context, head.datasetOffset);
  } catch (error) {
    if (error instanceof ReadStop && !head.hasMagic && error.refusal.code === 'malformed') {
      throw new ReadStop({ code: 'not-dicom', detail: 'This is no DICOM file.' });
    }
    throw error;
  }
}

/** A deflated data set without the header of RFC 1950 that some put before it, though PS3.5 A.5 asks for the bare one. */
export function rawDeflated<T extends Uint8Array>(bytes: T): T {
  const [first = 0, second = 0] = bytes;
  const isWrapped =
    (first & 0x0f) === 8 && first >> 4 <= 7 && ((first << 8) | second) % 31 === 0 && (second & 0x20) === 0;
  return isWrapped ? (bytes.subarray(2) as T) : bytes;
}

/** The file as if its data set were not deflated (PS3.5 A.5). */
function inflated(source: ByteSource, offset: number, options: ReadOptions, repairs: Repair[]): ByteSource {
  if (!options.inflate) throw new ReadStop({ code: 'malformed', detail: 'Deflated files cannot be read here.' });
  let bytes: Uint8Array;
  try {
    const deflated = source.read(offset, source.size - offset);
    const raw = rawDeflated(deflated);
    if (raw !== deflated)
      repairs.push({
        code: 'invalid-value',
        detail: 'The deflated data set has a zlib header, which PS3.5 A.5 does not allow; it was passed over.',
        offset,
      });
    bytes = options.inflate(raw, MAX_INFLATED_BYTES);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw new ReadStop({
        code: 'too-large',
        detail: 'The deflated data set unpacks to more than is taken in.',
        offset,
      });
    throw new ReadStop({
      code: 'truncated',
      detail: `The deflated data set is damaged: ${error instanceof Error ? error.message : ''}.`,
      offset,
    });
  }
  return {
    size: offset + bytes.length,
    read: (at, length) => {
      if (at < offset) throw new RangeError('only the data set is there');
      return bytes.subarray(at - offset, at - offset + length);
    },
  };
}

/** Images without Study or Series Instance UID (anonymised badly, or older than the standard) get UIDs that follow from
 * what they do say, so that files of one study meet again; where that could be said of other people too, each file is a study of
 * its own. What belongs to no patient at all is left to be refused. */
function deriveUids(dataset: DicomJson, hasPixels: boolean, repairs: Repair[]): void {
  const isSaid = (tag: string): boolean => textOf(dataset, tag) !== undefined;
  if (!hasPixels && !isSaid('00100020')) return;
  const parts = (tags: readonly string[]): string => JSON.stringify(tags.map((tag) => dataset[tag]?.Value ?? null));
  // "Anonymous" is the ID of many, but not of many who were examined in the same second, or under one accession number.
  const isTold = isSaid('00100020') && isSaid('00080020') && (isSaid('00080030') || isSaid('00080050'));
  const study = ['00100020', '00100010', '00080020', '00080030', '00200010', '00080050'];
  const series = ['0020000D', '00080060', '00200011', '0008103E', '00080031', '00200052'];
  for (const [tag, name, tags] of [
    ['0020000D', 'Study Instance UID', isTold ? study : ['00080018']],
    ['0020000E', 'Series Instance UID', series],
  ] as const) {
    if (dataset[tag]?.Value?.length) continue;
    const from = tags.length > 1 ? 'what else it says' : 'its own, since nothing in it tells whose study it belongs to';
    dataset[tag] = { vr: 'UI', Value: [derivedUid(name + parts(tags))] };
    repairs.push({
      code: 'missing-attribute',
      detail: `The data set has no ${name}; one was made from ${from}.`,
      tag,
    });
  }
}

/** A UID below 2.25 (PS3.5 B.2) that depends on the text only: 128 bits of FNV-1a. */
function derivedUid(text: string): string {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (const character of text)
    hash = BigInt.asUintN(128, (hash ^ BigInt(character.codePointAt(0) ?? 0)) * 0x1000000000000000000013bn);
  return `2.25.${hash}`;
}

/** SOP UIDs may be told by the file meta instead. */
function stateSopUids(meta: DicomJson, dataset: DicomJson, repairs: Repair[]): void {
  for (const [tag, metaTag, name] of [
    ['00080016', '00020002', 'SOP Class UID'],
    ['00080018', '00020003', 'SOP Instance UID'],
  ] as const) {
    const told = meta[metaTag];
    if (dataset[tag]?.Value?.length || !told?.Value?.length) continue;
    dataset[tag] = { ...told };
    repairs.push({
      code: 'missing-attribute',
      detail: `The data set has no ${name}; it was taken from the file meta information.`,
      tag,
    });
  }
}

/** The four UIDs without which an instance cannot be kept. */
function checkUids(dataset: DicomJson, repairs: Repair[], hasMagic: boolean): Refusal | undefined {
  for (const tag of REQUIRED_UIDS) {
    const value = dataset[tag]?.Value?.[0];
    if (value === undefined || value === null || value === '') {
      if (!hasMagic && !dataset['00080018']) return { code: 'not-dicom', detail: 'This is no DICOM file.' };
      return { code: 'missing-uid', detail: `The data set has no ${UID_NAMES[tag]}.`, tag };
    }
    if (typeof value !== 'string' || !/^[0-9.]{1,64}$/.test(value) || !/\d/.test(value)) {
      return {
        code: 'invalid-uid',
        detail: `The ${UID_NAMES[tag]} holds something else than digits and dots, or is too long.`,
        tag,
      };
    }
    if ((dataset[tag]?.Value?.length ?? 0) > 1)
      repairs.push({ code: 'invalid-value', detail: `There are several ${UID_NAMES[tag]}s; the first counts.`, tag });
    if (/(^|\.)0\d|\.\.|^\.|\.$/.test(value))
      repairs.push({
        code: 'invalid-value',
        detail: `The ${UID_NAMES[tag]} is not formed as PS3.5 9.1 asks; it is kept as it is.`,
        tag,
      });
  }
  return undefined;
}

const UID_NAMES: Record<(typeof REQUIRED_UIDS)[number], string> = {
  '0020000D': 'Study Instance UID',
  '0020000E': 'Series Instance UID',
  '00080018': 'SOP Instance UID',
  '00080016': 'SOP Class UID',
};
