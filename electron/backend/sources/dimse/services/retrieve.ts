// C-GET and C-MOVE as SCU (PS3.4 C.4.2, C.4.3; PS3.7 9.1.3, 9.1.4). With C-GET the instances come on the same association,
// with C-MOVE to our own provider; both are counted alike.
import { LecternError } from '#shared/contract/errors.ts';
import type { InstanceSink, RetrieveProgress, RetrieveResult, Selection } from '../../source.ts';
import type { Association, IncomingRequest } from '../association.ts';
import { retrieveIdentifiers } from '../identifier/retrieve-identifier.ts';
import { COMMAND } from '../message/command-set.ts';
import type { DatasetTarget } from '../message/message-reader.ts';
import type { Operation, OperationResponse } from '../message/operation.ts';
import { STATUS, statusOf, statusText } from '../message/status.ts';
import type { DimseNode } from '../node.ts';
import type { Proposal } from '../request-association.ts';
import type { DimseScp } from '../scp/scp.ts';
import { QUERY_RETRIEVE } from '../tables/sop-classes.ts';
import { sopClassName } from '../tables/storage-sop-classes.ts';
import { PLAIN_SYNTAXES } from '../tables/transfer-syntaxes.ts';
import { EarlyAnswers } from './early-answers.ts';
import { RetrieveTally } from './retrieve-tally.ts';
import { takeStore } from './store-scp.ts';
import { cancelOperation, contextOrThrow, nextResponse, withAssociation } from './with-association.ts';

export interface Retrieval {
  node: DimseNode;
  selection: Selection;
  sink: InstanceSink;
  onProgress(progress: RetrieveProgress): void;
  signal: AbortSignal;
  /** What comes is thrown away. */
  isTrial?: boolean;
}

/** C-GET. `storage`: the SOP classes that may come, at most 127 (PS3.7 D.3.3.4: we are their provider). */
export async function getInstances(retrieval: Retrieval, storage: readonly Proposal[]): Promise<RetrieveResult> {
  const { node, sink, signal } = retrieval;
  const sopClassUid = QUERY_RETRIEVE[node.root ?? 'study'].get;
  const tally = new RetrieveTally(retrieval.onProgress);
  const early = new EarlyAnswers();
  let association: Association | undefined;
  const roles = [...new Set(storage.map(({ abstractSyntaxUid }) => abstractSyntaxUid))].map((uid) => ({
    sopClassUid: uid,
    isScu: false,
    isScp: true,
  }));
  const onRequest = (request: IncomingRequest): DatasetTarget | undefined => {
    if (!association) return undefined;
    if (request.command.commandField === COMMAND.storeRq)
      return takeStore(request, {
        association,
        peer: node.aet,
        sink,
        early,
        onStored: (report) => tally.stored(report),
      });
    if (request.command.commandField !== COMMAND.cancelRq)
      association.respond(request, { status: STATUS.unrecognizedOperation }).catch(() => undefined);
    return undefined;
  };
  const proposals = [{ abstractSyntaxUid: sopClassUid, transferSyntaxUids: PLAIN_SYNTAXES }, ...storage];
  return withAssociation(node, { proposals, roles, signal, events: { onRequest } }, async (open) => {
    association = open.association;
    const context = contextOrThrow(open, sopClassUid, `C-GET (${node.root ?? 'study'} root)`);
    // Who answers no role takes none (PS3.7 D.3.3.4); but there are those who say nothing and send.
    const isSilent = open.roles.length === 0;
    const granted = new Set(open.roles.filter(({ isScp }) => isScp).map((role) => role.sopClassUid));
    const usable = roles.filter(
      ({ sopClassUid: uid }) => (isSilent || granted.has(uid)) && open.association.contextFor(uid),
    );
    if (usable.length === 0) throw noRole('takes C-GET but sends no SOP class on the same association');
    let failure: LecternError | undefined;
    for (const identifier of identifiersOf(retrieval, context.transferSyntaxUid)) {
      const operation = open.association.operate(
        context.id,
        { commandField: COMMAND.getRq, affectedSopClassUid: sopClassUid, priority: 0 },
        identifier,
      );
      const last = await follow(operation, open.association, context, tally, signal).finally(() => early.settled());
      failure ??= judge('get', last, tally, node);
      tally.next();
    }
    const result = tally.result();
    if (isSilent && result.received === 0 && (failure || result.failed.length > 0))
      throw noRole('does not answer which of us sends on the same association, and sent nothing');
    if (failure && result.received === 0) throw failure;
    if (result.failed.length > 0) result.warnings.push(...notUsable(roles, usable));
    return result;
  });
}

