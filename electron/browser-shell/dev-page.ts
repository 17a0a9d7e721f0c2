// The page with hot reload: Vite's own server on loopback, reached through ours so that the origin stays one.
import path from 'node:path';

export interface DevPage {
  handle(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** Starts Vite in middleware-free mode and relays to it. The hot reload socket goes to Vite's own port. */
export async function devPage(root: string): Promise<DevPage> {
  const { createServer } = await import('vite');
  const vite = await createServer({
    configFile: path.join(root, 'renderer', 'vite.config.ts'),
    server: { host: '127.0.0.1', port: 0, strictPort: false },
  });
  await vite.listen();
  const base = vite.resolvedUrls?.local[0] ?? '';
  return {
    handle: async (request) => {
      const url = new URL(request.url);
      const answer = await fetch(new URL(url.pathname + url.search, base), {
        headers: { accept: request.headers.get('accept') ?? '*/*' },
      });
      const headers = new Headers({
        'content-type': answer.headers.get('content-type') ?? 'text/plain',
        'cache-control': 'no-store',
      });
      return new Response(answer.body, { status: answer.status, headers });
    },
    close: () => vite.close(),
  };
}
