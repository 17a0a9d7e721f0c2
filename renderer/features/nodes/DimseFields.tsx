// The fields of a DIMSE node.
import { CheckField, ChoiceField, Field, TextField } from './Field.tsx';
import { ConnectionsField } from './ConnectionsField.tsx';
import type { FieldsProps } from './NodeForm.tsx';
import { SecretField } from './SecretField.tsx';
import { TlsFields } from './TlsFields.tsx';

const RETRIEVE = [
  ['get', 'C-GET: over the same connection'],
  ['move', 'C-MOVE: it calls our receiver'],
] as const;
const ROOTS = [
  ['study', 'Study root'],
  ['patient', 'Patient root'],
] as const;

export function DimseFields(props: FieldsProps) {
  const { draft, problems, set } = props;
  const { charset, preferred, privateClasses, user, connections } = problems;
  const isAdvancedWrong = [charset, preferred, privateClasses, user, connections].some(Boolean);
  return (
    <>
      <div className="fields">
        <TextField
          label="AE title"
          value={draft.aet}
          problem={problems.aet}
          hint="Of the other system, capitals count."
          onChange={(aet) => set({ aet })}
        />
        <TextField
          label="Host"
          value={draft.host}
          problem={problems.host}
          placeholder="pacs.hospital.example or 10.0.0.7"
          onChange={(host) => set({ host })}
        />
        <TextField
          label="Port"
          isNumber
          value={draft.port}
          problem={problems.port}
          onChange={(port) => set({ port })}
        />
        <TextField
          label="Our AE title"
          value={draft.callingAet}
          problem={problems.callingAet}
          hint="As the other system knows this workstation."
          onChange={(callingAet) => set({ callingAet })}
        />
        <ChoiceField
          label="Retrieve by"
          value={draft.retrieve}
          choices={RETRIEVE}
          onChange={(retrieve) => set({ retrieve })}
        />
        {draft.retrieve === 'move' && (
          <TextField
            label="Move destination"
            value={draft.moveDestinationAet}
            problem={problems.moveDestinationAet}
            hint="Empty: the receiver’s own AE title. The other system must know it with this host and port."
            onChange={(moveDestinationAet) => set({ moveDestinationAet })}
          />
        )}
      </div>
      <CheckField label="Encrypt with TLS" isOn={draft.hasTls} onChange={(hasTls) => set({ hasTls })} />
      {draft.hasTls && <TlsFields {...props} />}
      <details open={isAdvancedWrong || undefined}>
        <summary>More: query root, character set, user, connections, transfer syntaxes</summary>
        <div className="fields">
          <ChoiceField label="Queries" value={draft.root} choices={ROOTS} onChange={(root) => set({ root })} />
          <TextField
            label="Character set of queries"
            value={draft.charset}
            problem={problems.charset}
            placeholder="ISO_IR 100"
            hint="Also that of answers which state none. Empty: ISO_IR 192 (UTF-8), sent only where a query needs it."
            onChange={(charset) => set({ charset })}
          />
          <TextField
            label="User name"
            value={draft.user}
            problem={problems.user}
            hint="Only where the other system asks for user identity."
            onChange={(user) => set({ user })}
          />
          {draft.user !== '' && (
            <SecretField
              label="Passcode"
              kind="password"
              isSet={props.kept.includes('password')}
              value={props.secrets.password ?? ''}
              onChange={(value) => props.setSecret('password', value)}
              onForget={props.forget && (() => props.forget?.('password'))}
            />
          )}
          <ConnectionsField {...props} />
          <UidList
            label="Preferred transfer syntaxes"
            value={draft.preferred}
            problem={problems.preferred}
            hint="UIDs, one a line, best first. Empty: as stored there, so that nothing is encoded anew."
            onChange={(preferred) => set({ preferred })}
          />
          <UidList
            label="Private storage classes"
            value={draft.privateClasses}
            problem={problems.privateClasses}
            hint="UIDs, one a line, asked for beside the standard’s."
            onChange={(privateClasses) => set({ privateClasses })}
          />
        </div>
      </details>
    </>
  );
}

interface UidListProps {
  label: string;
  value: string;
  hint: string;
  problem: string | undefined;
  onChange(value: string): void;
}

function UidList({ label, value, hint, problem, onChange }: UidListProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <textarea
          {...attributes}
          rows={2}
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
