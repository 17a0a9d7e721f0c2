// When a node is asked again in a retrieval, and after which pause.
import { waitAskedIn } from '#backend/sources/dicomweb/http-client.ts';
import { ERROR_TABLE, type ErrorCode, type LecternError } from '#shared/contract/errors.ts';

const FIRST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 30_000;
/** Credentials that were good just now may be refused for a moment, by a service that is started anew; not for long. */
const CREDENTIAL_RETRIES = 3;
const BROKEN = new Set<ErrorCode>(['peer-unreachable', 'peer-timeout', 'peer-closed', 'peer-aborted']);

/** Milliseconds before the next try: longer each time, and no sooner than the node asks for. */
export const pauseMs = (attempt: number, failure?: LecternError): number =>
  Math.max(Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt), waitAskedIn(failure));

/** The connection failed, which says nothing of what the node can do. */
export const saysNothingOfNode = ({ code }: LecternError): boolean => BROKEN.has(code);

export const isRetryable = ({ code }: LecternError): boolean => code.startsWith('peer-') && ERROR_TABLE[code].retryable;

/** What a node fails in that has answered us before may be over in a moment; credentials have been refused so many times in a row. */
export const mayPass = (error: LecternError, refusals: number): boolean =>
  isRetryable(error) || (error.code === 'peer-credentials' && refusals <= CREDENTIAL_RETRIES);
