// Asks for the passphrase of a locked archive.
import { useEffect, useRef, useState } from 'react';
import { backend, BackendError } from '../../backend-client/client.ts';
import type { ArchiveStore } from './archive-store.ts';

export function UnlockPage({ store }: { store: ArchiveStore }) {
  const [passphrase, setPassphrase] = useState('');
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Another page, or a command, may have unlocked it meanwhile.
    const look = (): void => {
      if (document.visibilityState === 'visible') void store.refreshSession();
    };
    // The browser would leave this page for the file.
    const refuse = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      if (event.type === 'drop') setFailure('Unlock first, then drop the files again.');
    };
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    window.addEventListener('dragover', refuse);
    window.addEventListener('drop', refuse);
    return () => {
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
      window.removeEventListener('dragover', refuse);
      window.removeEventListener('drop', refuse);
    };
  }, [store]);
  const unlock = async (): Promise<void> => {
    setBusy(true);
    try {
      await backend.unlock(passphrase);
      await store.refreshSession();
    } catch (error) {
      const sentence = error instanceof BackendError ? error.message : 'The archive could not be opened.';
      const isWrong = error instanceof BackendError && error.code === 'wrong-passphrase';
      setFailure(isWrong ? `${sentence} Type it anew: the field is replaced as a whole.` : sentence);
      field.current?.focus();
      field.current?.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="center-page">
      <form
        className="card"
        style={{ width: 'min(28rem, 100%)' }}
        onSubmit={(event) => {
          event.preventDefault();
          void unlock();
        }}
      >
        <h1>The archive is locked</h1>
        <label htmlFor="passphrase">Passphrase of the archive</label>
        <input
          id="passphrase"
          ref={field}
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
