// JPEG with DCT and Huffman coding, sequential and progressive, 8 or 12 bits (ITU-T T.81; PS3.5 processes 1 to 12). For
// what libjpeg-turbo's 8-bit build does not read: 12-bit samples. Grey and unsubsampled colour.
import { err, ok, type Result } from '../base/result.ts';
import { readFrameHeader, type Component, type Frame } from './jpeg-frame.ts';
import { inversePlane } from './jpeg-inverse-dct.ts';
import { BitReader, JpegDefect, makeHuffmanTable, type HuffmanTable } from './jpeg-huffman.ts';

export interface JpegPicture {
  width: number;
  height: number;
  precision: number;
  samples: number;
  /** Samples of a pixel side by side. */
  words: Uint16Array;
}

const ZIGZAG = Uint8Array.from([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
]);

/** Decodes one picture; the error is a sentence. */
export function decodeJpegDct(bytes: Uint8Array): Result<JpegPicture, string> {
  try {
    return ok(new JpegDecoder(bytes).decode());
  } catch (error) {
    if (error instanceof JpegDefect) return err(error.message);
    throw error;
  }
}

/** Of a JPEG (sequential, progressive or lossless) without its end marker: is everything before it there, to the last bit
 * of the last sample? A progressive picture is whole only when every bit of every coefficient has come. */
export function isJpegWhole(bytes: Uint8Array): boolean {
  try {
    return new JpegDecoder(bytes).readScans().isWhole;
  } catch (error) {
    if (error instanceof JpegDefect) return false;
    throw error;
  }
}

class JpegDecoder {
  readonly #bytes: Uint8Array;
  readonly #quant: (Int32Array | undefined)[] = [];
  readonly #dc: (HuffmanTable | undefined)[] = [];
  readonly #ac: (HuffmanTable | undefined)[] = [];
  #frame: Frame | undefined;
  #restartInterval = 0;
  #eobRun = 0;
  /** Bits behind the end of a scan's data were asked for. */
  #isSpent = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  #u16(at: number): number {
    return ((this.#bytes[at] ?? 0) << 8) | (this.#bytes[at + 1] ?? 0);
  }

  decode(): JpegPicture {
    const { frame, hasEnd, isWhole } = this.readScans();
    // Cut between two scans, a progressive picture would pass for a whole one with less detail.
    if (!hasEnd && !isWhole) throw new JpegDefect('the codestream ends before its end marker');
    if (frame.process === 'lossless') throw new JpegDefect('the JPEG process is not one with DCT and Huffman coding');
    return this.#picture(frame);
  }

  /** Reads all scans up to the end marker, or to the end of the bytes. */
  readScans(): { frame: Frame; hasEnd: boolean; isWhole: boolean } {
    const bytes = this.#bytes;
    if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new JpegDefect('the codestream does not begin as JPEG');
    let at = 2;
    let hasScan = false;
    let hasEnd = false;
    while (at + 2 <= bytes.length) {
      if (bytes[at] !== 0xff) {
        at++;
        continue;
      }
      const marker = bytes[at + 1] ?? 0;
      if (marker === 0xd9) {
        hasEnd = true;
        break;
      }
      if (marker === 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd7)) {
        at += marker === 0xff ? 1 : 2;
        continue;
      }
      const end = Math.max(at + 4, at + 2 + this.#u16(at + 2));
      if (end > bytes.length) throw new JpegDefect('a marker segment reaches beyond the end');
      if (marker === 0xda) {
        at = this.#scan(at + 4, end);
        hasScan = true;
        continue;
      }
      this.#segment(marker, at + 4, end);
      at = end;
    }
    if (!this.#frame || !hasScan) throw new JpegDefect('the codestream holds no picture');
    const isWhole =
      !this.#isSpent && this.#frame.components.every(({ missingBits }) => missingBits.every((bits) => bits === 0));
    return { frame: this.#frame, hasEnd, isWhole };
  }

  #segment(marker: number, start: number, end: number): void {
    if (marker === 0xdb) this.#quantTables(start, end);
    else if (marker === 0xc4) this.#huffmanTables(start, end);
    else if (marker >= 0xc0 && marker <= 0xc3) {
      const process = marker === 0xc3 ? 'lossless' : marker === 0xc2 ? 'progressive' : 'sequential';
      this.#frame = readFrameHeader(this.#bytes, start, process);
    } else if (marker === 0xdd) this.#restartInterval = this.#u16(start);
    else if (marker > 0xc3 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc)
      throw new JpegDefect('the JPEG process is not one with DCT and Huffman coding');
  }

  #quantTables(start: number, end: number): void {
    for (let at = start; at < end;) {
      const info = this.#bytes[at++] ?? 0;
      const table = new Int32Array(64);
      for (let i = 0; i < 64; i++) {
        table[ZIGZAG[i] as number] = info >> 4 ? this.#u16(at) : (this.#bytes[at] ?? 0);
        at += info >> 4 ? 2 : 1;
      }
      this.#quant[info & 15] = table;
    }
  }

  #huffmanTables(start: number, end: number): void {
    for (let at = start; at + 17 <= end;) {
      const info = this.#bytes[at] ?? 0;
      const counts = this.#bytes.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const table = makeHuffmanTable(counts, this.#bytes.subarray(at + 17, at + 17 + total));
      if (info >> 4) this.#ac[info & 15] = table;
      else this.#dc[info & 15] = table;
      at += 17 + total;
    }
  }

