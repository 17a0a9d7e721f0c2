// The frame header of a JPEG (ITU-T T.81 B.2.2): process, size, components and how they are sampled.
import { JpegDefect } from './jpeg-huffman.ts';

export interface Component {
  id: number;
  h: number;
  v: number;
  quantTable: number;
  /** Data units across and down: blocks of 8 x 8, or single samples of a lossless process. */
  blocksX: number;
  blocksY: number;
  /** Units across, rounded up to whole MCUs. */
  stride: number;
  /** Of each unit 64; none of a lossless process. */
  coefficients: Int32Array;
  /** By coefficient: bits that no scan has brought yet; -1 before its first scan. */
  missingBits: Int8Array;
  dcTable: number;
  acTable: number;
  previous: number;
}

export type JpegProcess = 'sequential' | 'progressive' | 'lossless';

export interface Frame {
  precision: number;
  width: number;
  height: number;
  process: JpegProcess;
  components: Component[];
  mcusX: number;
  mcusY: number;
  maxH: number;
  maxV: number;
}

const MAX_PIXELS = 2 ** 28;

/** `at`: first byte after the segment's length. Throws `JpegDefect`. */
export function readFrameHeader(bytes: Uint8Array, at: number, process: JpegProcess): Frame {
  const u16 = (from: number): number => ((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0);
  const [precision = 0, height, width, count = 0] = [bytes[at], u16(at + 1), u16(at + 3), bytes[at + 5]];
  const isDepth = process === 'lossless' ? precision >= 2 && precision <= 16 : precision === 8 || precision === 12;
  if (!isDepth || width === 0 || height === 0 || count < 1 || count > 4 || width * height > MAX_PIXELS)
    throw new JpegDefect('the frame header states an impossible size or depth');
  const raw = Array.from({ length: count }, (_, i) => {
    const [id = 0, sampling = 0x11, quantTable = 0] = bytes.subarray(at + 6 + i * 3, at + 9 + i * 3);
    return { id, h: sampling >> 4, v: sampling & 15, quantTable };
  });
  if (raw.some(({ h, v }) => h < 1 || v < 1 || h > 4 || v > 4))
    throw new JpegDefect('the frame header states impossible sampling factors');
  const unit = process === 'lossless' ? 1 : 8;
  const [maxH, maxV] = [Math.max(...raw.map(({ h }) => h)), Math.max(...raw.map(({ v }) => v))];
  const [mcusX, mcusY] = [Math.ceil(width / (unit * maxH)), Math.ceil(height / (unit * maxV))];
  const components = raw.map(({ id, h, v, quantTable }): Component => ({
    id,
    h,
    v,
    quantTable,
    blocksX: Math.ceil((Math.ceil(width / unit) * h) / maxH),
    blocksY: Math.ceil((Math.ceil(height / unit) * v) / maxV),
    stride: mcusX * h,
    coefficients: new Int32Array(process === 'lossless' ? 0 : mcusX * h * mcusY * v * 64),
    missingBits: new Int8Array(64).fill(-1),
    dcTable: 0,
    acTable: 0,
    previous: 0,
  }));
  return { precision, width, height, process, components, mcusX, mcusY, maxH, maxV };
}
