// The backend's side of the key store: each call becomes a message to main and waits for its reply.
import type { FromBackend } from './backend-messages.ts';
import type { KeyStore } from './key-store.ts';

export interface RemoteKeyStore {
  keyStore: KeyStore;
  /** Hands in main's reply; replies to unknown calls are dropped. */
  settle(id: number, bytes: Uint8Array | undefined, failure: string | undefined): void;
}

export function createRemoteKeyStore(send: (message: FromBackend) => void): RemoteKeyStore {
  const waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  let nextId = 1;
  const ask = (kind: 'seal' | 'open', bytes: Uint8Array): Promise<Uint8Array> => {
    const call = Promise.withResolvers<Uint8Array>();
    waiting.set(nextId, call);
    send({ kind, id: nextId++, bytes: new Uint8Array(bytes) });
    return call.promise;
  };
  return {
    keyStore: { seal: (secret) => ask('seal', secret), open: (sealed) => ask('open', sealed) },
    settle: (id, bytes, failure) => {
      const call = waiting.get(id);
      waiting.delete(id);
      if (bytes) call?.resolve(bytes);
      else call?.reject(new Error(failure ?? 'The key store gave nothing.'));
    },
  };
}
