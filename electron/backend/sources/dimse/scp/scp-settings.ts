// What our own service provider is set to, who may call it, and what it reports. The policy decides; this folder obeys.
import type { StoredReport } from '../services/store-scp.ts';
import type { AssociationSettings } from '../settings.ts';
import type { UserIdentity } from '../pdu/pdu.ts';
import type { TlsSettings } from '../../tls.ts';

export interface ScpSettings {
  aet: string;
  /** Address to listen on; 127.0.0.1 until a person chooses another. */
  host: string;
  /** 0: any free port. */
  port: number;
  tls?: TlsSettings & { asksClientCertificate: boolean };
  /** Associations at a time; more are refused for now (PS3.8 9.3.4: local limit exceeded). */
  maxAssociations: number;
  privateSopClassUids?: readonly string[];
  /** Takes any SOP class and any transfer syntax for storage, also those that nobody knows. */
  takesUnknown?: boolean;
  settings?: Partial<AssociationSettings>;
}

export interface Caller {
  callingAet: string;
  calledAet: string;
  /** Numerical address. */
  address: string;
  /** Subject of its certificate, with TLS. */
  certificateSubject?: string;
}

/** `busy` holds for now, the others are permanent refusals. `isIdentified`: who the caller says that it is was verified, and it is
 * told so where it asked (PS3.7 D.3.3.7.2). */
export type Admission =
  { isAdmitted: true; maxBytesPerSecond?: number; isIdentified?: true } | { isAdmitted: false; reason: NotAdmitted };
export type NotAdmitted = 'unknown-caller' | 'wrong-called-aet' | 'wrong-identity' | 'busy';

/** `identity` holds secrets: it is looked at, and kept nowhere. Must not reject. */
export type ScpPolicy = (caller: Caller, identity: UserIdentity | undefined) => Admission | Promise<Admission>;

export interface ScpEvents {
  /** Somebody was turned away; `why` is half a sentence. `reason`: where it was the policy's. */
  onRefused?(caller: Caller, why: string, reason?: NotAdmitted): void;
  onOpened?(caller: Caller): void;
  /** `error` as one sentence where it did not end in order. */
  onClosed?(caller: Caller, error: string | undefined): void;
  onStored?(caller: Caller, report: StoredReport): void;
}
