// Which native pixel data holds two samples for each pixel instead of three.

/** Two luminances share their chrominances (PS3.3 C.7.6.3.1.2). Only in native pixel data; codecs have their own ways. */
export const isSubsampled = (photometric: unknown, samplesPerPixel: number): boolean =>
  samplesPerPixel === 3 && (photometric === 'YBR_FULL_422' || photometric === 'YBR_PARTIAL_422');
