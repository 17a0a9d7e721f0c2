// A DIMSE node: where it is, what it is called, and how it likes to be spoken to.
import type { UserIdentity } from './pdu/pdu.ts';
import type { AssociationSettings } from './settings.ts';
import type { TlsSettings } from '../tls.ts';

export interface DimseNode {
  /** AE titles, at most 16 characters. */
  aet: string;
  callingAet: string;
  host: string;
  port: number;
  tls?: TlsSettings;
  identity?: UserIdentity;
  /** Specific Character Set of queries, values joined by `\`; undefined: ISO_IR 192. */
  charset?: string;
  /** Transfer syntaxes in which instances are liked to come, best first; the rest follows. */
  preferredTransferSyntaxUids?: readonly string[];
  /** Storage SOP classes beside those of the standard. */
  privateSopClassUids?: readonly string[];
  /** Information model of queries and retrievals; default the study root. */
  root?: 'study' | 'patient';
  retrieve: 'get' | 'move';
  /** Where C-MOVE sends to; undefined: our calling AE title. */
  moveDestinationAet?: string;
  /** C-STORE requests that may be unanswered at a time, where the node agrees; default 1. */
  maxInvoked?: number;
  /** Associations that send at a time; default 1. */
  storeAssociations?: number;
  settings?: Partial<AssociationSettings>;
}
