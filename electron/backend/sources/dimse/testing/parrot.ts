// A peer that says bytes it was told to say and hears PDUs without understanding them: for everything that breaks the protocol.
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

export interface Parrot {
  socket: Socket;
  /** The next whole PDU that comes, with its header; undefined when the connection ends first. */
  hear(): Promise<Buffer | undefined>;
  say(...bytes: readonly Uint8Array[]): void;
  /** Resolves when the connection is gone. */
  gone: Promise<void>;
}

export function parrot(socket: Socket): Parrot {
  let heard = Buffer.alloc(0);
  let wake: (() => void) | undefined;
  let isGone = false;
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    wake?.();
  });
  socket.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isGone = true;
      wake?.();
      resolve();
    });
  });
  return {
    socket,
    gone,
    say: (...bytes) => void socket.write(Buffer.concat(bytes)),
    hear: async () => {
      for (;;) {
        const length = heard.length >= 6 ? 6 + heard.readUInt32BE(2) : Infinity;
        if (heard.length >= length) {
          const pdu = heard.subarray(0, length);
          heard = heard.subarray(length);
          return pdu;
        }
        if (isGone) return undefined;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/** A parrot that calls. */
export async function callAs(port: number): Promise<Parrot> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return parrot(socket);
}

/** A parrot that is called; `play` runs for each connection. */
export async function listenAs(
  play: (peer: Parrot) => Promise<void> | void,
): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    Promise.resolve(play(parrot(socket))).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
