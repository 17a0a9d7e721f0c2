// A TCP proxy on loopback that cuts connections after a random number of bytes: what bad networks do to transfers.
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';

export interface CuttingProxy {
  port: number;
  /** Connections cut so far. */
  cuts(): number;
  /** From now on nothing is cut. */
  heal(): void;
  close(): Promise<void>;
}

/** `bytesUntilCut`: asked for each connection; the bytes that may come back from the target before both sides are reset. */
export async function startCuttingProxy(targetPort: number, bytesUntilCut: () => number): Promise<CuttingProxy> {
  let cuts = 0;
  let isHealed = false;
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const target = net.connect(targetPort, '127.0.0.1');
    let left = isHealed ? Number.POSITIVE_INFINITY : bytesUntilCut();
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
    target.on('data', (bytes) => {
      left -= bytes.length;
      if (left < 0 && !isHealed) {
        cuts++;
        client.resetAndDestroy();
        target.resetAndDestroy();
        return;
      }
      if (!client.write(bytes)) target.pause();
    });
    client.on('drain', () => target.resume());
    target.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cuts,
    heal: () => {
      isHealed = true;
    },
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
