// What of the receiver is seldom set: encryption, the user name that senders must show, limits.
import type { NetworkView, ReceiverSecrets, ReceiverSettings } from '#shared/contract/receiver.ts';
import { CheckField, TextField } from './Field.tsx';
import { PemField } from './PemField.tsx';
import { SecretField } from './SecretField.tsx';

const MEGABYTE = 1e6;

interface IdentityProps {
  draft: ReceiverSettings;
  receiver: NetworkView;
  /** To be set on saving. */
  secrets: ReceiverSecrets;
  set(change: Partial<ReceiverSettings>): void;
  setSecret(name: keyof ReceiverSecrets, value: string): void;
  forgetPasscode(): void;
}

interface MoreProps extends IdentityProps {
  isOpen: boolean;
  setOpen(isOpen: boolean): void;
}

export function ReceiverMore(props: MoreProps) {
  const { draft, receiver, secrets, set, setSecret } = props;
  const { tls } = draft;
  const number = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN);
  const shown = (value: number | null): string => (value === null || Number.isNaN(value) ? '' : String(value));
  const setTls = (change: Partial<NonNullable<ReceiverSettings['tls']>>): void => {
    const kept = Object.entries({ asksClientCertificate: true, ...tls, ...change }).filter(([, value]) => value !== '');
    set({ tls: Object.fromEntries(kept) as NonNullable<ReceiverSettings['tls']> });
  };
  const withoutTls = (): void => {
    const { tls: _tls, ...rest } = draft;
    set({ ...rest, tls: undefined });
  };
  return (
    <details open={props.isOpen} onToggle={({ currentTarget }) => props.setOpen(currentTarget.open)}>
      <summary>More: encryption, user name, limits</summary>
      <CheckField
        label="Encrypt with TLS"
        isOn={tls !== undefined}
        onChange={(isOn) => (isOn ? setTls({}) : withoutTls())}
      />
      {tls && (
        <>
          <div className="fields">
            <PemField
              label="Our certificate"
              kind="certificate"
              value={tls.certificate ?? ''}
              hint="With its chain; needed for TLS."
              onChange={(certificate) => setTls({ certificate })}
            />
            <SecretField
              label="Its key"
              kind="key"
              isSet={receiver.hasKey}
              value={secrets.key ?? ''}
              onChange={(value) => setSecret('key', value)}
            />
            <PemField
              label="Authority of the senders"
              kind="certificate"
              value={tls.ca ?? ''}
              hint="Empty: the authorities that this machine trusts."
              onChange={(ca) => setTls({ ca })}
            />
          </div>
          <CheckField
            label="Senders must show a certificate"
            isOn={tls.asksClientCertificate}
            onChange={(asksClientCertificate) => setTls({ asksClientCertificate })}
          />
        </>
      )}
      <IdentityFields {...props} />
      <div className="fields">
        <TextField
          label="Senders at once"
          isNumber
          value={shown(draft.maxAssociations)}
          hint="1 to 256; more are asked to come back."
          onChange={(text) => set({ maxAssociations: number(text) })}
        />
        <TextField
          label="Bytes in one PDU"
          isNumber
          value={shown(draft.maxPduBytes)}
          hint="4096 to 1048576."
          onChange={(text) => set({ maxPduBytes: number(text) })}
        />
        <TextField
          label="MB each second and sender"
          isNumber
          value={draft.maxBytesPerSecond === null ? '' : shown(draft.maxBytesPerSecond / MEGABYTE)}
          hint="Empty: no limit."
          onChange={(text) => set({ maxBytesPerSecond: text === '' ? null : number(text) * MEGABYTE })}
        />
      </div>
    </details>
  );
}

/** PS3.7 D.3.3.7. */
function IdentityFields({ draft, receiver, secrets, set, setSecret, forgetPasscode }: IdentityProps) {
  const { user = '' } = draft;
  return (
    <>
      <div className="fields">
        <TextField
          label="User name of the senders"
          value={user}
          hint="Empty: senders are not asked for one. Set, it is asked of every sender."
          onChange={(text) => set({ user: text === '' ? undefined : text })}
        />
        {user !== '' && (
          <SecretField
            label="Passcode of the senders"
            kind="password"
            isSet={receiver.hasPasscode}
            value={secrets.password ?? ''}
            onChange={(value) => setSecret('password', value)}
            onForget={receiver.hasPasscode ? forgetPasscode : undefined}
          />
        )}
      </div>
      {user !== '' && draft.tls === undefined && (
        <p className="warning">Without TLS, name and passcode can be read by whoever is on the way.</p>
      )}
    </>
  );
}
