// Huffman tables and the bit reader of JPEG scans (ITU-T T.81 Annex F, G).

export class JpegDefect extends Error {
  override name = 'JpegDefect';
}

export interface HuffmanTable {
  /** By code length 1 to 16: smallest code, largest code (-1: none), index of its first value. */
  min: Int32Array;
  max: Int32Array;
  first: Int32Array;
  values: Uint8Array;
}

export function makeHuffmanTable(counts: Uint8Array, values: Uint8Array): HuffmanTable {
  const [min, max, first] = [new Int32Array(17), new Int32Array(17).fill(-1), new Int32Array(17)];
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    min[length] = code;
    first[length] = index;
    if (count > 0) max[length] = code + count - 1;
    code = (code + count) << 1;
    index += count;
  }
  return { min, max, first, values };
}

/** Bits of entropy-coded data: stuffed zeros are taken out, markers end it. Past the end come zeros, as T.81 leaves open;
 * `isSpent` tells of it. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #word = 0;
  #bits = 0;
  #missing = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Where the next marker stands. */
  get position(): number {
    return this.#at;
  }
  /** A bit behind the end was asked for. */
  get hasRunOut(): boolean {
    return this.#missing > 0;
  }
  get isSpent(): boolean {
    return this.#missing > 4;
  }

  bit(): number {
    if (this.#bits === 0) {
      let byte = this.#bytes[this.#at];
      if (byte === 0xff) {
        if (this.#bytes[this.#at + 1] === 0) this.#at += 2;
        else byte = undefined;
      } else if (byte !== undefined) this.#at++;
      if (byte === undefined) {
        this.#missing++;
        if (this.isSpent) throw new JpegDefect('the entropy-coded data ends too early');
      }
      this.#word = byte ?? 0;
      this.#bits = 8;
    }
    return (this.#word >> --this.#bits) & 1;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = (value << 1) | this.bit();
    return value;
  }

  /** A signed value of `count` bits (T.81 F.2.2.1 EXTEND). */
  signed(count: number): number {
    if (count === 0) return 0;
    const value = this.bits(count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  code(table: HuffmanTable): number {
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      code = (code << 1) | this.bit();
      const most = table.max[length] as number;
      if (most >= 0 && code <= most)
        return table.values[(table.first[length] as number) + code - (table.min[length] as number)] ?? 0;
    }
    throw new JpegDefect('a code is in no Huffman table');
  }

  /** Drops the rest of the byte and passes a restart marker, if one stands there. */
  restart(): void {
    this.#bits = 0;
    const marker = this.#bytes[this.#at + 1] ?? 0;
    if (this.#bytes[this.#at] === 0xff && marker >= 0xd0 && marker <= 0xd7) this.#at += 2;
  }
}
