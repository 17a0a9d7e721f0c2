// One stored frame to pixel words, by transfer syntax. Runs in a browser worker and in Node; the WebAssembly bytes come
// from the host. What a codec says of size and depth must agree with the header, else it is an error, never a picture.
import { err, ok, type Result } from '../base/result.ts';
import { isSubsampled } from '../dicom/subsampling.ts';
import { RLE, transferSyntaxName } from '../dicom/transfer-syntaxes.ts';
import type { DecodedFrame, Words } from '../pixels/frame.ts';
import { wordsOf, type FrameShape } from './frame-shape.ts';
import { decodeRle } from './rle.ts';
import { decodeJpegDct, isJpegWhole } from './jpeg-dct.ts';
import { decodeJpegLossless } from './jpeg-lossless.ts';
import {
  hasEndMarker,
  jpegDefect,
  jpegPrecision,
  withEndMarker,
  withoutPadding,
  withRgbStated,
} from './jpeg-markers.ts';
import { jpeg2000Facts } from './jpeg2000-markers.ts';
import { decodeWasm, type WasmCodec, type WasmHost } from './wasm-codec.ts';

export interface DecodeProblem {
  code: 'unsupported-syntax' | 'damaged-frame';
  detail: string;
}

const NATIVE = new Set([
  '1.2.840.10008.1.2',
  '1.2.840.10008.1.2.1',
  '1.2.840.10008.1.2.1.99',
  '1.2.840.10008.1.2.2',
  '1.2.840.10008.1.2.1.98',
]);
const JPEG = '1.2.840.10008.1.2.4.';
const WASM_CODECS: Record<string, WasmCodec> = {
  [`${JPEG}50`]: 'jpeg',
  [`${JPEG}51`]: 'jpeg',
  [`${JPEG}53`]: 'jpeg',
  [`${JPEG}55`]: 'jpeg',
  [`${JPEG}80`]: 'jpeg-ls',
  [`${JPEG}81`]: 'jpeg-ls',
  [`${JPEG}90`]: 'jpeg-2000',
  [`${JPEG}91`]: 'jpeg-2000',
  [`${JPEG}201`]: 'htj2k',
  [`${JPEG}202`]: 'htj2k',
  [`${JPEG}203`]: 'htj2k',
  [`${JPEG}110`]: 'jpeg-xl',
  [`${JPEG}111`]: 'jpeg-xl',
  [`${JPEG}112`]: 'jpeg-xl',
};

const isJpegLossless = (transferSyntaxUid: string): boolean =>
  transferSyntaxUid === `${JPEG}57` || transferSyntaxUid === `${JPEG}70`;

export const canDecode = (transferSyntaxUid: string): boolean =>
  NATIVE.has(transferSyntaxUid) ||
  transferSyntaxUid === RLE ||
  transferSyntaxUid in WASM_CODECS ||
  isJpegLossless(transferSyntaxUid);

/** Colour models that are long retired, and numbers of samples that belong to none, would only be shown in false colours. */
const canShow = ({ samplesPerPixel, photometric }: FrameShape): boolean =>
  samplesPerPixel === 1 ||
  (samplesPerPixel === 3 && photometric !== 'HSV') ||
  (samplesPerPixel === 4 && photometric === 'RGB');

export const isNativeSyntax = (transferSyntaxUid: string): boolean => NATIVE.has(transferSyntaxUid);

export async function decodeFrame(
  bytes: Uint8Array,
  transferSyntaxUid: string,
  shape: FrameShape,
  host: WasmHost,
): Promise<Result<DecodedFrame, DecodeProblem>> {
  const name = transferSyntaxName(transferSyntaxUid);
  if (!canShow(shape))
    return err({
      code: 'unsupported-syntax',
      detail: `${shape.samplesPerPixel} samples for each pixel in ${shape.photometric || 'no colour model'} cannot be shown.`,
    });
  const damaged = (detail: string): Result<DecodedFrame, DecodeProblem> =>
    err({ code: 'damaged-frame', detail: `${name}: ${detail}.` });
  if (!shape.bitsAllocated) return damaged('the header has no Bits Allocated');
  if (NATIVE.has(transferSyntaxUid)) {
    const native = nativeFrame(bytes, shape);
    return native.ok ? native : damaged(native.error);
  }
  if (transferSyntaxUid === RLE) {
    const bytesPerSample = Math.max(1, shape.bitsAllocated >> 3);
    const decoded = decodeRle(bytes, {
      pixels: shape.rows * shape.columns,
      samplesPerPixel: shape.samplesPerPixel,
      bytesPerSample,
    });
    return decoded.ok
      ? ok(frameOf(shape, wordsOf(decoded.value, shape.bitsAllocated), { isPlanar: true }))
      : damaged(decoded.error);
  }
  const codec = WASM_CODECS[transferSyntaxUid];
  const isLossless = isJpegLossless(transferSyntaxUid);
  const hasMarkers = isLossless || codec === 'jpeg' || codec === 'jpeg-ls';
  if (codec === 'jpeg-2000' || codec === 'htj2k') {
    const decoded = await decodeJpeg2000(bytes, codec, shape, host);
    return decoded.ok ? decoded : damaged(decoded.error);
  }
  const defect = hasMarkers ? jpegDefect(bytes, shape) : undefined;
  if (defect !== undefined) return damaged(defect);
  if (!codec && !isLossless)
    return err({ code: 'unsupported-syntax', detail: `Frames in ${name} (${transferSyntaxUid}) cannot be shown.` });
  const decoded =
    hasMarkers && !hasEndMarker(bytes)
      ? await decodeEndless(bytes, codec, shape, host)
      : await decodeCompressed(bytes, codec, shape, host);
  return decoded.ok ? decoded : damaged(decoded.error);
}

