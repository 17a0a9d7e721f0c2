// A proxy that cuts connections after a random number of bytes: what bad networks do to transfers.
import { startProxy, type Proxy } from './proxy.ts';

export interface CuttingProxy extends Proxy {
  /** Connections cut so far. */
  cuts(): number;
  /** From now on nothing is cut. */
  heal(): void;
}

/** `bytesUntilCut`: asked for each connection; the bytes that may come back from the target before both sides are reset. */
export async function startCuttingProxy(targetPort: number, bytesUntilCut: () => number): Promise<CuttingProxy> {
  let cuts = 0;
  let isHealed = false;
  const proxy = await startProxy(targetPort, (client, target) => {
    let left = isHealed ? Number.POSITIVE_INFINITY : bytesUntilCut();
    client.on('drain', () => target.resume());
    return (bytes) => {
      left -= bytes.length;
      if (left < 0 && !isHealed) {
        cuts++;
        client.resetAndDestroy();
        target.resetAndDestroy();
        return;
      }
      if (!client.write(bytes)) target.pause();
    };
  });
  return {
    ...proxy,
    cuts: () => cuts,
    heal: () => {
      isHealed = true;
    },
  };
}
