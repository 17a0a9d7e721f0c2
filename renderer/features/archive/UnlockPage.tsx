// Asks for the passphrase of a locked archive.
import { useState } from 'react';
import { backend, BackendError } from '../../backend-client/client.ts';
import type { ArchiveStore } from './archive-store.ts';

export function UnlockPage({ store }: { store: ArchiveStore }) {
  const [passphrase, setPassphrase] = useState('');
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const unlock = async (): Promise<void> => {
    setBusy(true);
    try {
      await backend.unlock(passphrase);
      await store.refreshSession();
    } catch (error) {
      setFailure(error instanceof BackendError ? error.message : 'The archive could not be opened.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="center-page">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          void unlock();
        }}
      >
        <h1>The archive is locked</h1>
        <label htmlFor="passphrase">Passphrase of the archive</label>
        <input
          id="passphrase"
          type="password"
          autoFocus
          autoComplete="current-password"
          value={passphrase}
          onChange={(event) => setPassphrase(event.target.value)}
        />
        {failure !== undefined && (
          <p role="alert" className="dangerous">
            {failure}
          </p>
        )}
        <div className="row">
          <button type="submit" className="primary" disabled={isBusy || passphrase === ''}>
            {isBusy ? 'Opening' : 'Unlock'}
          </button>
        </div>
      </form>
    </main>
  );
}
