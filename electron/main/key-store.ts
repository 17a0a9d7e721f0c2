// The system's key store behind the backend's KeyStore port. Where the system has none that protects there is no port, and
// the backend says on screen how else the archive is kept.
import type { SafeStorage } from 'electron';

/** Same shape as the backend's port; both sides agree on bytes. */
export interface KeyStore {
  seal(secret: Uint8Array): Promise<Uint8Array>;
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

type Storage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
>;

/** After the app is ready. On Linux `basic_text` (a password that is the same everywhere) and `unknown` count as none. */
export async function openKeyStore(storage: Storage, platform: NodeJS.Platform): Promise<KeyStore | undefined> {
  if (!(await storage.isAsyncEncryptionAvailable())) return undefined;
  if (platform === 'linux' && ['basic_text', 'unknown'].includes(storage.getSelectedStorageBackend())) return undefined;
  return {
    seal: async (secret) => storage.encryptStringAsync(Buffer.from(secret).toString('base64')),
    open: async (sealed) => {
      const { result } = await storage.decryptStringAsync(Buffer.from(sealed));
      return Buffer.from(result, 'base64');
    },
  };
}
