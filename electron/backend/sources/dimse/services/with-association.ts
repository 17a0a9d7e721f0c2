// One association for one piece of work: opened, used, released in order; aborted when the work fails. And the ways in which
// an operation is waited for and cut short.
import { LecternError } from '#shared/contract/errors.ts';
import type { AcceptedContext, Association } from '../association.ts';
import type { Operation, OperationResponse } from '../message/operation.ts';
import type { DimseNode } from '../node.ts';
import { requestAssociation, type OpenAssociation } from '../request-association.ts';
import { DEFAULT_SETTINGS, type AssociationSettings } from '../settings.ts';

type Request = Omit<Parameters<typeof requestAssociation>[1], 'settings'>;
/** How long a cancelled operation may take to end before the association is aborted. */
const CANCEL_MS = 5000;

export const settingsOf = (node: DimseNode): AssociationSettings => ({ ...DEFAULT_SETTINGS, ...node.settings });

/** Opens, works, releases. The work's own failure is what is thrown. */
export async function withAssociation<T>(
  node: DimseNode,
  request: Request,
  work: (open: OpenAssociation) => Promise<T>,
): Promise<T> {
  const open = await requestAssociation(node, { ...request, settings: settingsOf(node) });
  try {
    const result = await work(open);
    await open.association.release();
    return result;
  } catch (error) {
    open.association.abort(new LecternError('peer-aborted', 'The association was given up here.'));
    throw error;
  }
}

/** The accepted context of a SOP class, or LecternError 'peer-without' that says what is not offered. */
export function contextOrThrow(open: OpenAssociation, sopClassUid: string, service: string): AcceptedContext {
  const context = open.association.contextFor(sopClassUid);
  if (context) return context;
  const reason =
    open.refused.find(({ abstractSyntaxUid }) => abstractSyntaxUid === sopClassUid)?.reason ?? 'not answered';
  throw new LecternError('peer-without', `The other system does not offer ${service} to us: ${reason}.`);
}

/** The next response; rejects with the signal's reason as soon as it is aborted. */
export async function nextResponse(operation: Operation, signal: AbortSignal): Promise<OperationResponse> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([operation.next(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Cancels an operation and waits a while for its end (PS3.7 9.3.2.3); a peer that goes on is left. */
export async function cancelOperation(
  association: Association,
  contextId: number,
  operation: Operation,
): Promise<void> {
  const limit = setTimeout(
    () => association.abort(new LecternError('peer-timeout', 'The other system did not stop when it was asked to.')),
    CANCEL_MS,
  );
  try {
    await association.cancel(contextId, operation);
    await operation.drain();
  } catch {
    // The association has ended, and the operation with it.
  } finally {
    clearTimeout(limit);
  }
}
