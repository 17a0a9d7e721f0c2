// The one table of error codes that both sides share: HTTP status, whether trying again can help, and the sentence.

export const ERROR_TABLE = {
  'bad-request': { status: 400, retryable: false, title: 'The request is not understood.' },
  unauthorised: { status: 401, retryable: false, title: 'This address needs the session token.' },
  forbidden: { status: 403, retryable: false, title: 'You may not do this.' },
  'not-found': { status: 404, retryable: false, title: 'There is nothing under this address.' },
  'method-not-allowed': { status: 405, retryable: false, title: 'This method is not for this address.' },
  'not-acceptable': { status: 406, retryable: false, title: 'None of the accepted media types can be given.' },
  conflict: { status: 409, retryable: false, title: 'The state does not allow this.' },
  'in-use': { status: 409, retryable: true, title: 'Another Lectern has this data folder open.' },
  'too-large': { status: 413, retryable: false, title: 'This is larger than the limit.' },
  'unsupported-media-type': { status: 415, retryable: false, title: 'This media type is not taken here.' },
  'cannot-decode': { status: 422, retryable: false, title: 'The stored object cannot be decoded.' },
  'archive-locked': { status: 423, retryable: true, title: 'The archive is locked: give its passphrase.' },
  'wrong-passphrase': { status: 403, retryable: true, title: 'The passphrase is wrong.' },
  'not-implemented': { status: 501, retryable: false, title: 'This is not supported.' },
  'disk-full': { status: 507, retryable: true, title: 'The disk has too little free space.' },
  'not-written': { status: 500, retryable: true, title: 'A file or folder cannot be written.' },
  'peer-unreachable': { status: 502, retryable: true, title: 'The other system cannot be reached.' },
  'peer-tls': { status: 502, retryable: false, title: 'No secure connection to the other system.' },
  'peer-rejected': { status: 502, retryable: false, title: 'The other system refused the request.' },
  'peer-credentials': { status: 502, retryable: false, title: 'The other system does not take our credentials.' },
  'peer-without': { status: 502, retryable: false, title: 'The other system does not offer this.' },
  'peer-aborted': { status: 502, retryable: true, title: 'The other system broke off.' },
  'peer-closed': { status: 502, retryable: true, title: 'The connection ended early.' },
  'peer-protocol': { status: 502, retryable: false, title: 'The other system answered against the protocol.' },
  'peer-failed': { status: 502, retryable: true, title: 'The other system could not do it.' },
  'peer-timeout': { status: 504, retryable: true, title: 'The other system did not answer in time.' },
  'database-damaged': { status: 500, retryable: false, title: "A file of Lectern's own data is damaged." },
  internal: { status: 500, retryable: false, title: 'Something failed inside Lectern.' },
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** RFC 9457 problem document as each /api answer gives it. */
export interface Problem {
  code: ErrorCode;
  title: string;
  status: number;
  detail?: string;
}

/** An expected failure on its way to the edge. `detail` is one sentence for a person and holds no patient data. */
export class LecternError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'LecternError';
    this.code = code;
  }
  toProblem(): Problem {
    const { status, title } = ERROR_TABLE[this.code];
    return { code: this.code, title, status, detail: this.message };
  }
}
