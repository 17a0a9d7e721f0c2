// Puts a fetch handler on 127.0.0.1 behind a secret: bearer token for programs, http-only cookie for the page. Host and
// Origin are checked, so that a page of another site cannot reach it by name tricks (DNS rebinding).
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { getRequestListener as RequestListener } from '@hono/node-server';
import { LecternError } from '#shared/contract/errors.ts';
import { notListening } from './base/not-listening.ts';
import { problemResponse } from './base/problem-response.ts';

type Handler = (request: Request) => Promise<Response>;

export interface LoopbackOptions {
  /** 0 takes a free port. */
  port: number;
  /** Everything under /api. */
  api: Handler;
  /** All other addresses: the built page; absent where only /api is served. */
  page?: Handler;
}

export interface LoopbackServer {
  origin: string;
  /** Secret of this start: `Authorization: Bearer`. */
  token: string;
  /** Address that a browser opens once to get its cookie; every call makes a new one. */
  invitation(): string;
  /** Takes no more connections; resolves when what came by those there are has its answer, or has not come for a second. */
  finish(): Promise<void>;
  /** At once. */
  close(): Promise<void>;
}

/** A connection may say nothing for as long before it is given up by `finish`. */
const FINISHING_MS = 1000;
const SWEEPING_MS = 20;

const sameText = (a: string, b: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};

/** Listens on loopback only. Rejects with LecternError 'conflict' where the port cannot be had. */
export async function startLoopbackServer(options: LoopbackOptions): Promise<LoopbackServer> {
  const token = randomBytes(32).toString('base64url');
  const cookieValue = randomBytes(32).toString('base64url');
  const invitations = new Set<string>();
  let port = options.port;
  const cookieName = (): string => `lectern-${port}`;

  const isAllowed = (request: Request): boolean => {
    const bearer = /^Bearer +(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    if (bearer !== undefined) return sameText(bearer, token);
    const cookies = (request.headers.get('cookie') ?? '').split(/;\s*/);
    return cookies.some(
      (cookie) => cookie.startsWith(`${cookieName()}=`) && sameText(cookie.slice(cookieName().length + 1), cookieValue),
    );
  };

  const handle: Handler = async (request) => {
    const url = new URL(request.url);
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    const origin = request.headers.get('origin');
    if (
      !hosts.includes(request.headers.get('host') ?? '') ||
      (origin !== null && !hosts.some((host) => origin === `http://${host}`))
    ) {
      return problemResponse(new LecternError('forbidden', 'This address answers only to its own page.'));
    }
    const invitation = url.searchParams.get('token');
    if (url.pathname === '/' && invitation !== null && invitations.delete(invitation)) {
      const cookie = `${cookieName()}=${cookieValue}; HttpOnly; SameSite=Strict; Path=/`;
      return new Response(null, { status: 303, headers: { location: '/', 'set-cookie': cookie } });
    }
    const isApi = url.pathname === '/api' || url.pathname.startsWith('/api/');
    if (!isAllowed(request)) {
      if (!isApi && /\btext\/html\b/.test(request.headers.get('accept') ?? '')) return strangerPage();
      return problemResponse(
        new LecternError('unauthorised', 'Open the address that Lectern printed at its start, or send its token.'),
      );
    }
    if (isApi) return options.api(request);
    return options.page
      ? options.page(request)
      : problemResponse(new LecternError('not-found', 'Only /api is served here.'));
  };

  // Loaded with the first request: most commands end before anybody asks.
  let listener: ReturnType<typeof RequestListener> | undefined;
  const server = http.createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    if (listener) return void listener(request, response);
    void import('@hono/node-server').then(({ getRequestListener }) => {
      listener ??= getRequestListener(handle);
      return listener(request, response);
    });
  });
  // Uploads of whole studies take longer than Node's five minutes; loopback callers are trusted with time.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(notListening(`port ${options.port} of this machine`, cause)));
    server.listen(options.port, '127.0.0.1', resolve);
  });
  port = (server.address() as AddressInfo).port;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    token,
    invitation: () => {
      const once = randomBytes(24).toString('base64url');
      invitations.add(once);
      return `${origin}/?token=${once}`;
    },
    finish: () =>
      new Promise((resolve) => {
        const patience = setTimeout(resolve, FINISHING_MS);
        // Those that were answered may be kept open for more.
        const sweep = setInterval(() => server.closeIdleConnections(), SWEEPING_MS);
        server.close(() => {
          clearTimeout(patience);
          clearInterval(sweep);
          resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** For a person whose page is of an earlier start, or who typed the bare address. */
function strangerPage(): Response {
  const style = 'background:#111;color:#ddd;font:16px/1.6 system-ui;display:grid;place-items:center;min-height:90vh';
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lectern</title><body style="${style}">
<main><h1>Lectern does not know this page</h1><p>It was started anew, or this address was opened without its invitation.<br>
Open the address that Lectern printed at its start.</p></main></body></html>`;
  return new Response(page, {
    status: 401,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    },
  });
}
