// A DICOMweb node of a few lines that answers QIDO-RS for as many studies as it is told, pages included, and an OAuth issuer in
// front of it that takes nobody without PKCE.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

export interface FakeWebNode {
  /** Without a path. */
  url: string;
  /** Query strings that were asked for, in their order. */
  asked: string[];
  close(): Promise<void>;
}

interface Options {
  studies: number;
  /** What it says otherwise of each of them. */
  changed?: object;
  /** Default: any free one. */
  port?: number;
  tls?: { key: string; certificate: string };
  /** Sign-in at /authorize and /token; /dicom-web then wants a token of it. `refuses`: the code is never taken. */
  oauth?: { clientId: string; refuses?: boolean };
}

const study = (index: number): object => ({
  '0020000D': { vr: 'UI', Value: [`2.25.66${index}`] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: `Patient^Nr ${index}` }] },
  '00100020': { vr: 'LO', Value: [`F${index}`] },
  '00080020': { vr: 'DA', Value: ['20240101'] },
});

export async function startFakeWebNode({ studies, changed, port = 0, tls, oauth }: Options): Promise<FakeWebNode> {
  const asked: string[] = [];
  const issuer = oauth && createIssuer(oauth);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (issuer?.answer(url, request, response)) return;
    if (issuer && !issuer.knows(request.headers.authorization)) return void response.writeHead(401).end();
    asked.push(url.search);
    const [limit, offset] = ['limit', 'offset'].map((name) => Number(url.searchParams.get(name) ?? 0));
    const rows = Array.from({ length: studies }, (_, index) => ({ ...study(index), ...changed })).slice(
      offset,
      (offset ?? 0) + (limit || studies),
    );
    response.writeHead(200, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(rows));
  };
  const server = tls ? https.createServer({ key: tls.key, cert: tls.certificate }, answer) : http.createServer(answer);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function createIssuer({ clientId, refuses = false }: NonNullable<Options['oauth']>) {
  /** Challenge and redirect by code. */
  const codes = new Map<string, { challenge: string; redirect: string }>();
  const tokens = new Set<string>();
  const refreshes = new Set<string>();
  const json = (response: ServerResponse, status: number, body: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const grant = (response: ServerResponse): void => {
    const [token, refresh] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')];
    tokens.add(token);
    refreshes.add(refresh);
    json(response, 200, { access_token: token, refresh_token: refresh, token_type: 'Bearer', expires_in: 600 });
  };
  const authorize = ({ searchParams: given }: URL, response: ServerResponse): void => {
    const [challenge, redirect, state] = ['code_challenge', 'redirect_uri', 'state'].map(
      (name) => given.get(name) ?? '',
    );
    const isRight =
      given.get('response_type') === 'code' &&
      given.get('client_id') === clientId &&
      given.get('code_challenge_method') === 'S256' &&
      challenge?.length === 43 &&
      (state?.length ?? 0) > 20;
    if (!isRight || !redirect || !challenge) return void response.writeHead(400).end('not a request with PKCE');
    const code = randomBytes(16).toString('hex');
    codes.set(code, { challenge, redirect });
    response.writeHead(302, { location: `${redirect}?code=${code}&state=${state}` }).end();
  };
  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const piece of request) body += String(piece);
    const form = new URLSearchParams(body);
    if (form.get('grant_type') === 'refresh_token')
      return refreshes.delete(form.get('refresh_token') ?? '')
        ? grant(response)
        : json(response, 400, { error: 'invalid_grant' });
    const code = form.get('code') ?? '';
    const kept = codes.get(code);
    codes.delete(code);
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isRight = kept !== undefined && kept.challenge === proof && kept.redirect === form.get('redirect_uri');
    if (!isRight || refuses) return json(response, 400, { error: 'invalid_grant' });
    return grant(response);
  };
  return {
    knows: (authorization: string | undefined) => tokens.has((authorization ?? '').replace(/^Bearer /, '')),
    answer: (url: URL, request: IncomingMessage, response: ServerResponse): boolean => {
      if (url.pathname === '/authorize') authorize(url, response);
      else if (url.pathname === '/token') void token(request, response);
      else return false;
      return true;
    },
  };
}
