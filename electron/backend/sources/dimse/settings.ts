// Limits and patience of an association, with the values that are used where nobody says otherwise.

export interface AssociationSettings {
  /** Longest P-DATA-TF that we announce to take (PS3.8 D.1), without its header. */
  maxPduBytes: number;
  /** For the connection to be opened, TLS included. */
  connectTimeoutMs: number;
  /** For the answer to an association request. */
  associateTimeoutMs: number;
  /** PS3.8 9.1.5. */
  artimTimeoutMs: number;
  /** For the rest of a message that has begun: a whole PDU must come within this time. */
  messageTimeoutMs: number;
  /** For the answer to a request, and between the answers. Archives fetch from tape before they answer. */
  responseTimeoutMs: number;
  /** As acceptor: between messages. */
  idleTimeoutMs: number;
}

export const DEFAULT_SETTINGS: AssociationSettings = {
  maxPduBytes: 128 * 1024,
  connectTimeoutMs: 10_000,
  associateTimeoutMs: 30_000,
  artimTimeoutMs: 10_000,
  messageTimeoutMs: 60_000,
  responseTimeoutMs: 180_000,
  idleTimeoutMs: 300_000,
};
