// A decoded frame: stored pixel words as they came out of file or codec, before any look-up table.

export type Words =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

export interface DecodedFrame {
  rows: number;
  columns: number;
  samplesPerPixel: number;
  /** Samples of a pixel lie apart, one plane after the other. */
  isPlanar: boolean;
  /** Photometric interpretation of these words; codecs may have changed it (PS3.5 8.2). */
  photometric: string;
  words: Words;
  /** The codestream's end marker was missing; all that belongs before it was there. */
  isEndMissing?: boolean;
  /** Bits of the overlays that the header only points at, by their address there. */
  overlayBits?: ReadonlyMap<string, Uint8Array>;
}
