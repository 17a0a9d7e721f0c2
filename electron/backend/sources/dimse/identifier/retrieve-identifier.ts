// Identifiers of C-GET and C-MOVE (PS3.4 C.4.2.1.4): the unique keys of the level, and nothing else.
import { LecternError } from '#shared/contract/errors.ts';
import type { Selection } from '../../source.ts';
import { encodeElements, uidElement, type Elements } from './encode-elements.ts';

/** UIDs of one list: a value of VR UI has at most 65,534 bytes in explicit encodings. */
const MAX_UIDS = 900;

/** One identifier for each operation that is needed. Throws 'bad-request' for a selection without a study. */
export function retrieveIdentifiers(selection: Selection, transferSyntaxUid: string): Buffer[] {
  const { studyUid, seriesUid, sopInstanceUids } = selection;
  if (studyUid === '') throw new LecternError('bad-request', 'Nothing can be retrieved without a Study Instance UID.');
  const keys: Elements = new Map([['0020000D', uidElement(studyUid)]]);
  if (seriesUid !== undefined) keys.set('0020000E', uidElement(seriesUid));
  const identifier = (level: string, more: Elements = new Map()): Buffer =>
    encodeElements(
      new Map([...keys, ...more, ['00080052', { vr: 'CS', value: Buffer.from(level) }]]),
      transferSyntaxUid,
    );
  if (sopInstanceUids === undefined) return [identifier(seriesUid === undefined ? 'STUDY' : 'SERIES')];
  const lists: Buffer[] = [];
  for (let at = 0; at < sopInstanceUids.length; at += MAX_UIDS)
    lists.push(
      identifier('IMAGE', new Map([['00080018', uidElement(sopInstanceUids.slice(at, at + MAX_UIDS).join('\\'))]])),
    );
  return lists;
}
