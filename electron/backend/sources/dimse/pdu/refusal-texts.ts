// What the codes of A-ASSOCIATE-RJ, A-ABORT and refused presentation contexts say, in words (PS3.8 9.3.4, 9.3.8, 9.3.3.2).
import type { Abort, AssociateRj } from './pdu.ts';

const REJECT_REASONS: Record<string, string> = {
  '1.1': 'it gives no reason',
  '1.2': 'it does not support the application context',
  '1.3': 'it does not know the calling AE title; register ours with it',
  '1.7': 'it does not know the called AE title; check the AE title of this node',
  '2.1': 'it gives no reason',
  '2.2': 'it does not support the protocol version',
  '3.1': 'it is congested at the moment',
  '3.2': 'it has reached its limit of associations',
};

/** One sentence. */
export function rejectionText({ result, source, reason }: AssociateRj): string {
  const why = REJECT_REASONS[`${source}.${reason}`] ?? `its reason is ${reason} of source ${source}`;
  return `The other system refused the association${result === 2 ? ' for now' : ''}: ${why}.`;
}

const ABORT_REASONS: Record<number, string> = {
  0: 'it gives no reason',
  1: 'it did not know a PDU',
  2: 'a PDU came unexpected to it',
  4: 'it did not know a parameter',
  5: 'a parameter came unexpected to it',
  6: 'a parameter had a value that it does not take',
};

/** One sentence. The reason counts only when the provider aborts. */
export function abortText({ source, reason }: Abort): string {
  if (source !== 2) return 'The other system aborted the association.';
  return `The other system aborted the association: ${ABORT_REASONS[reason] ?? `its reason is ${reason}`}.`;
}

const CONTEXT_RESULTS: Record<number, string> = {
  1: 'refused by the user',
  2: 'refused without a reason',
  3: 'SOP class not supported',
  4: 'none of the transfer syntaxes supported',
};

/** Half a sentence on why a presentation context was not accepted. */
export const contextResultText = (result: number | undefined): string =>
  result === undefined ? 'not answered' : (CONTEXT_RESULTS[result] ?? `refused with result ${result}`);
