// The protocol data units of the upper layer as values (PS3.8 9.3, PS3.7 D.3.3). Their bytes: encode-pdu.ts, parse-pdu.ts.
// P-DATA-TF is not here: it is never held whole (pdu-reader.ts, data-framer.ts).

/** The one application context of DICOM (PS3.7 A.2.1). */
export const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

export const PDU_TYPE = {
  'associate-rq': 1,
  'associate-ac': 2,
  'associate-rj': 3,
  data: 4,
  'release-rq': 5,
  'release-rp': 6,
  abort: 7,
} as const;

/** PS3.8 9.3.2.2. `id` is odd, 1 to 255. */
export interface ProposedContext {
  id: number;
  abstractSyntaxUid: string;
  transferSyntaxUids: readonly string[];
}

/** PS3.8 9.3.3.2: 0 acceptance, 1 user rejection, 2 no reason, 3 abstract syntax, 4 transfer syntaxes not supported. */
export interface AnsweredContext {
  id: number;
  result: number;
  /** Not significant unless accepted. */
  transferSyntaxUid: string;
}

/** PS3.7 D.3.3.4. In a request the roles that are proposed, in an acceptance those that are granted, of the requestor. */
export interface RoleSelection {
  sopClassUid: string;
  isScu: boolean;
  isScp: boolean;
}

/** PS3.7 D.3.3.5. */
export interface ExtendedNegotiation {
  sopClassUid: string;
  information: Uint8Array;
}

/** PS3.7 D.3.3.6. */
export interface CommonExtendedNegotiation {
  version: number;
  sopClassUid: string;
  serviceClassUid: string;
  relatedSopClassUids: readonly string[];
}

/** PS3.7 D.3.3.7.1. The fields are secrets: they go nowhere but on the wire. */
export interface UserIdentity {
  type: (typeof USER_IDENTITY_TYPE)[keyof typeof USER_IDENTITY_TYPE];
  wantsAnswer: boolean;
  primary: Uint8Array;
  /** The passcode; empty unless `type` is username and passcode. */
  secondary: Uint8Array;
}
export const USER_IDENTITY_TYPE = { username: 1, usernamePasscode: 2, kerberos: 3, saml: 4, jwt: 5 } as const;

/** PS3.8 D.1 and PS3.7 D.3.3; absent items are undefined. */
export interface UserInformation {
  /** Longest P-DATA-TF that may be sent to whoever says this, without its 6 bytes of header; 0: no limit. */
  maxPduBytes?: number;
  implementationClassUid?: string;
  implementationVersion?: string;
  /** PS3.7 D.3.3.3; 0: no limit. */
  asyncWindow?: { invoked: number; performed: number };
  roles: readonly RoleSelection[];
  extended: readonly ExtendedNegotiation[];
  commonExtended: readonly CommonExtendedNegotiation[];
  userIdentity?: UserIdentity;
  /** PS3.7 D.3.3.7.2, in acceptances. */
  userIdentityAnswer?: Uint8Array;
}

interface AssociatePdu {
  /** Bit 0: version 1. */
  protocolVersion: number;
  calledAet: string;
  callingAet: string;
  applicationContextUid: string;
  user: UserInformation;
}
export interface AssociateRq extends AssociatePdu {
  kind: 'associate-rq';
  contexts: readonly ProposedContext[];
}
export interface AssociateAc extends AssociatePdu {
  kind: 'associate-ac';
  contexts: readonly AnsweredContext[];
}
/** PS3.8 9.3.4. */
export interface AssociateRj {
  kind: 'associate-rj';
  result: number;
  source: number;
  reason: number;
}
/** PS3.8 9.3.8. Source 0: service user, 2: service provider. */
export interface Abort {
  kind: 'abort';
  source: number;
  reason: number;
}
export type ControlPdu =
  AssociateRq | AssociateAc | AssociateRj | { kind: 'release-rq' } | { kind: 'release-rp' } | Abort;

/** Reasons of a provider's A-ABORT (PS3.8 9.3.8). */
export const ABORT_REASON = {
  notSpecified: 0,
  unrecognizedPdu: 1,
  unexpectedPdu: 2,
  unrecognizedParameter: 4,
  unexpectedParameter: 5,
  invalidParameter: 6,
} as const;

/** What is wrong with bytes that should be a PDU. */
export interface PduDefect {
  detail: string;
  /** One of ABORT_REASON. */
  abortReason: number;
}
