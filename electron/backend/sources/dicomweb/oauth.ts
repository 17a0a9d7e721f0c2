// Access tokens for a node (RFC 6749): client credentials, or a person's consent by authorisation code with PKCE (RFC 7636) in
// the system's browser, answered to a loopback address of this machine (RFC 8252 7.3). Refresh tokens are kept by the caller.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { getCACertificates } from 'node:tls';
import { z } from 'zod';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import type { TlsSettings } from '../tls.ts';
import { HttpClient, isNotNow, textOf } from './http-client.ts';
import { isSendable, type TokenSource } from './node.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface OauthSettings {
  /** For messages. */
  name: string;
  grant: 'client-credentials' | 'authorization-code';
  tokenUrl: string;
  /** With `authorization-code`. */
  authorizeUrl?: string;
  clientId: string;
  clientSecret?: string;
  scope?: string;
  /** Of the node, as its token service is to be trusted: see `tokenTls`. */
  tls?: TlsSettings;
}

const answerShape = z.object({
  access_token: z.string().min(1),
  // What is not usable of these is as if it were not there.
  expires_in: z.coerce.number().positive().optional().catch(undefined),
  refresh_token: z.string().min(1).optional().catch(undefined),
});
type TokenAnswer = z.infer<typeof answerShape>;

/** A token is renewed this long before its end, or at half of a short life. */
const MARGIN_MS = 30_000;
/** Where the service does not say. */
const USUAL_LIFE_S = 300;
const RENEW_WITHIN_MS = 60_000;
const CONSENT_WITHIN_MS = 5 * 60_000;

const MOST_ANSWER_BYTES = 256 * 1024;
/** Characters of a service's own words that are shown. */
const MOST_SAID = 200;

/** The token service gave an answer, and it is no token. */
class NoToken extends LecternError {
  /** RFC 6749 5.2; undefined where the answer names none. */
  readonly error: string | undefined;
  constructor(code: ErrorCode, message: string, error: string | undefined) {
    super(code, message);
    this.error = error;
  }
}

/** A node's TLS as its token service is to be trusted. On another host than the node it has another name and certificate, and may be
 * one of the web's as well as one of the node's authority. */
export function tokenTls(tls: TlsSettings, nodeUrl: string, tokenUrl: string): TlsSettings {
  if (new URL(nodeUrl).hostname === new URL(tokenUrl).hostname) return tls;
  const { serverName: _name, pinnedFingerprint: _pin, ca, ...rest } = tls;
  return { ...rest, ...(ca !== undefined && { ca: [...getCACertificates('default'), ca].join('\n') }) };
}

/** With HTTP Basic, which each service must take (RFC 6749 2.3.1), then as the many want it that do not. */
async function askForToken(
  settings: OauthSettings,
  fields: Record<string, string>,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const { clientId, clientSecret } = settings;
  const inBody = { client_id: clientId, ...fields };
  if (clientSecret === undefined) return postForToken(settings, inBody, undefined, signal);
  try {
    return await postForToken(
      settings,
      fields,
      { user: formEncoded(clientId), password: formEncoded(clientSecret) },
      signal,
    );
  } catch (error) {
    if (!(error instanceof NoToken) || !NOT_AUTHENTICATED.has(error.error)) throw error;
    return postForToken(settings, { ...inBody, client_secret: clientSecret }, undefined, signal);
  }
}

/** Said before anything else is looked at: code and refresh token are not spent. */
const NOT_AUTHENTICATED = new Set<string | undefined>(['invalid_client', 'invalid_request', 'unauthorized_client']);
const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

const SECRET_FIELDS = ['refresh_token', 'code', 'code_verifier'];

