// Where the page finds the codecs' WebAssembly: files of its own origin.
import charls from '@cornerstonejs/codec-charls/decodewasm?url';
import jpeg from '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm?url';
import jxl from '@cornerstonejs/codec-libjxl/decodewasm?url';
import openjpeg from '@cornerstonejs/codec-openjpeg/decodewasm?url';
import openjph from '@cornerstonejs/codec-openjph/wasm?url';
import type { WasmCodec, WasmHost } from '#shared/codecs/wasm-codec.ts';

const ADDRESS: Record<WasmCodec, string> = {
  jpeg,
  'jpeg-ls': charls,
  'jpeg-2000': openjpeg,
  htj2k: openjph,
  'jpeg-xl': jxl,
};

export const wasmHost: WasmHost = {
  wasm: async (codec) => (await fetch(ADDRESS[codec])).arrayBuffer(),
};