  /** One scan; gives the position of the marker behind it. */
  #scan(start: number, dataStart: number): number {
    const frame = this.#frame;
    if (!frame) throw new JpegDefect('a scan stands before the frame header');
    const count = this.#bytes[start] ?? 0;
    const chosen: Component[] = [];
    for (let i = 0; i < count; i++) {
      const component = frame.components.find(({ id }) => id === this.#bytes[start + 1 + i * 2]);
      if (!component) throw new JpegDefect('a scan names a component that is not there');
      const tables = this.#bytes[start + 2 + i * 2] ?? 0;
      component.dcTable = tables >> 4;
      component.acTable = tables & 15;
      component.previous = 0;
      chosen.push(component);
    }
    const at = start + 1 + count * 2;
    const band = {
      from: this.#bytes[at] ?? 0,
      to: Math.min(63, this.#bytes[at + 1] ?? 63),
      high: (this.#bytes[at + 2] ?? 0) >> 4,
      low: (this.#bytes[at + 2] ?? 0) & 15,
    };
    const reader = new BitReader(this.#bytes, dataStart);
    this.#eobRun = 0;
    const decodeBlock = (component: Component, offset: number): void => {
      if (frame.process === 'progressive') this.#progressiveBlock(reader, component, offset, band);
      else if (frame.process === 'sequential') this.#sequentialBlock(reader, component, offset);
      else this.#losslessSample(reader, component);
    };
    let done = 0;
    const restartWhenDue = (): void => {
      done++;
      if (this.#restartInterval === 0 || done % this.#restartInterval !== 0) return;
      reader.restart();
      this.#eobRun = 0;
      for (const component of chosen) component.previous = 0;
    };
    const [only] = chosen;
    if (chosen.length === 1 && only) {
      for (let y = 0; y < only.blocksY; y++) {
        for (let x = 0; x < only.blocksX; x++) {
          decodeBlock(only, (y * only.stride + x) * 64);
          restartWhenDue();
        }
      }
    } else {
      const { mcusX, mcusY } = frame;
      for (let mcu = 0; mcu < mcusX * mcusY; mcu++) {
        const [mx, my] = [mcu % mcusX, Math.floor(mcu / mcusX)];
        for (const component of chosen) {
          for (let v = 0; v < component.v; v++)
            for (let h = 0; h < component.h; h++)
              decodeBlock(component, ((my * component.v + v) * component.stride + mx * component.h + h) * 64);
        }
        restartWhenDue();
      }
    }
    for (const { missingBits } of chosen) {
      if (frame.process === 'progressive') missingBits.fill(band.low, band.from, band.to + 1);
      else missingBits.fill(0);
    }
    if (reader.hasRunOut) this.#isSpent = true;
    return reader.position;
  }

  /** A sample's difference (T.81 H.1.2.2), passed over. */
  #losslessSample(reader: BitReader, component: Component): void {
    const size = reader.code(this.#table(this.#dc, component.dcTable));
    if (size < 16) reader.bits(size);
  }

  #table(tables: readonly (HuffmanTable | undefined)[], index: number): HuffmanTable {
    const table = tables[index];
    if (!table) throw new JpegDefect('a scan uses a Huffman table that is not there');
    return table;
  }

  #sequentialBlock(reader: BitReader, component: Component, offset: number): void {
    const { coefficients } = component;
    component.previous += reader.signed(reader.code(this.#table(this.#dc, component.dcTable)));
    coefficients[offset] = component.previous;
    const table = this.#table(this.#ac, component.acTable);
    for (let k = 1; k < 64; k++) {
      const code = reader.code(table);
      const [run, size] = [code >> 4, code & 15];
      if (size === 0) {
        if (run < 15) return;
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw new JpegDefect('a block has more than 64 coefficients');
      coefficients[offset + (ZIGZAG[k] as number)] = reader.signed(size);
    }
  }

  #progressiveBlock(
    reader: BitReader,
    component: Component,
    offset: number,
    band: { from: number; to: number; high: number; low: number },
  ): void {
    const { coefficients } = component;
    if (band.from === 0) {
      if (band.high === 0) {
        component.previous += reader.signed(reader.code(this.#table(this.#dc, component.dcTable)));
        coefficients[offset] = component.previous << band.low;
      } else if (reader.bit()) coefficients[offset] = (coefficients[offset] as number) | (1 << band.low);
      return;
    }
    if (band.high === 0) this.#acFirst(reader, component, offset, band);
    else this.#acRefine(reader, component, offset, band);
  }

  /** T.81 G.1.2.2. */
  #acFirst(
    reader: BitReader,
    component: Component,
    offset: number,
    band: { from: number; to: number; low: number },
  ): void {
    if (this.#eobRun > 0) {
      this.#eobRun--;
      return;
    }
    const table = this.#table(this.#ac, component.acTable);
    for (let k = band.from; k <= band.to; k++) {
      const code = reader.code(table);
      const [run, size] = [code >> 4, code & 15];
      if (size === 0) {
        if (run < 15) {
          this.#eobRun = (1 << run) - 1 + (run ? reader.bits(run) : 0);
          return;
        }
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw new JpegDefect('a block has more than 64 coefficients');
      component.coefficients[offset + (ZIGZAG[k] as number)] = reader.signed(size) * 2 ** band.low;
    }
  }

  /** T.81 G.1.2.3. */
  #acRefine(
    reader: BitReader,
    { coefficients, acTable }: Component,
    offset: number,
    band: { from: number; to: number; low: number },
  ): void {
    const step = 2 ** band.low;
    const correct = (at: number): void => {
      const value = coefficients[at] as number;
      if (reader.bit() && (Math.abs(value) & step) === 0) coefficients[at] = value + (value > 0 ? step : -step);
    };
    let k = band.from;
    if (this.#eobRun === 0) {
      const table = this.#table(this.#ac, acTable);
      for (; k <= band.to; k++) {
        const code = reader.code(table);
        let run = code >> 4;
        let fresh = 0;
        if ((code & 15) === 0) {
          if (run < 15) {
            this.#eobRun = (1 << run) + (run ? reader.bits(run) : 0);
            break;
          }
        } else fresh = reader.bit() ? step : -step;
        for (; k <= band.to; k++) {
          const at = offset + (ZIGZAG[k] as number);
          if (coefficients[at] !== 0) correct(at);
          else if (run-- === 0) {
            if (fresh !== 0) coefficients[at] = fresh;
            break;
          }
        }
      }
    }
    if (this.#eobRun === 0) return;
    for (; k <= band.to; k++) {
      const at = offset + (ZIGZAG[k] as number);
      if (coefficients[at] !== 0) correct(at);
    }
    this.#eobRun--;
  }

  #picture(frame: Frame): JpegPicture {
    const { width, height, precision, components, maxH, maxV } = frame;
    const words = new Uint16Array(width * height * components.length);
    components.forEach((component, sample) => {
      const quant = this.#quant[component.quantTable];
      if (!quant) throw new JpegDefect('a quantisation table is missing');
      const plane = inversePlane(component, quant, precision);
      const planeWidth = component.stride * 8;
      for (let y = 0; y < height; y++) {
        const from = Math.floor((y * component.v) / maxV) * planeWidth;
        for (let x = 0; x < width; x++)
          words[(y * width + x) * components.length + sample] = plane[
            from + Math.floor((x * component.h) / maxH)
          ] as number;
      }
    });
    return { width, height, precision, samples: components.length, words };
  }
}
