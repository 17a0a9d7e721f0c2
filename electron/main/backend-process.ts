// Runs the backend in a process of its own and knows where it listens. A backend that ends by itself is told, not hidden.
import type { UtilityProcess } from 'electron';
import { fromBackend, type StartMessage, type ToBackend } from './backend-messages.ts';
import type { KeyStore } from './key-store.ts';
import type { BackendAddress } from './scheme.ts';

export interface BackendProcess {
  /** Where it listens; rejects with a sentence for a person when it could not start or has ended. */
  address(): Promise<BackendAddress>;
  /** Lets it finish what is under way; ends it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

type Child = Pick<UtilityProcess, 'postMessage' | 'on' | 'kill'>;

/** `onLost` is called once, when the process that served ends without having been asked to. */
export function superviseBackend(
  child: Child,
  start: StartMessage,
  keyStore: KeyStore | undefined,
  onLost: (sentence: string) => void,
): BackendProcess {
  const serving = Promise.withResolvers<BackendAddress>();
  const ended = Promise.withResolvers<void>();
  let current = serving.promise;
  let isServing = false;
  let isStopping = false;
  // Whoever asks later gets the rejection; nobody asking is no fault.
  current.catch(() => undefined);
  const send = (message: ToBackend): void => child.postMessage(message);

  child.on('message', (raw: unknown) => {
    const { success, data } = fromBackend.safeParse(raw);
    if (!success) return;
    if (data.kind === 'serving') {
      isServing = true;
      serving.resolve({ origin: data.origin, token: data.token });
    } else if (data.kind === 'failed') serving.reject(new Error(data.sentence));
    else
      void answerKey(keyStore, data.kind, data.bytes).then((answer) =>
        send({ kind: 'key-reply', id: data.id, ...answer }),
      );
  });
  child.on('exit', (code) => {
    ended.resolve();
    const sentence = `The backend ended with code ${code}.`;
    serving.reject(new Error(sentence));
    current = Promise.reject(new Error(sentence));
    current.catch(() => undefined);
    if (isServing && !isStopping) onLost(sentence);
  });
  send(start);
  return {
    address: () => serving.promise.then(() => current),
    stop: async (graceMs) => {
      isStopping = true;
      send({ kind: 'stop' });
      const timer = setTimeout(() => child.kill(), graceMs);
      await ended.promise;
      clearTimeout(timer);
    },
  };
}

async function answerKey(
  keyStore: KeyStore | undefined,
  what: 'seal' | 'open',
  bytes: Uint8Array,
): Promise<{ bytes: Uint8Array } | { failure: string }> {
  if (!keyStore) return { failure: 'This system has no key store.' };
  try {
    return { bytes: await keyStore[what](bytes) };
  } catch {
    return { failure: 'The key store of the system refused.' };
  }
}
