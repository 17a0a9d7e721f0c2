// A DICOMweb node: where it is and how it wants to be convinced of who asks.
import type { TlsSettings } from '../tls.ts';

/** How requests are authorised. Texts here are secrets, handed in by who keeps them. */
export type DicomwebAuth =
  | { kind: 'none' }
  | { kind: 'basic'; user: string; password: string }
  | { kind: 'bearer'; token: string }
  | { kind: 'oauth'; tokens: TokenSource };

/** A token that can stand in a header: visible ASCII. RFC 6750 2.1 allows less, services give more. */
export const isSendable = (token: string): boolean => /^[\x21-\x7e]+$/.test(token);

/** Gives access tokens (RFC 6749); knows how to get new ones. */
export interface TokenSource {
  /** A token that is valid now, and not `refused`, which was turned down. Rejects with LecternError 'peer-credentials'. */
  token(refused: string | undefined, signal: AbortSignal): Promise<string>;
  /** A new one, whatever is kept. Rejects as `token` does. */
  renew(signal: AbortSignal): Promise<string>;
}

export interface DicomwebNode {
  /** For messages. */
  name: string;
  /** Base of the services: `/studies` follows it. */
  url: string;
  auth: DicomwebAuth;
  tls?: TlsSettings;
  timeouts?: Partial<HttpTimeouts>;
}

export interface HttpTimeouts {
  connectMs: number;
  /** Until the answer to the first query begins: whether anybody is there, as a DIMSE node says by taking an association. A node
   * that has answered may take longer over its lists. */
  firstAnswerMs: number;
  /** Until another answer begins, and between two pieces of it. */
  idleMs: number;
  /** Longest wait that a peer may ask for by Retry-After. */
  retryAfterMs: number;
}

export const DEFAULT_TIMEOUTS: HttpTimeouts = {
  connectMs: 10_000,
  firstAnswerMs: 60_000,
  idleMs: 120_000,
  retryAfterMs: 60_000,
};
