// The user information item and its sub-items (PS3.8 D.1, PS3.7 D.3.3). Unknown sub-items are skipped.
import { trimmedEnd } from '#shared/base/trimmed-end.ts';
import { PduStop, uidOf, type FieldReader } from './field-reader.ts';
import {
  USER_IDENTITY_TYPE,
  type CommonExtendedNegotiation,
  type ExtendedNegotiation,
  type RoleSelection,
  type UserIdentity,
  type UserInformation,
} from './pdu.ts';

const MAX_SUB_ITEMS = 4096;

/** Throws PduStop. A sub-item that may come once and comes again is ignored. */
export function parseUserInformation(reader: FieldReader): UserInformation {
  const roles: RoleSelection[] = [];
  const extended: ExtendedNegotiation[] = [];
  const commonExtended: CommonExtendedNegotiation[] = [];
  const once: Partial<Omit<UserInformation, 'roles' | 'extended' | 'commonExtended'>> = {};
  for (let count = 0; reader.left > 0; count++) {
    if (count === MAX_SUB_ITEMS) throw new PduStop('The user information has too many sub-items.');
    const type = reader.u8();
    const second = reader.u8();
    const body = reader.sub(reader.u16(), `User information sub-item ${type.toString(16)}H`);
    if (type === 0x54) roles.push(parseRole(body));
    else if (type === 0x56) extended.push({ sopClassUid: countedUid(body), information: Uint8Array.from(body.rest()) });
    else if (type === 0x57) commonExtended.push(parseCommonExtended(body, second));
    else parseOnce(type, body, once);
  }
  return { ...once, roles, extended, commonExtended };
}

function parseOnce(type: number, body: FieldReader, once: Partial<UserInformation>): void {
  switch (type) {
    case 0x51:
      once.maxPduBytes ??= body.u32();
      break;
    case 0x52:
      once.implementationClassUid ??= uidOf(body.rest());
      break;
    case 0x53:
      once.asyncWindow ??= { invoked: body.u16(), performed: body.u16() };
      break;
    case 0x55:
      // At most 16 characters (PS3.7 D.3.3.2); longer ones harm nobody.
      once.implementationVersion ??= trimmedEnd(body.rest().toString('latin1'), '\0 ');
      break;
    case 0x58:
      once.userIdentity ??= parseUserIdentity(body);
      break;
    case 0x59:
      once.userIdentityAnswer ??= body.counted();
      break;
    default:
  }
}

const countedUid = (body: FieldReader): string => body.uid(body.u16());

function parseRole(body: FieldReader): RoleSelection {
  const sopClassUid = countedUid(body);
  const isScu = body.u8() === 1;
  const isScp = body.u8() === 1;
  body.done();
  return { sopClassUid, isScu, isScp };
}

function parseCommonExtended(body: FieldReader, version: number): CommonExtendedNegotiation {
  const sopClassUid = countedUid(body);
  const serviceClassUid = countedUid(body);
  const related = body.sub(body.u16(), 'The list of related general SOP classes');
  const relatedSopClassUids: string[] = [];
  while (related.left > 0) relatedSopClassUids.push(countedUid(related));
  return { version, sopClassUid, serviceClassUid, relatedSopClassUids };
}

function parseUserIdentity(body: FieldReader): UserIdentity {
  const number = body.u8();
  const type = Object.values(USER_IDENTITY_TYPE).find((known) => known === number);
  if (type === undefined) throw new PduStop(`There is no user identity of type ${number}.`);
  const wantsAnswer = body.u8() === 1;
  const primary = body.counted();
  const secondary = body.counted();
  return { type, wantsAnswer, primary, secondary };
}
