// HTTP to one DICOMweb node over kept connections: authorisation, redirects, "try again later", failures in words. Node's own
// client and not its `fetch`, which takes neither a private authority nor a client certificate.
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline, Readable, type Transform } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import { checkPin, secureOptions, tlsReason } from '../tls.ts';
import { withoutSecrets } from './without-secrets.ts';
import { DEFAULT_TIMEOUTS, type DicomwebNode, type HttpTimeouts } from './node.ts';

const MOST_REDIRECTS = 5;
const MOST_WAITS = 4;
const MOST_SOCKETS = 8;
const MOST_ERROR_BYTES = 4096;
const MOST_ASKED_MS = 3_600_000;

export interface HttpCall {
  method?: 'GET' | 'POST' | 'OPTIONS';
  accept?: string;
  contentType?: string;
  /** Made anew for each try. */
  body?: () => AsyncIterable<Uint8Array>;
  /** Of the body, where it is known. */
  contentLength?: number;
  /** What is sent is for this address only: an answer that sends us on is given as it is. */
  isForNobodyElse?: boolean;
  /** It needs no long work before the answer begins. */
  isQuery?: boolean;
  signal: AbortSignal;
}

/** An answer that is not 2xx. */
export class HttpRefusal extends LecternError {
  readonly status: number;
  /** For so long the node asks to be left alone; 0 where it says nothing of it. */
  readonly waitMs: number;
  constructor(code: ErrorCode, message: string, status: number, waitMs = 0) {
    super(code, message);
    this.status = status;
    this.waitMs = waitMs;
  }
}

/** How long the node asks to be left alone, of any error: milliseconds, an hour at most. */
export const waitAskedIn = (error: unknown): number =>
  error instanceof HttpRefusal ? Math.min(error.waitMs, MOST_ASKED_MS) : 0;

const NOT_NOW = new Set([408, 425, 429, 502, 503, 504]);
/** Words of a node that is busy, or of the gateway before one that it does not reach: the same may go later. */
export const isNotNow = (status: number): boolean => NOT_NOW.has(status);

export class HttpClient {
  readonly #node: DicomwebNode;
  readonly #timeouts: HttpTimeouts;
  #hasAnswered = false;
  /** Credentials of the last request. */
  #shown: string | undefined;
  readonly #agents: { http: http.Agent; https: https.Agent };

