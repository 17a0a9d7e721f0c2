// The WebAssembly codecs (JPEG, JPEG-LS, JPEG 2000, HTJ2K, JPEG XL), each loaded once when first needed.
import { err, ok, type Result } from '../base/result.ts';
import type { DecodedFrame } from '../pixels/frame.ts';
import { wordsOf, type FrameShape } from './frame-shape.ts';

export type WasmCodec = 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k' | 'jpeg-xl';

/** Gives the WebAssembly bytes of a codec. */
export interface WasmHost {
  wasm(codec: WasmCodec): Promise<ArrayBuffer>;
}

type Make = () => WasmDecoder;
interface Loaded {
  make: Make;
  explain(error: unknown): string;
}

const loaded = new Map<WasmCodec, Promise<Loaded>>();

async function factoryOf(codec: WasmCodec): Promise<WasmFactory> {
  switch (codec) {
    case 'jpeg':
      return (await import('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs')).default;
    case 'jpeg-ls':
      return (await import('@cornerstonejs/codec-charls/decodewasmjs')).default;
    case 'jpeg-2000':
      return (await import('@cornerstonejs/codec-openjpeg/decodewasmjs')).default;
    case 'htj2k':
      return (await import('@cornerstonejs/codec-openjph/wasmjs')).default;
    case 'jpeg-xl':
      return (await import('@cornerstonejs/codec-libjxl/decodewasmjs')).default;
  }
}

async function load(codec: WasmCodec, host: WasmHost): Promise<Loaded> {
  const quiet = (): void => undefined;
  const [factory, wasmBinary] = await Promise.all([factoryOf(codec), host.wasm(codec)]);
  const module = await factory({ wasmBinary, print: quiet, printErr: quiet });
  const Decoder = {
    jpeg: module.JPEGDecoder,
    'jpeg-ls': module.JpegLSDecoder,
    'jpeg-2000': module.J2KDecoder,
    htj2k: module.HTJ2KDecoder,
    'jpeg-xl': module.JpegXLDecoder,
  }[codec];
  if (!Decoder) throw new Error(`the ${codec} codec has no decoder`);
  const explain = (error: unknown): string => {
    if (typeof error !== 'number') return error instanceof Error ? error.message : String(error);
    try {
      return module.getExceptionMessage?.(error) ?? 'the codestream is damaged';
    } catch {
      // What it threw lies in memory that it has damaged.
      return 'the codestream is damaged';
    }
  };
  return { make: () => new Decoder(), explain };
}

function begin(codec: WasmCodec, host: WasmHost): Promise<Loaded> {
  const pending = load(codec, host);
  loaded.set(codec, pending);
  // The next frame tries again.
  pending.catch(() => loaded.delete(codec));
  return pending;
}

export async function decodeWasm(
  codec: WasmCodec,
  bytes: Uint8Array,
  shape: FrameShape,
  host: WasmHost,
): Promise<Result<DecodedFrame, string>> {
  let pending: Promise<Loaded>;
  let module: Loaded;
  do {
    pending = loaded.get(codec) ?? begin(codec, host);
    module = await pending;
    // Another frame that waited for the same module may have been its end.
  } while (loaded.get(codec) !== pending);
  try {
    const decoder = module.make();
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    const frame = frameFrom(codec, decoder, shape);
    decoder.delete?.();
    return frame;
  } catch (error) {
    // A module that threw is in no known state, and could show the next frame wrong: that one gets a new module.
    loaded.delete(codec);
    return err(module.explain(error));
  }
}

function frameFrom(codec: WasmCodec, decoder: WasmDecoder, shape: FrameShape): Result<DecodedFrame, string> {
  const { width, height, componentCount, bitsPerSample } = decoder.getFrameInfo();
  if (width !== shape.columns || height !== shape.rows || componentCount !== shape.samplesPerPixel) {
    return err(
      `the codestream is ${width} x ${height} with ${componentCount} samples, the header says ${shape.columns} x ${shape.rows} with ${shape.samplesPerPixel}`,
    );
  }
  // The decoder's memory is used again: a copy of our own.
  const words = wordsOf(decoder.getDecodedBuffer().slice(), bitsPerSample);
  if (words.length < width * height * componentCount) return err('the codestream ends before its last pixel');
  const isPlanar = codec === 'jpeg-ls' && componentCount > 1 && decoder.getInterleaveMode?.() === 0;
  return ok({
    rows: height,
    columns: width,
    samplesPerPixel: componentCount,
    isPlanar,
    photometric: photometricAfter(codec, shape),
    words,
  });
}

/** Codecs that undo their own colour transform hand out RGB (PS3.5 8.2.1, 8.2.4). */
function photometricAfter(codec: WasmCodec, shape: FrameShape): string {
  if (shape.samplesPerPixel < 3) return shape.photometric;
  if (codec === 'jpeg' || codec === 'jpeg-xl') return 'RGB';
  return shape.photometric === 'YBR_RCT' || shape.photometric === 'YBR_ICT' ? 'RGB' : shape.photometric;
}
