// The requestor's side of opening an association (PS3.8 7.1.1, 9.3.2; PS3.7 D.3): proposes contexts and roles, and tells
// what was accepted and what was not.
import { LecternError } from '#shared/contract/errors.ts';
import { Association, type AcceptedContext, type AssociationEvents } from './association.ts';
import { openTransport, type Transport } from './connect.ts';
import type { DimseNode } from './node.ts';
import {
  APPLICATION_CONTEXT,
  type AssociateAc,
  type AssociateRq,
  type ProposedContext,
  type RoleSelection,
} from './pdu/pdu.ts';
import { contextResultText } from './pdu/refusal-texts.ts';
import { type AssociationSettings } from './settings.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION } from '../implementation.ts';

/** A SOP class and the transfer syntaxes in which it may travel, preferred first. */
export interface Proposal {
  abstractSyntaxUid: string;
  transferSyntaxUids: readonly string[];
}

export interface RefusedContext extends Proposal {
  reason: string;
}

export interface OpenAssociation {
  association: Association;
  refused: RefusedContext[];
  roles: readonly RoleSelection[];
  /** Requests that may be unanswered at a time; 1: one after the other. */
  maxInvoked: number;
  transport: Transport;
  /** Of the peer, for reports. */
  implementation: string | undefined;
}

/** Contexts of one association: the IDs are the odd numbers of one byte (PS3.8 9.3.2.2). */
export const MAX_PROPOSALS = 128;
const NONE: Pick<AssociationEvents, 'onRequest' | 'onEnd'> = { onRequest: () => undefined, onEnd: () => undefined };

/** Rejects with LecternError (unreachable, TLS, rejected, timeout ...) or with the signal's reason. At most 128 proposals. */
export async function requestAssociation(
  node: DimseNode,
  request: {
    proposals: readonly Proposal[];
    roles?: readonly RoleSelection[];
    settings: AssociationSettings;
    signal?: AbortSignal;
    /** How many requests we would like to have unanswered at a time. */
    maxInvoked?: number;
    events?: Pick<AssociationEvents, 'onRequest'>;
    transport?: Transport;
  },
): Promise<OpenAssociation> {
  const { settings, signal } = request;
  const transport =
    request.transport ??
    (await openTransport(node, { timeoutMs: settings.connectTimeoutMs, ...(signal && { signal }) }));
  const contexts = request.proposals.map((proposal, index): ProposedContext => ({ id: index * 2 + 1, ...proposal }));
  return new Promise((resolve, reject) => {
    const cancel = (): void =>
      association.abort(new LecternError('peer-aborted', 'The association was cancelled here.'));
    const association = new Association(transport, settings, {
      ...NONE,
      ...request.events,
      onAssociateRequest: () => undefined,
      onAccepted: (pdu) => {
        const { accepted, refused } = judge(contexts, pdu);
        association.establish(accepted, pdu.user.maxPduBytes ?? 0);
        signal?.removeEventListener('abort', cancel);
        resolve({
          association,
          refused,
          roles: pdu.user.roles,
          maxInvoked: agreedWindow(request.maxInvoked, pdu),
          transport,
          implementation: pdu.user.implementationVersion ?? pdu.user.implementationClassUid,
        });
      },
      onEnd: ({ error }) => {
        signal?.removeEventListener('abort', cancel);
        reject(signal?.aborted ? signal.reason : (error ?? new LecternError('peer-closed', 'The association ended.')));
      },
    });
    signal?.addEventListener('abort', cancel);
    association.request(requestPdu(node, contexts, request));
  });
}

function requestPdu(
  node: DimseNode,
  contexts: readonly ProposedContext[],
  {
    roles = [],
    settings,
    maxInvoked = 1,
  }: { roles?: readonly RoleSelection[]; settings: AssociationSettings; maxInvoked?: number },
): AssociateRq {
  return {
    kind: 'associate-rq',
    protocolVersion: 1,
    calledAet: node.aet,
    callingAet: node.callingAet,
    applicationContextUid: APPLICATION_CONTEXT,
    contexts,
    user: {
      maxPduBytes: settings.maxPduBytes,
      implementationClassUid: IMPLEMENTATION_CLASS_UID,
      implementationVersion: IMPLEMENTATION_VERSION,
      ...(maxInvoked !== 1 && { asyncWindow: { invoked: maxInvoked, performed: 1 } }),
      roles,
      extended: [],
      commonExtended: [],
      ...(node.identity && { userIdentity: node.identity }),
    },
  };
}

function judge(
  proposed: readonly ProposedContext[],
  { contexts }: AssociateAc,
): { accepted: AcceptedContext[]; refused: RefusedContext[] } {
  const accepted: AcceptedContext[] = [];
  const refused: RefusedContext[] = [];
  for (const { id, abstractSyntaxUid, transferSyntaxUids } of proposed) {
    const answer = contexts.find((context) => context.id === id);
    if (answer?.result === 0 && transferSyntaxUids.includes(answer.transferSyntaxUid))
      accepted.push({ id, abstractSyntaxUid, transferSyntaxUid: answer.transferSyntaxUid });
    else {
      const reason =
        answer?.result === 0
          ? 'accepted in a transfer syntax that was not proposed'
          : contextResultText(answer?.result);
      refused.push({ abstractSyntaxUid, transferSyntaxUids, reason });
    }
  }
  return { accepted, refused };
}

/** PS3.7 D.3.3.3: without an answer it is one at a time; 0 means no limit. */
function agreedWindow(wanted = 1, { user }: AssociateAc): number {
  const { invoked = 1 } = user.asyncWindow ?? {};
  return wanted === 1 ? 1 : invoked === 0 ? wanted : Math.min(wanted, invoked);
}
