// What the index keeps of one instance, made from its parsed header: the columns for lists and queries, the study's and
// series' own attributes, the compressed metadata and the frame table.
import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib';
import { plainDate, plainTime } from '#shared/dicom/date-time.ts';
import type {
  DicomJson,
  DicomJsonElement,
  FrameTable,
  JsonValue,
  ParsedInstance,
  PersonNameJson,
  Repair,
  TagKey,
} from '#shared/dicom/model.ts';

export interface StudyAttributes {
  studyUid: string;
  patientId: string;
  issuer: string;
  patientName: string;
  birthDate: string;
  sex: string;
  studyDate: string;
  studyTime: string;
  accession: string;
  studyId: string;
  description: string;
  referrer: string;
}

export interface SeriesAttributes {
  seriesUid: string;
  modality: string;
  number: number | null;
  description: string;
  bodyPart: string;
  laterality: string;
  seriesDate: string;
  seriesTime: string;
}

export interface InstanceRecord {
  sopUid: string;
  sopClassUid: string;
  transferSyntaxUid: string;
  number: number | null;
  frameCount: number;
  rows: number | null;
  columns: number | null;
  study: StudyAttributes;
  series: SeriesAttributes;
  /** DICOM JSON of the attributes that QIDO-RS answers at study and series level (PS3.18 10.6.3). */
  studyJson: string;
  seriesJson: string;
  instanceJson: string;
  metadata: Uint8Array;
  frameTable: Uint8Array;
  repairs: Repair[];
}

/** Attributes kept beside the computed ones, by level; QIDO matches and returns them without opening the metadata. */
export const LEVEL_TAGS = {
  study: [
    '00080020',
    '00080030',
    '00080050',
    '00080051',
    '00080090',
    '00080096',
    '00080201',
    '00081030',
    '00081032',
    '00081060',
    '00081048',
    '00081080',
    '00081110',
    '00100010',
    '00100020',
    '00100021',
    '00100024',
    '00100030',
    '00100032',
    '00100040',
    '00101001',
    '00101010',
    '00101020',
    '00101030',
    '00102160',
    '00102180',
    '001021B0',
    '00104000',
    '0020000D',
    '00200010',
    '00321032',
    '00321060',
    '00321064',
    '00120062',
    '00080080',
  ],
  series: [
    '00080021',
    '00080031',
    '00080060',
    '00080064',
    '00080068',
    '00080070',
    '00080080',
    '00081010',
    '00081040',
    '0008103E',
    '0008103F',
    '00081050',
    '00081070',
    '00081090',
    '00081111',
    '00180010',
    '00180015',
    '00181000',
    '00181020',
    '00181030',
    '00185100',
    '0020000E',
    '00200011',
    '00200052',
    '00200060',
    '00201040',
    '00400244',
    '00400245',
    '00400253',
    '00400254',
    '00400275',
    '00540081',
  ],
  instance: [
    '00080008',
    '00080012',
    '00080013',
    '00080016',
    '00080018',
    '00080022',
    '00080023',
    '00080032',
    '00080033',
    '00200012',
    '00200013',
    '00200032',
    '00200037',
    '00201041',
    '00280002',
    '00280004',
    '00280008',
    '00280010',
    '00280011',
    '00280100',
    '00420010',
    '00420012',
    '0040A043',
    '0040A491',
    '0040A493',
    '00700080',
    '00700081',
    '00700082',
  ],
} as const;

const isPersonName = (value: JsonValue): value is PersonNameJson =>
  typeof value === 'object' &&
  value !== null &&
  ('Alphabetic' in value || 'Ideographic' in value || 'Phonetic' in value);

/** First value as text; person names as their component groups joined by '=' (PS3.5 6.2.1); '' when absent. */
export function textOf(dataset: DicomJson, tag: string): string {
  const value = dataset[tag]?.Value?.[0];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (!isPersonName(value)) return '';
  return [value.Alphabetic, value.Ideographic, value.Phonetic]
    .map((group) => group ?? '')
    .join('=')
    .replace(/=+$/, '');
}

