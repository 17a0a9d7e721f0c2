// What a transfer syntax UID says of the encoding of a data set (PS3.5 10, Annex A).

export const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
export const RLE = '1.2.840.10008.1.2.5';

const JPIP_DEFLATED = ['1.2.840.10008.1.2.4.95', '1.2.840.10008.1.2.4.205'];
const WITH_DEFLATED_DATASET = new Set([DEFLATED, ...JPIP_DEFLATED]);
/** The data set behind the meta information is deflated (PS3.5 A.5, A.7, A.12). */
export const isDeflated = (uid: string): boolean => WITH_DEFLATED_DATASET.has(uid);

const NAMES: Record<string, string> = {
  [IMPLICIT_LITTLE]: 'Implicit VR Little Endian',
  [EXPLICIT_LITTLE]: 'Explicit VR Little Endian',
  '1.2.840.10008.1.2.1.98': 'Encapsulated Uncompressed Explicit VR Little Endian',
  [DEFLATED]: 'Deflated Explicit VR Little Endian',
  [EXPLICIT_BIG]: 'Explicit VR Big Endian',
  '1.2.840.10008.1.2.4.50': 'JPEG Baseline (Process 1)',
  '1.2.840.10008.1.2.4.51': 'JPEG Extended (Process 2 and 4)',
  '1.2.840.10008.1.2.4.53': 'JPEG Spectral Selection (Process 6 and 8)',
  '1.2.840.10008.1.2.4.55': 'JPEG Full Progression (Process 10 and 12)',
  '1.2.840.10008.1.2.4.57': 'JPEG Lossless (Process 14)',
  '1.2.840.10008.1.2.4.70': 'JPEG Lossless (Process 14, Selection Value 1)',
  '1.2.840.10008.1.2.4.80': 'JPEG-LS Lossless',
  '1.2.840.10008.1.2.4.81': 'JPEG-LS Near-Lossless',
  '1.2.840.10008.1.2.4.90': 'JPEG 2000 Lossless',
  '1.2.840.10008.1.2.4.91': 'JPEG 2000',
  '1.2.840.10008.1.2.4.92': 'JPEG 2000 Part 2 Lossless',
  '1.2.840.10008.1.2.4.93': 'JPEG 2000 Part 2',
  '1.2.840.10008.1.2.4.94': 'JPIP Referenced',
  '1.2.840.10008.1.2.4.95': 'JPIP Referenced Deflate',
  '1.2.840.10008.1.2.4.204': 'JPIP HTJ2K Referenced',
  '1.2.840.10008.1.2.4.205': 'JPIP HTJ2K Referenced Deflate',
  '1.2.840.10008.1.2.4.100': 'MPEG2 Main Profile / Main Level',
  '1.2.840.10008.1.2.4.101': 'MPEG2 Main Profile / High Level',
  '1.2.840.10008.1.2.4.102': 'MPEG-4 AVC/H.264 High Profile',
  '1.2.840.10008.1.2.4.103': 'MPEG-4 AVC/H.264 BD-compatible',
  '1.2.840.10008.1.2.4.104': 'MPEG-4 AVC/H.264 High Profile for 2D',
  '1.2.840.10008.1.2.4.105': 'MPEG-4 AVC/H.264 High Profile for 3D',
  '1.2.840.10008.1.2.4.106': 'MPEG-4 AVC/H.264 Stereo',
  '1.2.840.10008.1.2.4.107': 'HEVC/H.265 Main',
  '1.2.840.10008.1.2.4.108': 'HEVC/H.265 Main 10',
  '1.2.840.10008.1.2.4.110': 'JPEG XL Lossless',
  '1.2.840.10008.1.2.4.111': 'JPEG XL JPEG Recompression',
  '1.2.840.10008.1.2.4.112': 'JPEG XL',
  '1.2.840.10008.1.2.4.201': 'HTJ2K Lossless',
  '1.2.840.10008.1.2.4.202': 'HTJ2K Lossless RPCL',
  '1.2.840.10008.1.2.4.203': 'HTJ2K',
  [RLE]: 'RLE Lossless',
  '1.2.840.10008.1.2.8.1': 'Deflated Image Frame Compression',
};

/** The plain form of a video syntax whose stream may be cut into several fragments (PS3.5 A.4.5 to A.4.9). */
const unfragmented = (uid: string): string => uid.replace(/^(1\.2\.840\.10008\.1\.2\.4\.10[0-6])\.1$/, '$1');

/** Name for people; the UID itself when it is not known. */
export function transferSyntaxName(uid: string): string {
  const plain = NAMES[unfragmented(uid)];
  if (plain === undefined) return uid;
  return uid in NAMES ? plain : `Fragmentable ${plain}`;
}

export const isKnownTransferSyntax = (uid: string): boolean => unfragmented(uid) in NAMES;

/** MPEG-2, MPEG-4, HEVC: one stream for all frames. */
export const isVideo = (uid: string): boolean => /^1\.2\.840\.10008\.1\.2\.4\.10[0-8]$/.test(unfragmented(uid));
const NATIVE = new Set([IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG]);
/** Pixel data in fragments (PS3.5 A.4). */
export const isEncapsulated = (uid: string): boolean => !NATIVE.has(uid);

const LOSSY = new Set([
  '50',
  '51',
  '53',
  '55',
  '81',
  '91',
  '93',
  '100',
  '101',
  '102',
  '103',
  '104',
  '105',
  '106',
  '107',
  '108',
  '112',
  '203',
]);
/** Syntaxes whose compression loses something, or may. */
export const isLossy = (uid: string): boolean =>
  uid.startsWith('1.2.840.10008.1.2.4.') && LOSSY.has(unfragmented(uid).slice('1.2.840.10008.1.2.4.'.length));

const BOTH_WAYS = new Set(['81', '91', '93', '112', '203'].map((suffix) => `1.2.840.10008.1.2.4.${suffix}`));
/** Whether this syntax lost something: undefined where its compression can be lossless too. */
export const hasLost = (uid: string): boolean | undefined => (BOTH_WAYS.has(uid) ? undefined : isLossy(uid));
