// Answers the page's own scheme: its files from the build, /api from the backend on loopback. The page never sees the
// backend's port or secret.
import type { CustomScheme } from 'electron';
import { LecternError, type ErrorCode } from '#shared/contract/errors.ts';
import { problemResponse } from '#backend/base/problem-response.ts';
import { staticFiles } from '#backend/static-files.ts';
import { PAGE_SCHEME, isPageOrigin } from './page-address.ts';

export const PRIVILEGED_SCHEME: CustomScheme = {
  scheme: PAGE_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
};

export interface BackendAddress {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  token: string;
}

export interface SchemeOptions {
  pageRoot: string;
  /** Rejects where the backend is gone. */
  backend(): Promise<BackendAddress>;
  /** Electron's net.fetch: its answer is handed on untouched, which Electron relays without JavaScript in between. */
  fetch(address: string, init: RequestInit & { duplex?: 'half' }): Promise<Response>;
}

// The backend answers only to its own Host and Origin; a cookie or another authorisation of the page means nothing there.
const DROPPED = ['host', 'origin', 'referer', 'cookie', 'authorization', 'connection', 'content-length'];

/** Handler for `protocol.handle`. Addresses of other hosts of the scheme are refused. */
export function createSchemeHandler(options: SchemeOptions): (request: Request) => Promise<Response> {
  const page = staticFiles(options.pageRoot);
  return async (request) => {
    if (!isPageOrigin(request.url)) return problem('forbidden', 'This address is not part of the page.');
    const { pathname, search } = new URL(request.url);
    if (pathname !== '/api' && !pathname.startsWith('/api/')) return page(request);
    const headers = new Headers(request.headers);
    for (const name of DROPPED) headers.delete(name);
    try {
      const { origin, token } = await options.backend();
      headers.set('authorization', `Bearer ${token}`);
      return await options.fetch(`${origin}${pathname}${search}`, {
        method: request.method,
        headers,
        signal: request.signal,
        redirect: 'error',
        credentials: 'omit',
        ...(request.body && { body: request.body, duplex: 'half' }),
      });
    } catch (error) {
      if (request.signal.aborted) throw error;
      return problem('internal', 'The backend of Lectern does not answer. Close Lectern and start it again.');
    }
  };
}

const problem = (code: ErrorCode, detail: string): Response => problemResponse(new LecternError(code, detail));
