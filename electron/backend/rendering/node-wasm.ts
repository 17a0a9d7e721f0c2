// Where Node finds the codecs' WebAssembly: files of the installed packages.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import type { WasmCodec, WasmHost } from '#shared/codecs/wasm-codec.ts';

const require = createRequire(import.meta.url);
const FILES: Record<WasmCodec, string> = {
  jpeg: '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm',
  'jpeg-ls': '@cornerstonejs/codec-charls/decodewasm',
  'jpeg-2000': '@cornerstonejs/codec-openjpeg/decodewasm',
  htj2k: '@cornerstonejs/codec-openjph/wasm',
  'jpeg-xl': '@cornerstonejs/codec-libjxl/dist/jpegxlwasm_decode.wasm',
};

export function wasmBytes(specifier: string): ArrayBuffer {
  const bytes = fs.readFileSync(require.resolve(specifier));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

export const nodeWasm: WasmHost = { wasm: (codec) => Promise.resolve(wasmBytes(FILES[codec])) };
