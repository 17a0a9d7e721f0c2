// Codestreams by hand after the markers' tables: what each says of its losses.
import { expect, test } from 'vitest';
import { lossyMethodOf } from './lossy-process.ts';

const JPEG = '1.2.840.10008.1.2.4.';
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
/** SOI, SOF55 of 3 x 2 with one component, SOS with NEAR (T.87 C.2.3). */
const jpegLs = (near: number): Uint8Array =>
  bytesOf(`ffd8 fff7 000b 08 0002 0003 01 011100 ffda 0008 01 0100 0${near} 00 00 a5a5 ffd9`);
/** SOC, SIZ of 3 x 2 with one component, COD with the wavelet (15444-1 tables A.9, A.12, A.20), SOT. */
const jpeg2000 = (wavelet: number): Uint8Array =>
  bytesOf(
    `ff4f ff51 0029 0000 00000003 00000002 00000000 00000000 00000003 00000002 00000000 00000000 0001 070101
     ff52 000c 00 00 0001 00 05 04 04 00 0${wavelet} ff90 000a 0000 00000000 00 01 ff93 a5 ffd9`.replaceAll('\n', ''),
  );

test.each<[string, Uint8Array, string | undefined]>([
  ['50', bytesOf('ffd8'), 'ISO_10918_1'],
  ['70', bytesOf('ffd8'), undefined],
  ['80', jpegLs(0), undefined],
  ['81', jpegLs(2), 'ISO_14495_1'],
  ['81', jpegLs(0), undefined],
  ['81', jpegLs(2).subarray(0, 20), undefined],
  ['91', jpeg2000(0), 'ISO_15444_1'],
  ['91', jpeg2000(1), undefined],
  ['91', jpeg2000(0).subarray(0, 50), undefined],
  ['93', jpeg2000(0), 'ISO_15444_2'],
  ['203', jpeg2000(0), 'ISO_15444_15'],
  ['201', jpeg2000(1), undefined],
])('.%s (%#)', (suffix, codestream, method) => {
  expect(lossyMethodOf(JPEG + suffix, codestream)).toBe(method);
});
