// Writes JPEG with libjpeg-turbo.
import jpegFactory from '@cornerstonejs/codec-libjpeg-turbo-8bit/wasmjs';
import { wasmBytes } from './node-wasm.ts';

let loading: ReturnType<typeof jpegFactory> | undefined;

/** JPEG of RGBA pixels at `quality` 1 to 100. */
export async function encodeJpeg(
  rgba: Uint8ClampedArray,
  width: number,
  height: number,
  quality: number,
): Promise<Uint8Array> {
  const quiet = (): void => undefined;
  loading ??= jpegFactory({
    wasmBinary: wasmBytes('@cornerstonejs/codec-libjpeg-turbo-8bit/wasm'),
    print: quiet,
    printErr: quiet,
  });
  const { JPEGEncoder } = await loading;
  const encoder = new JPEGEncoder();
  try {
    const source = encoder.getDecodedBuffer({ width, height, bitsPerSample: 8, componentCount: 3, isSigned: false });
    for (let from = 0, to = 0; from < rgba.length; from += 4) {
      source[to++] = rgba[from] ?? 0;
      source[to++] = rgba[from + 1] ?? 0;
      source[to++] = rgba[from + 2] ?? 0;
    }
    encoder.setQuality(quality);
    encoder.setSubSampling(quality >= 90 ? 0 : 2);
    encoder.encode();
    return encoder.getEncodedBuffer().slice();
  } finally {
    encoder.delete();
  }
}
