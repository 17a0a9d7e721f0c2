// Look-up tables and palettes of the header (PS3.3 C.11.1.1, C.7.6.3.1.5, C.7.9).
import { bytesOf, numbersOf, textOf, wordsOf } from './json-values.ts';
import type { DicomJson } from './model.ts';

/** A look-up table of PS3.3 C.11.1.1: output of `data[clamp(input - first)]`, `bits` wide. */
export interface Lut {
  first: number;
  bits: number;
  data: Uint16Array;
  explanation: string;
}

export interface PixelPalette {
  red: Lut;
  green: Lut;
  blue: Lut;
}

/** Lowest and highest value that a table can be asked for. */
export type InputRange = readonly [number, number];

/** A LUT item: descriptor (0028,3002), data (0028,3006). Entry count 0 means 65536; the first value is signed when the
 * input is (PS3.3 C.11.1.1.1). */
export function lutOf(item: DicomJson | undefined, inputs: InputRange, problems: string[]): Lut | undefined {
  if (!item) return undefined;
  const lut = makeLut(
    numbersOf(item, '00283002'),
    wordsOf(item, '00283006'),
    bytesOf(item, '00283006'),
    inputs,
    textOf(item, '00283003') ?? '',
    problems,
  );
  return lut && asWideAsData(lut, problems);
}

/** Entries beyond the stated bits say how wide they are; by one, whoever wrote them counted one too many. */
function asWideAsData(lut: Lut, problems: string[]): Lut {
  const beyond = 2 ** lut.bits;
  const most = lut.data.reduce((greatest, entry) => Math.max(greatest, entry), 0);
  if (most < beyond) return lut;
  const states = `A look-up table states entries of ${lut.bits} bits but holds ${most}`;
  if (most === beyond) {
    problems.push(`${states}, one more than they can.`);
    return lut;
  }
  const bits = Math.ceil(Math.log2(most + 1));
  problems.push(`${states}; it is read as one of ${bits} bits.`);
  return { ...lut, bits };
}

function makeLut(
  descriptor: number[] | undefined,
  words: Uint16Array | undefined,
  bytes: Uint8Array | undefined,
  inputs: InputRange,
  explanation: string,
  problems: string[],
): Lut | undefined {
  const [count, first = 0, bits = 16] = descriptor ?? [];
  if (count === undefined || !words) {
    problems.push('A look-up table has no descriptor or no data.');
    return undefined;
  }
  const entries = count === 0 ? 65536 : count & 0xffff;
  // Eight-bit tables may hold two entries in each word, whether these came as bytes or as numbers.
  const packed = bytes ?? new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  const isPacked = bits <= 8 && words.length < entries && packed.length >= entries;
  const data = isPacked ? Uint16Array.from(packed.subarray(0, entries)) : words.subarray(0, entries);
  if (data.length < entries) problems.push(`A look-up table states ${entries} entries but holds ${data.length}.`);
  return { first: firstInput(first, inputs), bits: bits || 16, data, explanation };
}

/** The first value mapped, where it was read without its sign: negative where no input is as high, or some are as low. */
function firstInput(first: number, [lowest, highest]: InputRange): number {
  const negative = first - 0x10000;
  return first > 0x7fff && lowest < 0 && (first > highest || negative >= lowest) ? negative : first;
}

/** `inputs`: of the stored values. */
export function paletteOf(dataset: DicomJson, inputs: InputRange, problems: string[]): PixelPalette | undefined {
  if (!dataset['00281101']) return undefined;
  const [red, green, blue] = ['1', '2', '3'].map((color) => {
    const descriptor = numbersOf(dataset, `0028110${color}`);
    const plain = wordsOf(dataset, `0028120${color}`);
    const words = plain ?? segmentedOf(dataset, `0028122${color}`, descriptor);
    return makeLut(descriptor, words, plain && bytesOf(dataset, `0028120${color}`), inputs, '', problems);
  });
  return red && green && blue ? { red, green, blue } : undefined;
}

/** Segments of eight bits where the entries have as many, else of words; where that gives no whole table, the other way round. */
function segmentedOf(dataset: DicomJson, tag: string, descriptor: number[] | undefined): Uint16Array | undefined {
  const [bytes, words] = [bytesOf(dataset, tag), wordsOf(dataset, tag)];
  const entries = (descriptor?.[0] ?? 0) & 0xffff || 65536;
  const forms = (descriptor?.[2] ?? 16) <= 8 ? [bytes, words] : [words, bytes];
  const tables = forms.filter((form) => form !== undefined).map((form) => expandSegments(form, entries));
  return tables.find(({ length }) => length === entries) ?? tables[0];
}

/** Segmented palettes (PS3.3 C.7.9.2): discrete, linear and indirect segments. */
function expandSegments(words: Uint16Array | Uint8Array, entries: number): Uint16Array {
  const size = words.BYTES_PER_ELEMENT;

  const out: number[] = [];
  const run = (from: number, count: number, depth: number): void => {
    let at = from;
    for (let segment = 0; segment < count && at + 1 < words.length && out.length < entries; segment++) {
      const opcode = words[at] ?? 0;
      const length = words[at + 1] ?? 0;
      if (opcode === 0) {
        for (let i = 0; i < length && out.length < entries; i++) out.push(words[at + 2 + i] ?? 0);
        at += 2 + length;
      } else if (opcode === 1) {
        const start = out.at(-1) ?? 0;
        const end = words[at + 2] ?? 0;
        for (let i = 1; i <= length && out.length < entries; i++)
          out.push(Math.round(start + ((end - start) * i) / length));
        at += 3;
      } else if (opcode === 2 && depth === 0) {
        // 32 bits, in bytes, from the beginning of the table.
        const parts = [...words.subarray(at + 2, at + 2 + 4 / size)];
        run(parts.reduceRight((offset, part) => offset * 256 ** size + part, 0) / size, length, 1);
        at += 2 + 4 / size;
      } else return;
    }
  };
  run(0, Number.POSITIVE_INFINITY, 0);
  return Uint16Array.from(out);
}
