// The fields of a DICOMweb node: address, sign-in, certificates.
import { ConnectionsField } from './ConnectionsField.tsx';
import { ChoiceField, TextField } from './Field.tsx';
import type { FieldsProps } from './NodeForm.tsx';
import { SecretField } from './SecretField.tsx';
import { TlsFields } from './TlsFields.tsx';

const AUTH = [
  ['none', 'None'],
  ['basic', 'User and password (Basic)'],
  ['bearer', 'Token (Bearer)'],
  ['oauth', 'OAuth 2 / OpenID Connect'],
] as const;
const GRANTS = [
  ['authorization-code', 'A person signs in'],
  ['client-credentials', 'Client credentials'],
] as const;

export function DicomwebFields(props: FieldsProps) {
  const { draft, problems, set } = props;
  const secret = (label: string) => (
    <SecretField
      label={label}
      kind="password"
      isSet={props.kept.includes('password')}
      value={props.secrets.password ?? ''}
      onChange={(value) => props.setSecret('password', value)}
      onForget={props.forget && (() => props.forget?.('password'))}
    />
  );
  const hasTlsChoice = [draft.ca, draft.certificate, draft.serverName, draft.pin].some((text) => text !== '');
  return (
    <>
      <div className="fields">
        <TextField
          label="Address"
          value={draft.url}
          problem={problems.url}
          placeholder="https://pacs.hospital.example/dicom-web"
          hint="The base address, without /studies."
          onChange={(url) => set({ url })}
        />
        <ChoiceField label="Sign-in" value={draft.auth} choices={AUTH} onChange={(auth) => set({ auth })} />
        {draft.auth === 'basic' && (
          <TextField label="User" value={draft.user} problem={problems.user} onChange={(user) => set({ user })} />
        )}
        {draft.auth === 'basic' && secret('Password')}
        {draft.auth === 'bearer' && secret('Token')}
        {draft.auth === 'oauth' && (
          <>
            <ChoiceField
              label="Who signs in"
              value={draft.grant}
              choices={GRANTS}
              onChange={(grant) => set({ grant })}
            />
            {draft.grant === 'authorization-code' && (
              <TextField
                label="Sign-in address"
                value={draft.authorizeUrl}
                problem={problems.authorizeUrl}
                placeholder="https://id.hospital.example/authorize"
                onChange={(authorizeUrl) => set({ authorizeUrl })}
              />
            )}
            <TextField
              label="Token address"
              value={draft.tokenUrl}
              problem={problems.tokenUrl}
              placeholder="https://id.hospital.example/token"
              onChange={(tokenUrl) => set({ tokenUrl })}
            />
            <TextField
              label="Client ID"
              value={draft.clientId}
              problem={problems.clientId}
              onChange={(clientId) => set({ clientId })}
            />
            {secret(draft.grant === 'client-credentials' ? 'Client secret' : 'Client secret, if it has one')}
            <TextField
              label="Scope"
              value={draft.scope}
              problem={problems.scope}
              placeholder="openid"
              onChange={(scope) => set({ scope })}
            />
          </>
        )}
        <ConnectionsField {...props} />
      </div>
      {/^https:/i.test(draft.url) && (
        <details open={hasTlsChoice || undefined}>
          <summary>Certificates</summary>
          <TlsFields {...props} />
        </details>
      )}
    </>
  );
}