/** C-MOVE to our provider, which must be known to the node under the destination's AE title. */
export async function moveInstances(retrieval: Retrieval, scp: DimseScp): Promise<RetrieveResult> {
  const { node, selection, sink, signal } = retrieval;
  const sopClassUid = QUERY_RETRIEVE[node.root ?? 'study'].move;
  const tally = new RetrieveTally(retrieval.onProgress);
  const early = new EarlyAnswers();
  const proposals = [{ abstractSyntaxUid: sopClassUid, transferSyntaxUids: PLAIN_SYNTAXES }];
  return withAssociation(node, { proposals, signal }, async (open) => {
    const context = contextOrThrow(open, sopClassUid, `C-MOVE (${node.root ?? 'study'} root)`);
    let failure: LecternError | undefined;
    for (const identifier of identifiersOf(retrieval, context.transferSyntaxUid)) {
      const operation = open.association.operate(
        context.id,
        {
          commandField: COMMAND.moveRq,
          messageId: scp.moves.nextMessageId(),
          affectedSopClassUid: sopClassUid,
          priority: 0,
          moveDestination: node.moveDestinationAet ?? scp.aet,
        },
        identifier,
      );
      const forget = scp.moves.expect({
        originatorAet: node.callingAet,
        messageId: operation.messageId,
        peerAet: node.aet,
        ...(selection.sopInstanceUids && { sopInstanceUids: new Set(selection.sopInstanceUids) }),
        // Others may have been sent unasked.
        takesUnnamed: !retrieval.isTrial || selection.sopInstanceUids !== undefined,
        sink,
        early,
        onStored: (report) => tally.stored(report),
      });
      try {
        const last = await follow(operation, open.association, context, tally, signal).finally(() => early.settled());
        failure ??= judge('move', last, tally, node, node.moveDestinationAet ?? scp.aet);
      } finally {
        forget();
      }
      tally.next();
    }
    if (failure && tally.received === 0) throw failure;
    return tally.result();
  });
}

const noRole = (what: string): LecternError =>
  new LecternError('peer-rejected', `The other system ${what}. Set this node to C-MOVE.`);

const identifiersOf = ({ node, selection }: Retrieval, transferSyntaxUid: string): Buffer[] =>
  retrieveIdentifiers(selection, {
    transferSyntaxUid,
    root: node.root ?? 'study',
    ...(node.charset !== undefined && { charset: node.charset }),
  });

/** Counts responses to the last one. An aborted signal cancels at the peer; what is under way is still taken in. */
async function follow(
  operation: Operation,
  association: Association,
  context: { id: number; transferSyntaxUid: string },
  tally: RetrieveTally,
  signal: AbortSignal,
): Promise<OperationResponse> {
  try {
    for (;;) {
      const response = await nextResponse(operation, signal);
      tally.responded(response, context.transferSyntaxUid);
      if (response.isFinal) return response;
    }
  } catch (error) {
    if (signal.aborted) await cancelOperation(association, context.id, operation);
    throw error;
  }
}

/** What the final status says goes to the warnings; a failure is given too, to be thrown where nothing comes at all. */
function judge(
  service: 'get' | 'move',
  { status, command }: OperationResponse,
  tally: RetrieveTally,
  node: DimseNode,
  destination?: string,
): LecternError | undefined {
  const { category } = statusOf(service, status);
  if (category === 'success') return undefined;
  const said = statusText(service, status, command.errorComment);
  const isUnknownHere = status === STATUS.moveDestinationUnknown;
  const text = isUnknownHere
    ? `${node.aet} does not know the destination ${destination ?? ''}: register this AE title with our host and port there`
    : `${node.aet} ended the retrieval with ${said}`;
  // Some say no more than this of a destination that they do not know.
  const mayBeUnknown = destination !== undefined && !isUnknownHere && category === 'failure' && tally.received === 0;
  const hint = mayBeUnknown
    ? ` Where nothing comes, see whether ${node.aet} knows ${destination} with our host and port.`
    : '';
  tally.warnings.push(`${text}.${hint}`);
  // Asking again makes us no better known.
  return category === 'failure'
    ? new LecternError(isUnknownHere ? 'peer-rejected' : 'peer-failed', `${text}.${hint}`)
    : undefined;
}

function notUsable(roles: readonly { sopClassUid: string }[], usable: readonly { sopClassUid: string }[]): string[] {
  const names = roles.filter((role) => !usable.includes(role)).map(({ sopClassUid }) => sopClassName(sopClassUid));
  return names.length ? [`The other system does not send these SOP classes by C-GET: ${names.join('; ')}.`] : [];
}
