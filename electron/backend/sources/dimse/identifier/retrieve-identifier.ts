// Identifiers of C-GET and C-MOVE (PS3.4 C.4.2.1.4): the unique keys of the level and of those above it, and nothing else.
import { LecternError } from '#shared/contract/errors.ts';
import { encodeText } from '#shared/dicom/encode-text.ts';
import type { Selection } from '../../source.ts';
import { encodeElements, uidElement, type Elements } from '#backend/base/encode-elements.ts';
import { DEFAULT_CHARSET } from './query-identifier.ts';

/** UIDs of one list: a value of VR UI has at most 65,534 bytes in explicit encodings. */
const MAX_UIDS = 900;

export interface IdentifierModel {
  root: 'study' | 'patient';
  transferSyntaxUid: string;
  /** Specific Character Set of a Patient ID beyond ASCII, values joined by `\`; undefined: ISO_IR 192. */
  charset?: string;
}

/** One identifier for each operation that is needed. Throws 'bad-request' for a selection without a study, and for one without a
 * Patient ID in the patient root. */
export function retrieveIdentifiers(selection: Selection, model: IdentifierModel): Buffer[] {
  const { studyUid, seriesUid, seriesUids, sopInstanceUids } = selection;
  if (studyUid === '') throw new LecternError('bad-request', 'Nothing can be retrieved without a Study Instance UID.');
  const above: Elements = new Map([
    ['0020000D', uidElement(studyUid)],
    ...(model.root === 'patient' ? patientKeys(selection.patientId, model.charset) : []),
  ]);
  const identifier = (level: string, more: Elements = new Map()): Buffer =>
    encodeElements(
      new Map([...above, ...more, ['00080052', { vr: 'CS', value: Buffer.from(level) }]]),
      model.transferSyntaxUid,
    );
  const ofSeries = (uid: string): Elements => new Map([['0020000E', uidElement(uid)]]);
  if (sopInstanceUids === undefined) {
    const uids = seriesUids ?? (seriesUid === undefined ? [] : [seriesUid]);
    return uids.length > 0 ? uids.map((uid) => identifier('SERIES', ofSeries(uid))) : [identifier('STUDY')];
  }
  const series = seriesUid === undefined ? [] : ofSeries(seriesUid);
  const lists: Buffer[] = [];
  for (let at = 0; at < sopInstanceUids.length; at += MAX_UIDS) {
    const list = uidElement(sopInstanceUids.slice(at, at + MAX_UIDS).join('\\'));
    lists.push(identifier('IMAGE', new Map([...series, ['00080018', list]])));
  }
  return lists;
}

/** Patient ID (0010,0020) is the unique key of the patient root's top level (PS3.4 C.6.1.1.2). */
function patientKeys(patientId: string | undefined, charset = DEFAULT_CHARSET): Elements {
  if (patientId === undefined || patientId === '')
    throw new LecternError('bad-request', 'Nothing can be retrieved in the patient root without a Patient ID.');
  const encoded = encodeText(patientId, charset.split('\\'));
  if (!encoded.ok)
    throw new LecternError(
      'bad-request',
      `The Patient ID cannot be written in ${charset}, the character set of this node.`,
    );
  const keys: Elements = new Map([['00100020', { vr: 'LO', value: encoded.value }]]);
  if (/[^\x20-\x7e]/.test(patientId)) keys.set('00080005', { vr: 'CS', value: Buffer.from(charset, 'latin1') });
  return keys;
}