/** `codec` undefined: JPEG Lossless. */
async function decodeCompressed(
  bytes: Uint8Array,
  codec: WasmCodec | undefined,
  shape: FrameShape,
  host: WasmHost,
): Promise<Result<DecodedFrame, string>> {
  if (!codec) {
    const decoded = decodeJpegLossless(bytes, shape);
    return decoded.ok ? ok(frameOf(shape, decoded.value, { isPlanar: false })) : decoded;
  }
  if (shape.bitsAllocated > 8 && codec === 'jpeg' && jpegPrecision(bytes) === 12) {
    const decoded = decodeJpegDct(bytes);
    return decoded.ok ? ok(frameOf(shape, decoded.value.words, { isPlanar: false })) : decoded;
  }
  const isRgbJpeg = codec === 'jpeg' && shape.samplesPerPixel === 3 && shape.photometric === 'RGB';
  return decodeWasm(codec, isRgbJpeg ? withRgbStated(bytes) : bytes, shape, host);
}

const CUT = 'the codestream ends before its end marker';

/** Size and completeness are looked at first: the decoders take memory for any size, and fill in what is missing. */
async function decodeJpeg2000(
  bytes: Uint8Array,
  codec: WasmCodec,
  shape: FrameShape,
  host: WasmHost,
): Promise<Result<DecodedFrame, string>> {
  const facts = jpeg2000Facts(bytes);
  if (!facts) return err('no codestream begins where it should');
  const { width, height, isWholeSampled, extent } = facts;
  if (extent.kind === 'cut') return err('parts of the codestream are missing');
  if (width !== shape.columns || height !== shape.rows)
    return err(`the codestream is ${width} x ${height}, the header says ${shape.columns} x ${shape.rows}`);
  if (!isWholeSampled) return err('the codestream has components of another size than the picture');
  if (extent.kind === 'whole') return decodeWasm(codec, bytes, shape, host);
  const decoded = await decodeWasm(codec, withEndMarker(bytes.subarray(0, extent.length)), shape, host);
  return decoded.ok ? ok({ ...decoded.value, isEndMissing: true }) : decoded;
}

/** A codestream without its end marker: a picture, marked, where all that belongs before the marker is there; else an error. */
async function decodeEndless(
  bytes: Uint8Array,
  codec: WasmCodec | undefined,
  shape: FrameShape,
  host: WasmHost,
): Promise<Result<DecodedFrame, string>> {
  const data = withoutPadding(bytes);
  if (codec !== 'jpeg-ls' && !isJpegWhole(data)) return err(CUT);
  const decoded = await decodeCompressed(withEndMarker(data), codec, shape, host);
  if (!decoded.ok) return err(CUT);
  // CharLS takes bits of the last sample that are not there for zeros. With a set bit behind them it fails only if it needs
  // no more.
  if (codec === 'jpeg-ls' && (await decodeCompressed(withEndMarker(data, 0x80), codec, shape, host)).ok)
    return err(CUT);
  return ok({ ...decoded.value, isEndMissing: true });
}

function frameOf(shape: FrameShape, words: Words, changed: Partial<DecodedFrame>): DecodedFrame {
  const { rows, columns, samplesPerPixel, photometric, isPlanar } = shape;
  return { rows, columns, samplesPerPixel, photometric, isPlanar, words, ...changed };
}

function nativeFrame(bytes: Uint8Array, shape: FrameShape): Result<DecodedFrame, string> {
  const pixels = shape.rows * shape.columns;
  const whole = pixels * shape.samplesPerPixel;
  const isShort =
    isSubsampled(shape.photometric, shape.samplesPerPixel) && bytes.length * 8 < whole * shape.bitsAllocated;
  const samples = isShort ? pixels * 2 : whole;
  const needed = Math.ceil((samples * shape.bitsAllocated) / 8);
  if (bytes.length < needed) return err(`the frame has ${bytes.length} bytes where ${needed} belong`);
  if (shape.bitsAllocated === 1) return ok(frameOf(shape, unpackBits(bytes, samples), {}));
  if (shape.pixelKind === 'float' || shape.pixelKind === 'double') {
    const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
    const words =
      shape.pixelKind === 'float'
        ? new Float32Array(aligned.buffer, aligned.byteOffset, samples)
        : new Float64Array(aligned.buffer, aligned.byteOffset, samples);
    return ok(frameOf(shape, words, {}));
  }
  if (![8, 16, 32].includes(shape.bitsAllocated)) return err(`${shape.bitsAllocated} bits allocated are not supported`);
  return ok(frameOf(shape, wordsOf(bytes.subarray(0, needed), shape.bitsAllocated), {}));
}

/** Single-bit pixels, least significant bit first (PS3.5 8.1.1). */
function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let at = 0; at < count; at++) out[at] = ((bytes[at >> 3] ?? 0) >> (at & 7)) & 1;
  return out;
}