export function numberOf(dataset: DicomJson, tag: string): number | null {
  const value = dataset[tag]?.Value?.[0];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Identity that groups studies: Patient ID with its issuer (PS3.3 C.7.1.1); without an ID, name and birth date, marked so. */
export function patientKeyOf(
  study: Pick<StudyAttributes, 'patientId' | 'issuer' | 'patientName' | 'birthDate'>,
): string {
  if (study.patientId) return `${study.patientId}|${study.issuer}`;
  return `?${study.patientName}|${study.birthDate}`;
}

type ElementTexts = ReadonlyMap<TagKey, string>;

/** Each element's part of a data set's JSON, made once: levels and metadata are put together from them. */
function textsOf(dataset: DicomJson): Map<TagKey, string> {
  const texts = new Map<TagKey, string>();
  for (const tag of Object.keys(dataset)) {
    const element = dataset[tag];
    if (element) texts.set(tag, textOfElement(tag, element));
  }
  return texts;
}

/** What was made last for each tag: an element that was the same in the file before is the same object (element-values.ts). */
const made = new Map<TagKey, { element: DicomJsonElement; text: string }>();
const MOST_REMEMBERED = 1000;
const MOST_REMEMBERED_CHARACTERS = 512;

function textOfElement(tag: TagKey, element: DicomJsonElement): string {
  const known = made.get(tag);
  if (known?.element === element) return known.text;
  const text = makeText(tag, element);
  if (text.length > MOST_REMEMBERED_CHARACTERS) return text;
  if (made.size >= MOST_REMEMBERED) made.clear();
  made.set(tag, { element, text });
  return text;
}

/** The text that JSON.stringify makes, in half of the time of a call of it for each element. */
function makeText(tag: TagKey, element: DicomJsonElement): string {
  if (!element.Value) return `"${tag}":${JSON.stringify(element)}`;
  const values = element.Value.map((value) => (typeof value === 'number' ? String(value) : JSON.stringify(value)));
  return `"${tag}":{"vr":"${element.vr}","Value":[${values.join(',')}]}`;
}

/** JSON of the data set's elements with these tags, in their order. */
function pick(texts: ElementTexts, tags: Iterable<TagKey>): string {
  let picked = '';
  for (const tag of tags) {
    const text = texts.get(tag);
    if (text !== undefined) picked += picked === '' ? text : `,${text}`;
  }
  return `{${picked}}`;
}

export function recordOf(parsed: ParsedInstance): InstanceRecord {
  const { dataset, frames } = parsed;
  const text = (tag: string): string => textOf(dataset, tag);
  const texts = textsOf(dataset);
  return {
    sopUid: text('00080018'),
    sopClassUid: text('00080016'),
    transferSyntaxUid: parsed.transferSyntaxUid,
    number: numberOf(dataset, '00200013'),
    frameCount: frames.kind === 'none' ? 0 : frames.kind === 'native' ? frames.count : frames.frames.length,
    rows: numberOf(dataset, '00280010'),
    columns: numberOf(dataset, '00280011'),
    study: {
      studyUid: text('0020000D'),
      patientId: text('00100020'),
      issuer: text('00100021'),
      patientName: text('00100010'),
      birthDate: plainDate(text('00100030')),
      sex: text('00100040'),
      studyDate: plainDate(text('00080020')),
      studyTime: plainTime(text('00080030')),
      accession: text('00080050'),
      studyId: text('00200010'),
      description: text('00081030'),
      referrer: text('00080090'),
    },
    series: {
      seriesUid: text('0020000E'),
      modality: text('00080060'),
      number: numberOf(dataset, '00200011'),
      description: text('0008103E'),
      bodyPart: text('00180015'),
      laterality: text('00200060'),
      seriesDate: plainDate(text('00080021')),
      seriesTime: plainTime(text('00080031')),
    },
    studyJson: pick(texts, LEVEL_TAGS.study),
    seriesJson: pick(texts, LEVEL_TAGS.series),
    instanceJson: pick(texts, LEVEL_TAGS.instance),
    metadata: pack(metadataOf(texts, parsed.transferSyntaxUid)),
    frameTable: pack(JSON.stringify(frames)),
    repairs: parsed.repairs,
  };
}

/** What WADO-RS metadata answers: the data set in UTF-8 (so Specific Character Set says ISO_IR 192, PS3.18 F.2.1) and
 * the transfer syntax it is stored in as (0008,3002) Available Transfer Syntax UID. */
function metadataOf(texts: ElementTexts, transferSyntaxUid: string): string {
  const stated = new Map(texts);
  if (stated.has('00080005')) stated.set('00080005', textOfElement('00080005', { vr: 'CS', Value: ['ISO_IR 192'] }));
  stated.set('00083002', textOfElement('00083002', { vr: 'UI', Value: [transferSyntaxUid] }));
  return pick(stated, [...stated.keys()].sort());
}

/** Text as bytes, compressed from 512 bytes on; the first byte says which. In memory of its own: what lies in Node's common pool
 * takes all 64 KB of it along to another thread. */
export function pack(text: string): Buffer {
  const plain = Buffer.from(text);
  const isLong = plain.length >= 512;
  // With the size known its tables are made as small as the text.
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  const body = isLong ? zstdCompressSync(plain, { params, pledgedSrcSize: plain.length }) : plain;
  const packed = Buffer.allocUnsafeSlow(1 + body.length);
  packed[0] = isLong ? 1 : 0;
  packed.set(body, 1);
  return packed;
}

export function unpack(bytes: Uint8Array): string {
  const body = bytes.subarray(1);
  return (bytes[0] === 1 ? zstdDecompressSync(body) : Buffer.from(body)).toString('utf8');
}

export const unpackFrames = (bytes: Uint8Array): FrameTable => JSON.parse(unpack(bytes)) as FrameTable;
