// How the archive's key is kept, and setting or changing its passphrase.
import { useState, useSyncExternalStore } from 'react';
import { COPIES_MADE_BEFORE } from '#shared/contract/protection.ts';
import { backend, BackendError } from '../../backend-client/client.ts';
import type { ArchiveStore } from '../archive/index.ts';

const PROTECTION_WORDS = {
  'os-key-store': 'The key lies in the key store of the operating system, under your login.',
  passphrase: 'The key is protected by a passphrase, asked for at each start.',
  'key-file':
    'The key lies in a plain file of this account: whoever reads the files of this account reads the archive.',
} as const;

export function ProtectionSection({ store }: { store: ArchiveStore }) {
  const protection = useSyncExternalStore(store.subscribe, store.state).session?.archive.protection;
  const [current, setCurrent] = useState('');
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const [outcome, setOutcome] = useState<{ text: string; isFailure: boolean }>();
  if (protection === undefined) return <p className="quiet">Not known while the backend is away.</p>;
  const hasPassphrase = protection === 'passphrase';
  const save = async (): Promise<void> => {
    if (first !== second) return setOutcome({ text: 'The two entries differ.', isFailure: true });
    try {
      await backend.setPassphrase(first, hasPassphrase ? current : undefined);
      await store.refreshSession();
      setCurrent('');
      setFirst('');
      setSecond('');
      setOutcome({ text: 'The passphrase is set. It is asked for at the next start.', isFailure: false });
    } catch (error) {
      const text = error instanceof BackendError ? error.message : 'The passphrase could not be set.';
      setOutcome({ text, isFailure: true });
    }
  };
  const field = (id: string, label: string, value: string, set: (value: string) => void, kind: string) => (
    <>
      <label htmlFor={id}>{label}</label>
      <input id={id} type="password" autoComplete={kind} value={value} onChange={(event) => set(event.target.value)} />
    </>
  );
  return (
    <>
      <p>
        Files and index are always encrypted.{' '}
        <span className={protection === 'key-file' ? 'warning' : ''}>{PROTECTION_WORDS[protection]}</span>
      </p>
      <form
        className="fields"
        aria-label={hasPassphrase ? 'Change the passphrase' : 'Set a passphrase'}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {hasPassphrase && field('passphrase-current', 'Current passphrase', current, setCurrent, 'current-password')}
        {field('passphrase-first', 'New passphrase, at least 8 characters', first, setFirst, 'new-password')}
        {field('passphrase-second', 'Again', second, setSecond, 'new-password')}
        <span />
        <button type="submit" disabled={first.length < 8 || (hasPassphrase && current === '')}>
          {hasPassphrase ? 'Change the passphrase' : 'Set a passphrase'}
        </button>
      </form>
      <p className="quiet">Without it nobody can open the archive again: keep it safe. No file is written anew.</p>
      {protection === 'key-file' && <p className="quiet">{COPIES_MADE_BEFORE}</p>}
      {outcome && (
        <p role={outcome.isFailure ? 'alert' : 'status'} className={outcome.isFailure ? 'dangerous' : ''}>
          {outcome.text}
        </p>
      )}
    </>
  );
}