  constructor(node: DicomwebNode) {
    this.#node = node;
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...node.timeouts };
    const options = { keepAlive: true, maxSockets: MOST_SOCKETS, noDelay: true };
    const { tls } = node;
    this.#agents = {
      http: new http.Agent(options),
      https: new https.Agent({
        ...options,
        ...secureOptions(tls ?? {}),
        ...(tls?.serverName !== undefined && { servername: tls.serverName }),
        rejectUnauthorized: tls?.pinnedFingerprint === undefined,
      }),
    };
  }

  /** Of the node, for messages. */
  get name(): string {
    return this.#node.name;
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  /** The answer to a request below the node's address, whatever its status; read its body to the end or destroy it.
   * Rejects with LecternError 'peer-…', or the signal's reason. */
  async request(path: string, call: HttpCall): Promise<IncomingMessage> {
    let target = new URL(`${this.#node.url.replace(/\/+$/, '')}${path}`);
    const home = target.origin;
    let refused: string | undefined;
    for (let redirects = 0, waits = 0; ;) {
      const authorization = target.origin === home ? await this.#authorization(refused, call.signal) : undefined;
      if (authorization !== undefined) this.#shown = authorization.split(' ').at(-1);
      const answer = await this.#once(target, call, authorization);
      const status = answer.statusCode ?? 0;
      const { location } = answer.headers;
      const isRedirect = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
      if (isRedirect && !call.isForNobodyElse && redirects < MOST_REDIRECTS) {
        answer.resume();
        redirects++;
        target = this.#redirected(location, target, home);
        if (call.body && target.origin !== home)
          throw new LecternError(
            'peer-rejected',
            `${this.#node.name} sends us on to ${target.origin}; what is sent goes to ${home} only. Set the node up with the other address.`,
          );
        continue;
      }
      // Credentials stay with the node they belong to.
      if (status === 401 && target.origin !== home && this.#node.auth.kind !== 'none') {
        answer.resume();
        throw new LecternError(
          'peer-rejected',
          `${this.#node.name} sends us on to ${target.origin}, which asks for credentials; they are shown to ${home} only. Set the node up with the other address.`,
        );
      }
      if (status === 401 && this.#node.auth.kind === 'oauth' && refused === undefined) {
        answer.resume();
        refused = authorization?.replace('Bearer ', '') ?? '';
        continue;
      }
      if ((status === 429 || status === 503) && waits < MOST_WAITS) {
        const waitMs = askedWaitMs(answer.headers['retry-after']) ?? 500 * 2 ** waits;
        if (waitMs <= this.#timeouts.retryAfterMs) {
          answer.resume();
          waits++;
          await delay(waitMs, undefined, { signal: call.signal });
          continue;
        }
      }
      return answer;
    }
  }

  #redirected(location: string, from: URL, home: string): URL {
    const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    const { name } = this.#node;
    if (target?.protocol !== 'https:' && target?.protocol !== 'http:')
      throw new LecternError('peer-protocol', `${name} redirects to what is no address on the web.`);
    // A secure node does not send us to an open one.
    if (home.startsWith('https:') && target.protocol !== 'https:')
      throw new LecternError('peer-protocol', `${name} redirects to an unprotected address; it was not followed.`);
    return target;
  }

  /** As `request`, and rejects for every status but 2xx, in the peer's words where it gave some. */
  async expect(path: string, call: HttpCall): Promise<IncomingMessage> {
    const answer = await this.request(path, call);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw await this.failure(answer);
  }

  /** What an answer that is not 2xx means, as an error. */
  async failure(answer: IncomingMessage): Promise<HttpRefusal> {
    const status = answer.statusCode ?? 0;
    const { auth } = this.#node;
    const secrets = [this.#shown, auth.kind === 'basic' ? auth.password : undefined];
    const words = withoutSecrets(await textOf(answer, MOST_ERROR_BYTES), secrets)
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    const said = words && !words.startsWith('{') ? `: ${words.slice(0, 200)}` : '';
    const { name } = this.#node;
    if (status === 401 || status === 403)
      return new HttpRefusal('peer-credentials', `${name} refuses these credentials (HTTP ${status}).`, status);
    if (status === 404) return new HttpRefusal('not-found', `${name} does not have this (HTTP 404)${said}.`, status);
    if (status === 406)
      return new HttpRefusal('peer-rejected', `${name} cannot give this in the form asked for (HTTP 406).`, status);
    if (isNotNow(status)) {
      const waitMs = askedWaitMs(answer.headers['retry-after']) ?? 0;
      const asks = waitMs ? ` It asks to be left alone for ${Math.ceil(waitMs / 1000)} s.` : '';
      return new HttpRefusal('peer-unreachable', `${name} answered HTTP ${status}${said}.${asks}`, status, waitMs);
    }
    const code = status >= 500 ? 'peer-failed' : 'peer-rejected';
    return new HttpRefusal(code, `${name} answered HTTP ${status}${said}.`, status);
  }

  async #once(target: URL, call: HttpCall, authorization: string | undefined): Promise<IncomingMessage> {
    call.signal.throwIfAborted();
    const isSecure = target.protocol === 'https:';
    const request = (isSecure ? https : http).request(target, {
      method: call.method ?? 'GET',
      agent: isSecure ? this.#agents.https : this.#agents.http,
      signal: call.signal,
      headers: {
        // Compressing what is compressed costs time on both sides.
        'accept-encoding': 'identity',
        ...(call.accept !== undefined && { accept: call.accept }),
        ...(call.contentType !== undefined && { 'content-type': call.contentType }),
        ...(call.contentLength !== undefined && { 'content-length': call.contentLength }),
        ...(authorization !== undefined && { authorization }),
      },
    });
    const { firstAnswerMs, idleMs } = this.#timeouts;
    this.#watch(request, call.isQuery === true && !this.#hasAnswered ? Math.min(firstAnswerMs, idleMs) : idleMs);
    try {
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      if (call.body) pipeline(Readable.from(call.body(), { objectMode: false }), request, () => undefined);
      else request.end();
      const [answer] = await answered;
      this.#hasAnswered = true;
      request.setTimeout(idleMs);
      return decoded(answer, this.#node.name);
    } catch (error) {
      request.destroy();
      // The node closed a kept connection just when it was used again; what asks for something may ask twice (RFC 9110 9.2.2).
      const isStale = request.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
      if (isStale && !call.body && !call.signal.aborted) return this.#once(target, call, authorization);
      throw this.#connectionFailure(error, target, call.signal);
    }
  }

  /** Patience: for the connection, and for silence. */
  #watch(request: http.ClientRequest, answerMs: number): void {
    request.on('socket', (socket) => {
      const { tls } = this.#node;
      if (tls?.pinnedFingerprint !== undefined && 'getPeerCertificate' in socket)
        socket.once('secureConnect', () => {
          try {
            checkPin(tls, socket as TLSSocket);
          } catch (error) {
            request.destroy(error instanceof Error ? error : undefined);
          }
        });
      if (!socket.connecting) return;
      const timer = setTimeout(
        () => request.destroy(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' })),
        this.#timeouts.connectMs,
      );
      for (const event of ['connect', 'close'] as const) socket.once(event, () => clearTimeout(timer));
    });
    request.setTimeout(answerMs, () =>
      request.destroy(Object.assign(new Error('idle timeout'), { code: 'ETIMEDOUT' })),
    );
  }

  async #authorization(refused: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const { auth } = this.#node;
    switch (auth.kind) {
      case 'none':
        return undefined;
      case 'basic':
        return `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
      case 'bearer':
        return `Bearer ${auth.token}`;
      case 'oauth':
        return `Bearer ${await auth.tokens.token(refused, signal)}`;
    }
  }

  #connectionFailure(error: unknown, target: URL, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (error instanceof LecternError) return error;
    return connectionFailure(error, `${this.#node.name} (${target.host})`);
  }
}

const DECODERS = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** Some compress although they were asked not to (RFC 9110 12.5.3). */
function decoded(answer: IncomingMessage, name: string): IncomingMessage {
  const encoding = (answer.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return answer;
  const decoder = DECODERS.get(encoding)?.();
  if (!decoder) {
    answer.destroy();
    throw new LecternError(
      'peer-protocol',
      `${name} answers in the encoding ${encoding.slice(0, 40)}, which was not asked for.`,
    );
  }
  pipeline(answer, decoder, () => undefined);
  const { statusCode, statusMessage, headers } = answer;
  return Object.assign(decoder, { statusCode, statusMessage, headers }) as unknown as IncomingMessage;
}

/** A broken connection in words. `who` begins the sentence. */
export function connectionFailure(error: unknown, who: string): LecternError {
  const secure = tlsReason(error);
  if (secure !== undefined)
    return new LecternError('peer-tls', `No secure connection to ${who}: ${secure}.`, { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new LecternError('peer-unreachable', `The host name of ${who} is not known.`, { cause: error });
    case 'ECONNREFUSED':
      return new LecternError('peer-unreachable', `Nothing listens at the address of ${who}.`, { cause: error });
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return new LecternError('peer-unreachable', `There is no way through the network to ${who}.`, { cause: error });
    case 'ETIMEDOUT':
      return new LecternError('peer-timeout', `${who} did not answer in time.`, { cause: error });
    default:
      return new LecternError(
        'peer-closed',
        `The connection to ${who} broke: ${error instanceof Error ? error.message : String(error)}.`,
        {
          cause: error,
        },
      );
  }
}

/** Seconds or a date (RFC 9110 10.2.3); without one, a little longer each time. */
function askedWaitMs(value: string | undefined): number | undefined {
  if (value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  // What is no date reads as one of long ago ("1,5").
  const date = value !== undefined && /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** The body as text; the rest of a longer one is let go. */
export async function textOf(answer: IncomingMessage, mostBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size >= mostBytes) break;
    }
  } catch {
    // What came before the break is all that is known.
  }
  return Buffer.concat(pieces).toString('utf8').slice(0, mostBytes);
}
