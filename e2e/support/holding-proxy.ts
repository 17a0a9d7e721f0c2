// A TCP proxy on loopback that holds back what comes from the target once so many bytes have passed, until it is let go: a slow
// network that waits for the test.
import net, { type AddressInfo } from 'node:net';
import { once } from 'node:events';

export interface HoldingProxy {
  port: number;
  /** Resolves once something is held back. */
  held: Promise<void>;
  /** What is held goes on, and nothing is held any more. */
  release(): void;
  close(): Promise<void>;
}

export async function startHoldingProxy(targetPort: number, bytesUntilHeld: number): Promise<HoldingProxy> {
  let passed = 0;
  let isOpen = false;
  let tell: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (tell = resolve));
  const open = new Set<net.Socket>();
  const paused = new Set<net.Socket>();
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
    target.on('data', (bytes) => {
      passed += bytes.length;
      client.write(bytes);
      if (isOpen || passed < bytesUntilHeld) return;
      target.pause();
      paused.add(target);
      tell();
    });
    target.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    held,
    release: () => {
      isOpen = true;
      for (const socket of paused) socket.resume();
    },
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
