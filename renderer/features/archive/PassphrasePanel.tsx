// Protects the archive by a passphrase: its key is wrapped anew, no file is rewritten.
import { useState } from 'react';
import { COPIES_MADE_BEFORE } from '#shared/contract/protection.ts';
import { backend, BackendError } from '../../backend-client/client.ts';
import type { ArchiveStore } from './archive-store.ts';

export function PassphrasePanel({ store, onDone }: { store: ArchiveStore; onDone(): void }) {
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [failure, setFailure] = useState<string>();
  const save = async (): Promise<void> => {
    if (first !== second) return setFailure('The two entries differ.');
    try {
      await backend.setPassphrase(first);
      await store.refreshSession();
      onDone();
    } catch (error) {
      setFailure(error instanceof BackendError ? error.message : 'The passphrase could not be set.');
    }
  };
  return (
    <form
      className="banner"
      aria-label="Set a passphrase"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label htmlFor="new-passphrase">New passphrase, at least 8 characters</label>
      <input
        id="new-passphrase"
        type="password"
        autoFocus
        autoComplete="new-password"
        value={first}
        onChange={(event) => setFirst(event.target.value)}
      />
      <label htmlFor="again-passphrase">Again</label>
      <input
        id="again-passphrase"
        type="password"
        autoComplete="new-password"
        value={second}
        onChange={(event) => setSecond(event.target.value)}
      />
      <button type="submit" className="primary" disabled={first.length < 8}>
        Protect the archive
      </button>
      <button type="button" onClick={onDone}>
        Not now
      </button>
      <span className="quiet">Without it nobody can open the archive again: keep it safe. {COPIES_MADE_BEFORE}</span>
      {failure !== undefined && (
        <span role="alert" className="dangerous">
          {failure}
        </span>
      )}
    </form>
  );
}
