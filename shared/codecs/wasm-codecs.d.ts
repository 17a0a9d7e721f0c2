// The codec packages ship no types: what decode-frame.ts uses of them.
interface WasmFrameInfo {
  width: number;
  height: number;
  bitsPerSample: number;
  componentCount: number;
  isSigned?: boolean;
}
interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): WasmFrameInfo;
  getDecodedBuffer(): Uint8Array;
  getInterleaveMode?(): number;
  delete?(): void;
}
/** Only tests encode. */
interface WasmEncoder {
  getDecodedBuffer(frame: WasmFrameInfo & { isUsingColorTransform?: boolean }): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  setTileSize?(size: { width: number; height: number }): void;
  setLossless?(isLossless: boolean): void;
}
interface WasmModule {
  HTJ2KEncoder?: new () => WasmEncoder;
  JpegXLEncoder?: new () => WasmEncoder;
  JpegLSDecoder?: new () => WasmDecoder;
  JPEGDecoder?: new () => WasmDecoder;
  J2KDecoder?: new () => WasmDecoder;
  HTJ2KDecoder?: new () => WasmDecoder;
  JpegXLDecoder?: new () => WasmDecoder;
  getExceptionMessage?(exception: number): string;
}
type WasmFactory = (options: {
  wasmBinary: ArrayBuffer;
  print?: () => void;
  printErr?: () => void;
}) => Promise<WasmModule>;

declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const factory: WasmFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const factory: WasmFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const factory: WasmFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const factory: WasmFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-libjxl/encodewasmjs' {
  const factory: WasmFactory;
  export default factory;
}
declare module '@cornerstonejs/codec-libjxl/decodewasmjs' {
  const factory: WasmFactory;
  export default factory;
}
