// The identifier of a C-FIND (PS3.4 C.4.1.1.3, K.4.1.1.3): matching keys, return keys, level, character set.
import { LecternError } from '#shared/contract/errors.ts';
import { vrOf } from '#shared/dicom/dictionary.ts';
import { encodeText } from '#shared/dicom/encode-text.ts';
import type { QueryRequest } from '../../source.ts';
import { QUERY_LEVEL_TEXT } from '../tables/sop-classes.ts';
import { encodeElements, type Elements } from '#backend/base/encode-elements.ts';

/** Used where neither request nor node names one: it can write everything. */
export const DEFAULT_CHARSET = 'ISO_IR 192';
/** Values whose characters depend on Specific Character Set (PS3.5 6.1.2.2). */
const CHARSET_VRS = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** Asked for at each level beside what the request names: the unique keys and what lists need (PS3.4 C.6.1.1, C.6.2.1). */
const RETURN_KEYS: Record<QueryRequest['level'], readonly string[]> = {
  patient: ['00100010', '00100020', '00100030', '00100040'],
  study: [
    '00080020',
    '00080030',
    '00080050',
    '00100010',
    '00100020',
    '0020000D',
    '00200010',
    '00080061',
    '00201206',
    '00201208',
  ],
  series: ['00080060', '00200011', '0020000D', '0020000E', '00201209'],
  instance: ['00080016', '00080018', '00200013', '0020000D', '0020000E'],
  // What a list of scheduled steps shows (PS3.4 K.6.1.2.2).
  worklist: [
    '00080050',
    '00080090',
    '00100010',
    '00100020',
    '00100021',
    '00100030',
    '00100040',
    '0020000D',
    '00321060',
    '00401001',
    '00400100.00080060',
    '00400100.00400001',
    '00400100.00400002',
    '00400100.00400003',
    '00400100.00400006',
    '00400100.00400007',
    '00400100.00400009',
  ],
};

/** Throws LecternError 'bad-request' when a key cannot be written in the character set. */
export function queryIdentifier(
  request: QueryRequest,
  nodeCharset: string | undefined,
  transferSyntaxUid: string,
): Buffer {
  const elements: Elements = new Map();
  const charset = request.charset ?? nodeCharset ?? DEFAULT_CHARSET;
  for (const path of [...RETURN_KEYS[request.level], ...request.include].map((text) => text.split('.')))
    put(elements, path, vrOfPath(path), new Uint8Array(0));
  let hasOtherThanAscii = false;
  for (const { path, vr, value } of request.keys) {
    if (CHARSET_VRS.has(vr) && /[^\x20-\x7e]/.test(value)) hasOtherThanAscii = true;
    put(elements, path, vr, valueBytes(vr, value, charset));
  }
  if (request.level !== 'worklist')
    elements.set('00080052', { vr: 'CS', value: Buffer.from(QUERY_LEVEL_TEXT[request.level]) });
  // Without it the peer would read other characters than were meant; with plain ASCII it is only sent where the node wants it.
  if (hasOtherThanAscii || request.charset !== undefined || nodeCharset !== undefined)
    elements.set('00080005', { vr: 'CS', value: Buffer.from(charset, 'latin1') });
  return encodeElements(elements, transferSyntaxUid);
}

const vrOfPath = (path: readonly string[]): string => vrOf(path.at(-1) ?? '')?.slice(0, 2) ?? 'UN';

function put(elements: Elements, path: readonly string[], vr: string, value: Uint8Array): void {
  const [tag, ...rest] = path;
  if (tag === undefined) return;
  const existing = elements.get(tag);
  if (rest.length === 0) {
    // A whole sequence asked for without its parts: universal matching, no item (PS3.4 C.2.2.2.6).
    if (vr === 'SQ') elements.set(tag, existing ?? { vr, value: [] });
    else if (!existing || value.length > 0) elements.set(tag, { vr, value });
    return;
  }
  const item: Elements =
    existing && !(existing.value instanceof Uint8Array) ? (existing.value[0] ?? new Map()) : new Map();
  put(item, rest, vr, value);
  elements.set(tag, { vr: 'SQ', value: [item] });
}

function valueBytes(vr: string, value: string, charset: string): Uint8Array {
  if (value === '') return new Uint8Array(0);
  if (vr === 'US' || vr === 'SS' || vr === 'UL' || vr === 'SL') return numberBytes(vr, value);
  if (!CHARSET_VRS.has(vr)) return Buffer.from(value, 'latin1');
  const encoded = encodeText(value, charset.split('\\'));
  if (encoded.ok) return encoded.value;
  throw new LecternError(
    'bad-request',
    `The character ${encoded.error.character} cannot be written in ${charset}, the character set of this node. Change it in the node's settings.`,
  );
}

function numberBytes(vr: string, value: string): Uint8Array {
  const numbers = value.split('\\').map(Number);
  const size = vr.endsWith('S') ? 2 : 4;
  const bytes = Buffer.alloc(numbers.length * size);
  numbers.forEach((number, index) => {
    if (!Number.isInteger(number)) throw new LecternError('bad-request', `"${value}" is no whole number.`);
    if (size === 2) bytes.writeUInt16LE(number & 0xffff, index * 2);
    else bytes.writeUInt32LE(number >>> 0, index * 4);
  });
  return bytes;
}
