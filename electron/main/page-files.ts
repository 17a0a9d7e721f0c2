// Finds the built page's files by their real path below one folder, and answers with them under the security policy.
import fs from 'node:fs/promises';
import path from 'node:path';
import { CONTENT_SECURITY_POLICY } from '#shared/contract/csp.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** Real path of the file that a percent-encoded URL path means; undefined where it is none below `root`, whether by dots,
 * encoded separators, a NUL or a link that leads out. */
export async function pageFile(root: string, pathname: string): Promise<string | undefined> {
  try {
    const decoded = decodeURIComponent(pathname);
    if (/[\0\\]|\/\//.test(decoded)) return undefined;
    const realRoot = await fs.realpath(root);
    const real = await fs.realpath(path.join(realRoot, decoded === '/' ? 'index.html' : decoded));
    const relative = path.relative(realRoot, real);
    if (relative.startsWith('..') || path.isAbsolute(relative)) return undefined;
    return (await fs.stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}

export async function answerWithPage(root: string, request: Request): Promise<Response> {
  const file = await pageFile(root, new URL(request.url).pathname);
  if (file === undefined || request.method !== 'GET')
    return new Response('There is no such page.', { status: 404, headers: HEADERS });
  const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
  return new Response(await fs.readFile(file), { headers: { ...HEADERS, 'content-type': type } });
}
