// An HTTP server on loopback that does what its test says, and ends with it.
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach } from 'vitest';

export type Handler = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

const servers: (http.Server | https.Server)[] = [];

/** Resolves with its address. A request that breaks off is not handled. */
export async function serve(handle: Handler, secure?: https.ServerOptions): Promise<string> {
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    buffer(request).then(
      (body) => handle(request, response, body),
      () => undefined,
    );
  };
  const server = secure ? https.createServer(secure, take) : http.createServer(take);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});
