// A secret goes in and never comes out: whether it is set is all that can be seen; it can be replaced and forgotten.
import { useState } from 'react';
import { Field } from './Field.tsx';
import { PemField } from './PemField.tsx';

interface SecretFieldProps {
  label: string;
  kind: 'password' | 'key';
  isSet: boolean;
  /** What is to be set on saving; '' leaves it as it is. */
  value: string;
  onChange(value: string): void;
  /** Absent while there is nothing that could be forgotten. */
  onForget?: (() => void) | undefined;
}

export function SecretField({ label, kind, isSet, value, onChange, onForget }: SecretFieldProps) {
  const [isReplacing, setReplacing] = useState(false);
  if (isSet && !isReplacing)
    return (
      <Field label={label}>
        {({ id }) => (
          <span className="row" id={id}>
            <span>set, not shown</span>
            <button type="button" aria-label={`Replace ${label}`} onClick={() => setReplacing(true)}>
              Replace
            </button>
            {onForget && (
              <button type="button" aria-label={`Forget ${label}`} onClick={onForget}>
                Forget
              </button>
            )}
          </span>
        )}
      </Field>
    );
  const hint = isSet ? 'Replaces the one that is set, once saved.' : 'Kept sealed; never shown again.';
  if (kind === 'key') return <PemField label={label} kind="key" value={value} hint={hint} onChange={onChange} />;
  return (
    <Field label={label} hint={hint}>
      {(attributes) => (
        <input
          {...attributes}
          type="password"
          autoComplete="new-password"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
