// The backend of a running browser shell as a program of ours calls it: the invitation traded for its cookie.
import type { Shell } from './lectern.ts';

export type Api = (path: string, init?: { method?: string; body?: unknown }) => Promise<Response>;

/** Throws for every answer that is not 2xx. */
export async function signIn(shell: Shell): Promise<Api> {
  const { origin } = new URL(shell.invitation);
  const answer = await fetch(shell.invitation, { redirect: 'manual' });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  return async (path, { method = 'GET', body } = {}) => {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { cookie, 'x-lectern': '1', 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
}
