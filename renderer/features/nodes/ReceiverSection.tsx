// Our own receiver: where it listens, who may send, what is open to the network, who was turned away.
import { useEffect, useState, type FormEvent } from 'react';
import { useStore } from 'zustand';
import { network, RECEIVER } from '../../backend-client/network.ts';
import {
  receiverSettings,
  type NetworkView,
  type ReceiverSecrets,
  type ReceiverSettings,
} from '#shared/contract/receiver.ts';
import { isValidityDue, validityWords } from '#shared/contract/validity.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { CallerList } from './CallerList.tsx';
import { CheckField, Field, TextField } from './Field.tsx';
import { networkStore } from './network-store.ts';
import { isLoopback } from './node-words.ts';
import { ReceiverMore } from './ReceiverMore.tsx';
import { RefusedCallers } from './RefusedCallers.tsx';

const LOOK_EVERY_MS = 5000;

export function ReceiverSection({ store }: { store: ArchiveStore }) {
  const { receiver, failure, reload } = useStore(networkStore);
  const [isMoreOpen, setMoreOpen] = useState(false);
  useEffect(() => {
    void reload();
    const timer = setInterval(() => void reload(), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [reload]);
  if (!receiver) return <p className={failure === undefined ? 'quiet' : 'warning'}>{failure ?? 'Asking'}</p>;
  return (
    <>
      <ReceiverState receiver={receiver} />
      <ReceiverForm
        key={JSON.stringify(receiver.settings)}
        receiver={receiver}
        store={store}
        isMoreOpen={isMoreOpen}
        setMoreOpen={setMoreOpen}
      />
      <RefusedCallers receiver={receiver} store={store} />
    </>
  );
}

export function ReceiverState({ receiver }: { receiver: NetworkView }) {
  const { state, address, settings, message, isOpenToNetwork, openAssociations, certificateValidity } = receiver;
  const isPlain = settings.tls === undefined;
  return (
    <>
      <p role="status">
        {state === 'listening' && address
          ? `Listening as ${settings.aet} on ${address.host}, port ${address.port}; ${openAssociations} ${openAssociations === 1 ? 'sender' : 'senders'} connected.`
          : state === 'off'
            ? 'Off: nothing can be sent here, and C-MOVE cannot bring anything.'
            : ''}
        {state === 'failed' && <span className="dangerous">It does not listen: {message}</span>}
      </p>
      {isOpenToNetwork && (
        <p className="warning">
          Open to the network: other machines can reach it. Taken is what comes from the nodes above and the callers
          below{isPlain && '; it is not encrypted, so whoever is on the way can read and change it'}.
        </p>
      )}
      {certificateValidity !== null && isValidityDue(certificateValidity, Date.now()) && (
        <p className="warning">Its certificate: {validityWords(certificateValidity, Date.now())}.</p>
      )}
    </>
  );
}

const ADDRESSES = [
  ['127.0.0.1', 'This machine only (127.0.0.1)'],
  ['0.0.0.0', 'All networks of this machine (0.0.0.0)'],
] as const;

interface FormProps {
  receiver: NetworkView;
  store: ArchiveStore;
  /** Kept outside: what a person has opened stays so when the form begins anew with the settings that were saved. */
  isMoreOpen: boolean;
  setMoreOpen(isOpen: boolean): void;
}

function ReceiverForm({ receiver, store, isMoreOpen, setMoreOpen }: FormProps) {
  const [draft, setDraft] = useState<ReceiverSettings>(receiver.settings);
  const [port, setPort] = useState(String(receiver.settings.port));
  const [secrets, setSecrets] = useState<ReceiverSecrets>({});
  const [problem, setProblem] = useState<string>();
  const set = (change: Partial<ReceiverSettings>): void => setDraft((before) => ({ ...before, ...change }));
  const opens = draft.isOn && !isLoopback(draft.host);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    const parsed = receiverSettings.safeParse({ ...draft, port: /^\d+$/.test(port) ? Number(port) : undefined });
    if (!parsed.success || port === '')
      return setProblem(
        parsed.error?.issues[0]?.path[0] === 'aet'
          ? 'An AE title has 1 to 16 characters, no backslash.'
          : 'Port, limits or callers are not as they must be.',
      );
    setProblem(undefined);
    void store.attempt(async () => {
      const { key, password } = secrets;
      await network.setReceiver(parsed.data, { ...(key && { key }), ...(password && { password }) });
      setSecrets({});
      await networkStore.getState().reload();
    });
  };
  const forgetPasscode = (): void =>
    void store.attempt(async () => {
      await network.forgetSecret(RECEIVER, 'password');
      await network.setReceiver(receiver.settings);
      await networkStore.getState().reload();
    });
  return (
    <form className="node-form" aria-label="Receiver" onSubmit={save} noValidate>
      <CheckField label="Receive what is sent here (C-STORE)" isOn={draft.isOn} onChange={(isOn) => set({ isOn })} />
      <div className="fields">
        <TextField label="AE title" value={draft.aet} onChange={(aet) => set({ aet })} />
        <TextField label="Port" isNumber value={port} hint="0: any that is free." onChange={setPort} />
        <AddressField host={draft.host} onChange={(host) => set({ host })} />
      </div>
      {opens && !receiver.isOpenToNetwork && (
        <p className="warning">
          Other machines will be able to reach it
          {draft.tls === undefined && ', without encryption'}. Unknown callers are turned away and listed below.
        </p>
      )}
      <CallerList callers={draft.callers} onChange={(callers) => set({ callers })} />
      <ReceiverMore
        isOpen={isMoreOpen}
        setOpen={setMoreOpen}
        draft={draft}
        set={set}
        receiver={receiver}
        secrets={secrets}
        setSecret={(name, value) => setSecrets((before) => ({ ...before, [name]: value }))}
        forgetPasscode={forgetPasscode}
      />
      {problem !== undefined && (
        <p role="alert" className="dangerous">
          {problem}
        </p>
      )}
      <div className="row">
        <button type="submit">Save the receiver</button>
        <span className="quiet">What is being received now is broken off and has to be sent again.</span>
      </div>
    </form>
  );
}

function AddressField({ host, onChange }: { host: string; onChange(host: string): void }) {
  const isKnown = ADDRESSES.some(([address]) => address === host);
  const [isOther, setOther] = useState(!isKnown);
  return (
    <>
      <Field label="Reachable from">
        {(attributes) => (
          <select
            {...attributes}
            value={isOther ? 'other' : host}
            onChange={({ target: { value } }) => {
              setOther(value === 'other');
              if (value !== 'other') onChange(value);
            }}
          >
            {ADDRESSES.map(([address, words]) => (
              <option key={address} value={address}>
                {words}
              </option>
            ))}
            <option value="other">One address of this machine</option>
          </select>
        )}
      </Field>
      {isOther && <TextField label="Address" value={host} placeholder="10.0.0.12" onChange={onChange} />}
    </>
  );
}
