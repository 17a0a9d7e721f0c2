// A certificate or a key in PEM form, pasted or from a file; of a certificate it is said until when it is valid.
import type { ChangeEvent } from 'react';
import { isValidityDue, validityWords } from '#shared/contract/validity.ts';
import { validityOf } from './certificate-validity.logic.ts';
import { Field } from './Field.tsx';

interface PemFieldProps {
  label: string;
  value: string;
  kind: 'certificate' | 'key';
  onChange(value: string): void;
  hint?: string;
  problem?: string | undefined;
}

const MOST_BYTES = 200_000;

export function PemField({ label, value, kind, onChange, hint, problem }: PemFieldProps) {
  const read = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [file] = event.target.files ?? [];
    event.target.value = '';
    if (file) onChange(file.size > MOST_BYTES ? '' : await file.text());
  };
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <>
          <textarea
            {...attributes}
            className="pem"
            rows={value === '' ? 1 : 3}
            spellCheck={false}
            autoComplete="off"
            placeholder={kind === 'key' ? '-----BEGIN PRIVATE KEY-----' : '-----BEGIN CERTIFICATE-----'}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <span className="row">
            <input
              type="file"
              className="file-choice"
              accept=".pem,.crt,.cer,.key,.txt"
              aria-label={`${label} from a file`}
              onChange={(event) => void read(event)}
            />
            {value !== '' && (
              <button type="button" className="plain" aria-label={`Clear ${label}`} onClick={() => onChange('')}>
                Clear
              </button>
            )}
            {kind === 'certificate' && value !== '' && <Validity pem={value} />}
          </span>
        </>
      )}
    </Field>
  );
}

function Validity({ pem }: { pem: string }) {
  const now = Date.now();
  const validity = validityOf(pem);
  if (!validity) return <span className="dangerous">No certificate can be read in this text.</span>;
  return <span className={isValidityDue(validity, now) ? 'warning' : 'quiet'}>{validityWords(validity, now)}</span>;
}
