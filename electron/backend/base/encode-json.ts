// DICOM JSON (PS3.18 F) as elements to be written: the way of the objects that Lectern makes itself. Text is UTF-8, so the data
// set says ISO_IR 192.
import type { DicomJson, DicomJsonElement, JsonValue } from '#shared/dicom/model.ts';
import type { Elements } from './encode-elements.ts';

/** Bytes of one number, little endian (PS3.5 6.2). */
const NUMBER_WRITERS: Record<string, [bytes: number, write: (buffer: Buffer, value: number, at: number) => void]> = {
  US: [2, (buffer, value, at) => buffer.writeUInt16LE(value, at)],
  SS: [2, (buffer, value, at) => buffer.writeInt16LE(value, at)],
  UL: [4, (buffer, value, at) => buffer.writeUInt32LE(value, at)],
  SL: [4, (buffer, value, at) => buffer.writeInt32LE(value, at)],
  FL: [4, (buffer, value, at) => buffer.writeFloatLE(value, at)],
  FD: [8, (buffer, value, at) => buffer.writeDoubleLE(value, at)],
};

/** Throws RangeError for values that lie elsewhere (`BulkDataURI`) and VRs that are none of numbers, text and sequences. */
export function elementsOf(dataset: DicomJson): Elements {
  const elements: Elements = new Map();
  for (const [tag, element] of Object.entries(dataset))
    elements.set(tag, {
      vr: element.vr,
      value:
        element.vr === 'SQ'
          ? (element.Value ?? []).map((item) => elementsOf(item as DicomJson))
          : bytesOf(tag, element),
    });
  return elements;
}

function bytesOf(tag: string, { vr, Value = [], InlineBinary, BulkDataURI }: DicomJsonElement): Buffer {
  if (InlineBinary !== undefined || BulkDataURI !== undefined || vr === 'AT' || vr.startsWith('O') || vr === 'UN')
    throw new RangeError(`${tag} (${vr}) is not written from JSON.`);
  const writer = NUMBER_WRITERS[vr];
  if (!writer) return Buffer.from(Value.map(textOf).join('\\'), 'utf8');
  const [size, write] = writer;
  const buffer = Buffer.alloc(Value.length * size);
  Value.forEach((value, index) => write(buffer, Number(value), index * size));
  return buffer;
}

function textOf(value: JsonValue): string {
  if (typeof value !== 'object') return String(value);
  if (value === null) return '';
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as Record<string, string>;
  return `${Alphabetic}=${Ideographic}=${Phonetic}`.replace(/=+$/, '');
}
