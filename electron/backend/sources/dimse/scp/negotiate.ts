// What our provider answers to an association request (PS3.8 9.3.3, 9.3.4; PS3.7 D.3.3): contexts, roles, window.
import type { AcceptedContext } from '../association.ts';
import {
  APPLICATION_CONTEXT,
  type AnsweredContext,
  type AssociateAc,
  type AssociateRj,
  type AssociateRq,
  type ProposedContext,
} from '../pdu/pdu.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION } from '../../implementation.ts';
import { STORAGE_COMMITMENT, VERIFICATION } from '../tables/sop-classes.ts';
import { isStorageSopClass } from '../tables/storage-sop-classes.ts';
import { chooseTransferSyntax, isTakenTransferSyntax, PLAIN_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import type { Admission, ScpSettings } from './scp-settings.ts';

/** Requests that a sender may have unanswered (PS3.7 D.3.3.3): while one is made durable the next can come. */
const MAX_WINDOW = 16;

/** PS3.8 9.3.4, for who was not admitted. */
export function rejection(reason: (Admission & { isAdmitted: false })['reason']): AssociateRj {
  switch (reason) {
    case 'unknown-caller':
      return { kind: 'associate-rj', result: 1, source: 1, reason: 3 };
    case 'wrong-called-aet':
      return { kind: 'associate-rj', result: 1, source: 1, reason: 7 };
    // PS3.7 D.3.3.7: the provider's ACSE rejects, and does not say why.
    case 'wrong-identity':
      return { kind: 'associate-rj', result: 1, source: 2, reason: 1 };
    case 'busy':
      return { kind: 'associate-rj', result: 2, source: 3, reason: 2 };
  }
}

/** What is wrong with a request before anybody asks who calls. */
export function formalRejection(pdu: AssociateRq): AssociateRj | undefined {
  if ((pdu.protocolVersion & 1) === 0) return { kind: 'associate-rj', result: 1, source: 2, reason: 2 };
  if (pdu.applicationContextUid !== APPLICATION_CONTEXT)
    return { kind: 'associate-rj', result: 1, source: 1, reason: 2 };
  return undefined;
}

export interface Negotiated {
  pdu: AssociateAc;
  accepted: AcceptedContext[];
}

export function negotiate(
  pdu: AssociateRq,
  scp: ScpSettings,
  { maxPduBytes, isIdentified }: { maxPduBytes: number; isIdentified: boolean },
): Negotiated {
  const answers = pdu.contexts.map((context) => answerTo(context, scp));
  const accepted = answers.flatMap(({ id, result, transferSyntaxUid }, index): AcceptedContext[] => {
    const abstractSyntaxUid = pdu.contexts[index]?.abstractSyntaxUid;
    return result === 0 && abstractSyntaxUid !== undefined ? [{ id, abstractSyntaxUid, transferSyntaxUid }] : [];
  });
  const isAccepted = (uid: string): boolean => accepted.some((context) => context.abstractSyntaxUid === uid);
  const { asyncWindow } = pdu.user;
  const ac: AssociateAc = {
    kind: 'associate-ac',
    protocolVersion: 1,
    // Sent back as received (PS3.8 9.3.3).
    calledAet: pdu.calledAet,
    callingAet: pdu.callingAet,
    applicationContextUid: APPLICATION_CONTEXT,
    contexts: answers,
    user: {
      maxPduBytes,
      implementationClassUid: IMPLEMENTATION_CLASS_UID,
      implementationVersion: IMPLEMENTATION_VERSION,
      ...(asyncWindow && {
        asyncWindow: {
          invoked: asyncWindow.invoked === 0 ? MAX_WINDOW : Math.min(asyncWindow.invoked, MAX_WINDOW),
          performed: 1,
        },
      }),
      // Who reports a commitment on an association of its own is the provider of that service (PS3.4 J.3.3).
      roles: pdu.user.roles
        .filter(({ sopClassUid }) => isAccepted(sopClassUid))
        .map(({ sopClassUid, isScu, isScp }) => ({
          sopClassUid,
          isScu,
          isScp: isScp && sopClassUid === STORAGE_COMMITMENT,
        })),
      extended: [],
      commonExtended: [],
      // Empty for user names, with and without passcode (PS3.7 D.3.3.7.2).
      ...(isIdentified && pdu.user.userIdentity?.wantsAnswer && { userIdentityAnswer: new Uint8Array(0) }),
    },
  };
  return { pdu: ac, accepted };
}

function answerTo(context: ProposedContext, scp: ScpSettings): AnsweredContext {
  const { id, abstractSyntaxUid, transferSyntaxUids } = context;
  // A refused context names one of the proposed syntaxes, without meaning (PS3.8 9.3.3.2).
  const refused = (result: number): AnsweredContext => ({ id, result, transferSyntaxUid: transferSyntaxUids[0] ?? '' });
  const isPlain = abstractSyntaxUid === VERIFICATION || abstractSyntaxUid === STORAGE_COMMITMENT;
  const isStorage =
    isStorageSopClass(abstractSyntaxUid) ||
    (scp.privateSopClassUids?.includes(abstractSyntaxUid) ?? false) ||
    (scp.takesUnknown === true && !isPlain);
  if (!isPlain && !isStorage) return refused(3);
  const chosen = isPlain
    ? PLAIN_SYNTAXES.find((uid) => transferSyntaxUids.includes(uid))
    : chooseTransferSyntax(transferSyntaxUids, [], (uid) => scp.takesUnknown === true || isTakenTransferSyntax(uid));
  return chosen === undefined ? refused(4) : { id, result: 0, transferSyntaxUid: chosen };
}
