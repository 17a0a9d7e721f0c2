// Whose certificates are trusted for a node, and which one of our own is shown to it.
import { TextField } from './Field.tsx';
import type { FieldsProps } from './NodeForm.tsx';
import { PemField } from './PemField.tsx';
import { SecretField } from './SecretField.tsx';

export function TlsFields({ draft, problems, set, secrets, setSecret, kept, forget }: FieldsProps) {
  const wantsKey = draft.certificate !== '' && !kept.includes('key') && (secrets.key ?? '') === '';
  return (
    <div className="fields">
      <PemField
        label="Authority it is trusted by"
        kind="certificate"
        value={draft.ca}
        problem={problems.ca}
        hint="Empty: the authorities that this machine trusts."
        onChange={(ca) => set({ ca })}
      />
      <PemField
        label="Our certificate"
        kind="certificate"
        value={draft.certificate}
        problem={problems.certificate}
        hint="Only where the other system asks for one, with its chain."
        onChange={(certificate) => set({ certificate })}
      />
      {(draft.certificate !== '' || kept.includes('key')) && (
        <SecretField
          label="Key of our certificate"
          kind="key"
          isSet={kept.includes('key')}
          value={secrets.key ?? ''}
          onChange={(value) => setSecret('key', value)}
          onForget={forget && (() => forget('key'))}
        />
      )}
      {wantsKey && <p className="warning span-fields">A certificate of our own is of no use without its key.</p>}
      <TextField
        label="Name in its certificate"
        value={draft.serverName}
        problem={problems.serverName}
        hint="Empty: the host as it is called."
        onChange={(serverName) => set({ serverName })}
      />
      <TextField
        label="Pinned certificate"
        value={draft.pin}
        problem={problems.pin}
        hint="SHA-256 fingerprint; the test shows it. Once set, only that certificate is taken."
        onChange={(pin) => set({ pin })}
      />
    </div>
  );
}