async function postForToken(
  { name, tokenUrl, tls, clientSecret }: OauthSettings,
  fields: Record<string, string>,
  basic: { user: string; password: string } | undefined,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const body = Buffer.from(new URLSearchParams(fields).toString());
  const client = new HttpClient({
    name: `the token service of ${name}`,
    url: tokenUrl,
    auth: basic ? { kind: 'basic', ...basic } : { kind: 'none' },
    ...(tls && { tls }),
  });
  try {
    const response = await client.request(tokenUrl.endsWith('/') ? '/' : '', {
      method: 'POST',
      accept: 'application/json',
      contentType: 'application/x-www-form-urlencoded',
      contentLength: body.length,
      body: async function* () {
        yield body;
      },
      isForNobodyElse: true,
      signal,
    });
    const secrets = [clientSecret, ...SECRET_FIELDS.map((field) => fields[field])];
    if (basic) secrets.push(basic.password, Buffer.from(`${basic.user}:${basic.password}`).toString('base64'));
    return tokenOf({ name, secrets }, response.statusCode ?? 0, await textOf(response, MOST_ANSWER_BYTES));
  } catch (error) {
    if (error instanceof NoToken) throw error;
    if (error instanceof LecternError) throw new LecternError(error.code, capitalised(error.message), { cause: error });
    if (!signal.aborted) throw error;
    throw new LecternError('peer-timeout', `The token service of ${name} did not answer in time.`, { cause: error });
  } finally {
    client.close();
  }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const errorShape = z.object({
  error: z.string().regex(/^[\w-]{1,64}$/),
  error_description: z.string().optional().catch(undefined),
});

interface Asked {
  name: string;
  /** Shown to the service: not repeated in its words. */
  secrets: readonly (string | undefined)[];
}

function tokenOf({ name, secrets }: Asked, status: number, text: string): TokenAnswer {
  const answer = parsedJson(text);
  const token = answerShape.safeParse(answer);
  if (status >= 200 && status < 300 && token.success) {
    if (isSendable(token.data.access_token)) return token.data;
    throw new NoToken('peer-protocol', `The token service of ${name} gave a token that cannot be used.`, undefined);
  }
  const { error, error_description: description } = errorShape.safeParse(answer).data ?? {};
  const said = linesOf(error ?? `HTTP ${status}`, description && withoutSecrets(description, secrets));
  // Only 4xx is a word on our credentials; what is busy or fails, or sends a page for people, may be well in a moment.
  const isRefusal = status >= 400 && status < 500 && !isNotNow(status);
  const code = isRefusal ? 'peer-credentials' : 'peer-unreachable';
  throw new NoToken(code, `The token service of ${name} gave no token (${said}).`, error);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where a node's refresh token is kept. Many services take each one only once, and take a second use for theft: so whoever renews
 * has `inTurn` to itself, from reading the token to keeping the new one. */
export interface RefreshStore {
  read(): Promise<string | undefined>;
  /** Keeps `next` in place of `sent`, or none where that is taken no more. False, and nothing is done, where another one or none is kept
   * by now: somebody has signed in, or out. */
  replace(sent: string, next: string | undefined): Promise<boolean>;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** Tokens of a node. */
export function createTokenSource(settings: OauthSettings, refresh: RefreshStore): TokenSource {
  let current: { token: string; endsAt: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    const isByConsent = settings.grant === 'authorization-code';
    const kept = isByConsent ? await refresh.read() : undefined;
    const scope: Record<string, string> = settings.scope === undefined ? {} : { scope: settings.scope };
    if (isByConsent && kept === undefined)
      throw new LecternError('peer-credentials', `${settings.name} needs your consent: sign in to it in the settings.`);
    const answer = await askForToken(
      settings,
      isByConsent
        ? { grant_type: 'refresh_token', refresh_token: kept ?? '' }
        : { grant_type: 'client_credentials', ...scope },
      // Not with the work that asked: the answer holds the next refresh token, and the one sent is spent.
      AbortSignal.timeout(RENEW_WITHIN_MS),
    ).catch(async (error: unknown) => {
      if (!(error instanceof NoToken) || error.error !== 'invalid_grant' || kept === undefined) throw error;
      if (!(await refresh.replace(kept, undefined))) return undefined;
      const again = `${settings.name} no longer takes its sign-in: sign in to it again in the settings.`;
      throw new LecternError('peer-credentials', again, { cause: error });
    });
    const next = answer?.refresh_token;
    // Of who was signed in before: work that goes on, or that one's next token, is not for who is now.
    if (!answer || (kept !== undefined && next !== undefined && !(await refresh.replace(kept, next)))) return ask();
    const lifeMs = (answer.expires_in ?? USUAL_LIFE_S) * 1000;
    current = { token: answer.access_token, endsAt: Date.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 2) };
    return answer.access_token;
  };
  const renew = (signal: AbortSignal): Promise<string> => {
    // Many requests that find the token spent ask for one together.
    asking ??= refresh.inTurn(ask).finally(() => {
      asking = undefined;
    });
    return orAborted(asking, signal);
  };
  return {
    renew,
    token: (refused, signal) =>
      current && current.token !== refused && current.endsAt > Date.now()
        ? Promise.resolve(current.token)
        : renew(signal),
  };
}

/** What it gives, or the signal's reason where that comes first. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

export interface Consent {
  /** To be opened in the system's browser. */
  address: string;
  /** Resolves once the person has agreed and the refresh token is kept. Rejects with LecternError. */
  done: Promise<void>;
}

/** Begins a person's consent: listens on a loopback port for the one answer that belongs to it. `keep` gets the refresh token;
 * `onStrange` is told in words of an answer that does not belong to it, which ends nothing: anybody on this machine can send one. */
export async function beginConsent(
  settings: OauthSettings,
  keep: (refreshToken: string) => Promise<void>,
  signal: AbortSignal,
  onStrange: (words: string) => void = () => undefined,
): Promise<Consent> {
  if (settings.authorizeUrl === undefined)
    throw new LecternError('bad-request', `${settings.name} has no address to sign in at.`);
  const verifier = randomBytes(48).toString('base64url');
  const state = randomBytes(24).toString('base64url');
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const redirect = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const address = new URL(settings.authorizeUrl);
  for (const [name, value] of Object.entries({
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: redirect,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(settings.scope !== undefined && { scope: settings.scope }),
  }))
    address.searchParams.set(name, value);
  const within = AbortSignal.any([signal, AbortSignal.timeout(CONSENT_WITHIN_MS)]);
  const exchange = async (code: string): Promise<void> => {
    const answer = await askForToken(
      settings,
      { grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier },
      within,
    );
    if (answer.refresh_token === undefined)
      throw new LecternError(
        'peer-rejected',
        `${settings.name} gave no lasting token; ask for the scope offline_access.`,
      );
    await keep(answer.refresh_token);
  };
  const done = codeOf(server, state, within, onStrange)
    .then(({ code, say }) =>
      exchange(code).then(
        () => say('Signed in.'),
        (error: unknown) => {
          say(`Signing in failed. ${error instanceof LecternError ? error.message : 'Lectern says why.'}`);
          throw error;
        },
      ),
    )
    .finally(() => server.close());
  return { address: address.href, done };
}

interface ConsentAnswer {
  code: string;
  /** Ends the page that waits for it. */
  say(outcome: string): void;
}

const STRANGE =
  'This answer does not belong to the sign-in that Lectern is waiting for. Begin signing in again in the settings.';

/** The authorisation code of the answer with our state. */
function codeOf(
  server: http.Server,
  state: string,
  signal: AbortSignal,
  onStrange: (words: string) => void,
): Promise<ConsentAnswer> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      server.closeAllConnections();
      reject(new LecternError('peer-timeout', 'Signing in was not finished.'));
    });
    server.on('request', (request, response) => {
      // What anybody on this machine sends, `//` too: what throws here ends the whole process.
      const asked = URL.parse(request.url ?? '', 'http://127.0.0.1');
      if (asked?.pathname !== '/') {
        response.writeHead(404).end();
        return;
      }
      const say = (outcome: string, status = 200): void => {
        response.writeHead(status, {
          'content-type': 'text/plain; charset=utf-8',
          'content-security-policy': "default-src 'none'",
          connection: 'close',
        });
        response.end(`${outcome} You can close this page.`);
      };
      const { searchParams } = asked;
      if (searchParams.get('state') !== state) {
        say(STRANGE, 400);
        return onStrange(STRANGE);
      }
      const code = searchParams.get('code');
      if (code) return resolve({ code, say });
      const words = refusalOf(searchParams);
      say(words);
      reject(new LecternError('peer-rejected', words));
    });
  });
}

/** With what the service says of it (RFC 6749 4.1.2.1). */
function refusalOf(answer: URLSearchParams): string {
  const said = linesOf(answer.get('error'), answer.get('error_description'));
  return said ? `Signing in was refused: ${said}.` : 'Signing in was refused.';
}

/** Of words that somebody else wrote one short line each. */
const linesOf = (...texts: (string | null | undefined)[]): string =>
  texts
    .map((text) => [...(text ?? '').replace(/[\p{C}\s]+/gu, ' ').trim()].slice(0, MOST_SAID).join(''))
    .filter(Boolean)
    .join(', ');
