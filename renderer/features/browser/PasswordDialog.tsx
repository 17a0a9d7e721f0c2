// Asks for the password of encrypted ZIP files; it is sent once and kept nowhere.
import { useState } from 'react';
import { useModal } from '../../ui/use-modal.ts';

interface PasswordDialogProps {
  names: readonly string[];
  /** The password given before does not open them. */
  isAgain: boolean;
  onPassword(password: string): void;
  onClose(): void;
}

export function PasswordDialog({ names, isAgain, onPassword, onClose }: PasswordDialogProps) {
  const dialog = useModal();
  const [password, setPassword] = useState('');
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="password-title">
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault();
          onPassword(password);
        }}
      >
        <h1 id="password-title">
          {names.length === 1 ? 'This ZIP file is encrypted' : `${names.length} ZIP files are encrypted`}
        </h1>
        <p>{names.slice(0, 5).join(', ')}</p>
        {isAgain && (
          <p id="zip-password-wrong" className="warning" role="alert">
            That password does not open {names.length === 1 ? 'it' : 'them'}.
          </p>
        )}
        <label htmlFor="zip-password">Password; it is used once and not kept</label>
        <input
          id="zip-password"
          type="password"
          autoFocus
          autoComplete="off"
          aria-invalid={isAgain && password === ''}
          aria-describedby={isAgain ? 'zip-password-wrong' : undefined}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <div className="row">
          <button
            type="submit"
            className="primary"
            title="Import with this password (Enter)"
            disabled={password === ''}
          >
            Import
          </button>
          <button type="button" title="Import nothing of it (Escape)" onClick={onClose}>
            Leave it out
          </button>
        </div>
      </form>
    </dialog>
  );
}
