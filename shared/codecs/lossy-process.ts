// What a compression lost, told by the codestream where its transfer syntax goes both ways.
import { isIrreversible } from './jpeg2000-markers.ts';
import { jpegLsNear } from './jpeg-markers.ts';

const JPEG = '1.2.840.10008.1.2.4.';
/** Processes that always lose something. */
const ALWAYS = new Set(['50', '51', '53', '55'].map((suffix) => JPEG + suffix));
const JPEG_LS = `${JPEG}81`;
const JPEG_2000: Record<string, string> = {
  [`${JPEG}91`]: 'ISO_15444_1',
  [`${JPEG}93`]: 'ISO_15444_2',
  [`${JPEG}203`]: 'ISO_15444_15',
};

/** The term for (0028,2114) of the process that lost something (PS3.3 C.7.6.1.1.5.1); undefined where none did, or none can be told. */
export function lossyMethodOf(transferSyntaxUid: string, codestream: Uint8Array): string | undefined {
  if (ALWAYS.has(transferSyntaxUid)) return 'ISO_10918_1';
  if (transferSyntaxUid === JPEG_LS) return (jpegLsNear(codestream) ?? 0) > 0 ? 'ISO_14495_1' : undefined;
  const method = JPEG_2000[transferSyntaxUid];
  return method !== undefined && isIrreversible(codestream) === true ? method : undefined;
}
