// A TCP proxy on loopback whose way back from the target is in the hands of the test.
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';

export interface Proxy {
  port: number;
  close(): Promise<void>;
}

/** `connected`: gives what is done with the bytes that come from the target of a new connection. */
export async function startProxy(
  targetPort: number,
  connected: (client: net.Socket, target: net.Socket) => (bytes: Buffer) => void,
): Promise<Proxy> {
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const target = net.connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(target);
    target.on('data', connected(client, target));
    target.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
