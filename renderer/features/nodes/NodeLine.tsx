// One node of the list: where it is, how it is protected, what can be done with it.
import { useEffect, useRef, useState } from 'react';
import { BackendError } from '../../backend-client/client.ts';
import { network } from '../../backend-client/network.ts';
import type { NodeView } from '#shared/contract/nodes.ts';
import { isValidityDue, validityWords } from '#shared/contract/validity.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { NodeTest } from './NodeTest.tsx';
import { networkStore } from './network-store.ts';
import { isEncrypted, isUnprotected, placeOf, UNPROTECTED_WORDS } from './node-words.ts';

interface NodeLineProps {
  node: NodeView;
  store: ArchiveStore;
  isTested: boolean;
  onTest(isOn: boolean): void;
  onPin(fingerprint: string): void;
  onEdit(): void;
  onDuplicate(): void;
}

export function NodeLine({ node, store, isTested, onTest, onPin, onEdit, onDuplicate }: NodeLineProps) {
  const { settings, secrets, certificateValidity } = node;
  const { name } = settings;
  const [isRemoving, setRemoving] = useState(false);
  /** Why it was not removed at once: who uses it. */
  const [users, setUsers] = useState<string>();
  const remover = useRef<HTMLButtonElement>(null);
  const wasRemoving = useRef(false);
  useEffect(() => {
    if (wasRemoving.current && !isRemoving) remover.current?.focus();
    wasRemoving.current = isRemoving;
  }, [isRemoving]);
  const wantsSignIn =
    settings.kind === 'dicomweb' && settings.auth.kind === 'oauth' && settings.auth.grant === 'authorization-code';
  const wantsPassword = settings.kind === 'dicomweb' && ['basic', 'bearer'].includes(settings.auth.kind);
  const remove = (): void =>
    void store.attempt(async () => {
      try {
        await network.removeNode(name, users !== undefined);
      } catch (error) {
        if (!(error instanceof BackendError) || error.code !== 'conflict') throw error;
        return setUsers(error.message);
      }
      await networkStore.getState().reload();
    });
  const keep = (): void => {
    setRemoving(false);
    setUsers(undefined);
  };
  return (
    <li className="node" aria-label={name}>
      <div className="row">
        <strong className="node-name">{name}</strong>
        <span className="tag quiet">{settings.kind === 'dimse' ? 'DICOM' : 'DICOMweb'}</span>
        <span className="quiet node-place">{placeOf(settings)}</span>
        {isEncrypted(settings) && <span className="tag">TLS</span>}
        {isUnprotected(settings) && (
          <span className="tag warning" title={UNPROTECTED_WORDS}>
            not protected
          </span>
        )}
        {certificateValidity !== null && isValidityDue(certificateValidity, Date.now()) && (
          <span className="tag warning">our certificate {validityWords(certificateValidity, Date.now())}</span>
        )}
        {wantsPassword && !secrets.includes('password') && <span className="tag warning">no password set</span>}
        {isRemoving ? (
          <span
            // Else it would be the row below with other words, and its button none that takes the focus as it comes.
            key="question"
            className="row node-actions"
            role="group"
            aria-label={`Remove ${name}`}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              event.stopPropagation();
              keep();
            }}
          >
            {users === undefined ? (
              <span>Remove it with its secrets?</span>
            ) : (
              <span role="alert" className="warning">
                {users} Remove it all the same?
              </span>
            )}
            <button
              type="button"
              className="danger"
              aria-label={`Remove ${name} for good`}
              title="Its settings and secrets go"
              autoFocus
              onClick={remove}
            >
              Remove
            </button>
            <button type="button" title="Leave it as it is (Escape)" onClick={keep}>
              Keep
            </button>
          </span>
        ) : (
          <span key="actions" className="row node-actions">
            <button
              type="button"
              aria-label={`Test ${name}`}
              aria-expanded={isTested}
              onClick={() => onTest(!isTested)}
            >
              Test
            </button>
            <button type="button" aria-label={`Edit ${name}`} onClick={onEdit}>
              Edit
            </button>
            <button type="button" aria-label={`Duplicate ${name}`} onClick={onDuplicate}>
              Duplicate
            </button>
            <button ref={remover} type="button" aria-label={`Remove ${name}`} onClick={() => setRemoving(true)}>
              Remove
            </button>
          </span>
        )}
      </div>
      {wantsSignIn && <SignIn node={node} store={store} />}
      {isTested && (
        <NodeTest name={name} pinned={settings.tls?.pinnedFingerprint} onPin={onPin} onClose={() => onTest(false)} />
      )}
    </li>
  );
}

const LOOK_EVERY_MS = 2000;

/** Signing in happens at the identity provider's own page; here it is only seen that it is done. */
function SignIn({ node, store }: { node: NodeView; store: ArchiveStore }) {
  const { name } = node.settings;
  const { signInFailure } = node;
  const isSignedIn = node.secrets.includes('refresh');
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (address === undefined || isSignedIn || signInFailure !== undefined) return undefined;
    const timer = setInterval(() => void networkStore.getState().reload(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [address, isSignedIn, signInFailure]);
  const begin = (): void =>
    void store.attempt(async () => {
      setAddress((await network.signIn(name)).address);
      await networkStore.getState().reload();
    });
  const leave = (): void =>
    void store.attempt(async () => {
      await network.forgetSecret(name, 'refresh');
      setAddress(undefined);
      await networkStore.getState().reload();
    });
  return (
    <p className="row">
      <span className={isSignedIn ? '' : 'warning'} role="status">
        {isSignedIn ? 'Signed in.' : 'Nobody is signed in: it cannot be used yet.'}
      </span>
      {signInFailure !== undefined && <span className="dangerous">It came to nothing: {signInFailure}</span>}
      {address !== undefined && !isSignedIn && signInFailure === undefined ? (
        <>
          <a href={address} target="_blank" rel="noreferrer">
            Open the sign-in page
          </a>
          <span className="quiet">This line changes once it is done.</span>
        </>
      ) : (
        <button type="button" aria-label={`Sign in to ${name}`} onClick={begin}>
          {isSignedIn ? 'Sign in again' : 'Sign in'}
        </button>
      )}
      {isSignedIn && (
        <button type="button" aria-label={`Sign out of ${name}`} onClick={leave}>
          Sign out
        </button>
      )}
    </p>
  );
}
