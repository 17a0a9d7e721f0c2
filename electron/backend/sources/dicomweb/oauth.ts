// Access tokens for a node (RFC 6749): client credentials, or a person's consent by authorisation code with PKCE (RFC 7636) in
// the system's browser, answered to a loopback address of this machine (RFC 8252 7.3). Refresh tokens are kept by the caller.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { LecternError } from '#shared/contract/errors.ts';
import type { TokenSource } from './node.ts';

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
}

const answerShape = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().optional(),
  refresh_token: z.string().optional(),
});
type TokenAnswer = z.infer<typeof answerShape>;

/** A token is renewed this long before its end. */
const MARGIN_MS = 30_000;
const RENEW_WITHIN_MS = 60_000;
const CONSENT_WITHIN_MS = 5 * 60_000;

async function askForToken(
  settings: OauthSettings,
  fields: Record<string, string>,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  const body = new URLSearchParams({ client_id: settings.clientId, ...fields });
  if (settings.clientSecret !== undefined) body.set('client_secret', settings.clientSecret);
  const response = await fetch(settings.tokenUrl, {
    method: 'POST',
    body,
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal,
  }).catch((cause: unknown) => {
    if (signal.aborted && signal.reason instanceof LecternError) throw signal.reason;
    if (signal.aborted)
      throw new LecternError('peer-timeout', `The token service of ${settings.name} did not answer in time.`, {
        cause,
      });
    throw new LecternError('peer-unreachable', `The token service of ${settings.name} cannot be reached.`, { cause });
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const parsed = answerShape.safeParse(answer);
  if (response.ok && parsed.success) return parsed.data;
  const error = z.object({ error: z.string().regex(/^[\w-]{1,64}$/) }).safeParse(answer);
  throw new LecternError(
    'peer-rejected',
    `The token service of ${settings.name} gave no token (${error.success ? error.data.error : `HTTP ${response.status}`}).`,
  );
}

/** Where a node's refresh token is kept. Many services take each one only once, and take a second use for theft: so whoever renews
 * has `inTurn` to itself, from reading the token to keeping the new one. */
export interface RefreshStore {
  read(): Promise<string | undefined>;
  write(token: string): Promise<void>;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

/** Tokens of a node. */
export function createTokenSource(settings: OauthSettings, refresh: RefreshStore): TokenSource {
  let current: { token: string; endsAt: number } | undefined;
  let asking: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const kept = await refresh.read();
    const scope: Record<string, string> = settings.scope === undefined ? {} : { scope: settings.scope };
    if (settings.grant === 'authorization-code' && kept === undefined)
      throw new LecternError('peer-rejected', `${settings.name} needs your consent: sign in to it in the settings.`);
    const answer = await askForToken(
      settings,
      settings.grant === 'client-credentials'
        ? { grant_type: 'client_credentials', ...scope }
        : { grant_type: 'refresh_token', refresh_token: kept ?? '' },
      // Not with the work that asked: the answer holds the next refresh token, and the one sent is spent.
      AbortSignal.timeout(RENEW_WITHIN_MS),
    );
    if (answer.refresh_token !== undefined) await refresh.write(answer.refresh_token);
    current = { token: answer.access_token, endsAt: Date.now() + (answer.expires_in ?? 300) * 1000 - MARGIN_MS };
    return answer.access_token;
  };
  return {
    token: (refused, signal) => {
      if (current && current.token !== refused && current.endsAt > Date.now()) return Promise.resolve(current.token);
      // Many requests that find the token spent ask for one together.
      asking ??= refresh.inTurn(renew).finally(() => {
        asking = undefined;
      });
      return orAborted(asking, signal);
    },
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
  /** Resolves to the refresh token once the person has agreed. Rejects with LecternError. */
  done: Promise<string>;
}

/** Begins a person's consent: listens on a loopback port for the one answer that belongs to it. */
export async function beginConsent(settings: OauthSettings, signal: AbortSignal): Promise<Consent> {
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
  const done = codeOf(server, state, within)
    .then(async (code) => {
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
      return answer.refresh_token;
    })
    .finally(() => server.close());
  return { address: address.href, done };
}

/** The authorisation code of the answer with our state; others get 404. */
function codeOf(server: http.Server, state: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      server.closeAllConnections();
      reject(new LecternError('peer-timeout', 'Signing in was not finished.'));
    });
    server.on('request', (request, response) => {
      const { searchParams, pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
      if (pathname !== '/' || searchParams.get('state') !== state) {
        response.writeHead(404).end();
        return;
      }
      const code = searchParams.get('code');
      response.writeHead(200, {
        'content-type': 'text/plain; charset=utf-8',
        'content-security-policy': "default-src 'none'",
        connection: 'close',
      });
      response.end(code ? 'Signed in. You can close this page.' : 'Signing in was refused. You can close this page.');
      if (code) resolve(code);
      else reject(new LecternError('peer-rejected', 'Signing in was refused.'));
    });
  });
}
