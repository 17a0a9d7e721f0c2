// A proxy that holds back what comes from the target once so many bytes have passed, until it is let go: a slow network that waits
// for the test.
import type net from 'node:net';
import { startProxy, type Proxy } from './proxy.ts';

export interface HoldingProxy extends Proxy {
  /** Resolves once something is held back. */
  held: Promise<void>;
  /** What is held goes on, and nothing is held any more. */
  release(): void;
}

export async function startHoldingProxy(targetPort: number, bytesUntilHeld: number): Promise<HoldingProxy> {
  let passed = 0;
  let isOpen = false;
  let tell: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (tell = resolve));
  const paused = new Set<net.Socket>();
  const proxy = await startProxy(targetPort, (client, target) => (bytes) => {
    passed += bytes.length;
    client.write(bytes);
    if (isOpen || passed < bytesUntilHeld) return;
    target.pause();
    paused.add(target);
    tell();
  });
  return {
    ...proxy,
    held,
    release: () => {
      isOpen = true;
      for (const socket of paused) socket.resume();
    },
  };
}
