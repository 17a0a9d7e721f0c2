// A labelled control of a form, with what it means and what is wrong with it.
import { useId, type ReactNode } from 'react';

interface FieldProps {
  label: string;
  hint?: string | undefined;
  problem?: string | undefined;
  children(attributes: { id: string; 'aria-invalid': boolean; 'aria-describedby': string | undefined }): ReactNode;
}

export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  const hasNote = hint !== undefined || problem !== undefined;
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <div className="field-control">
        {children({
          id,
          'aria-invalid': problem !== undefined,
          'aria-describedby': hasNote ? `${id}-note` : undefined,
        })}
        {hasNote && (
          <p id={`${id}-note`} className={`small ${problem === undefined ? 'quiet' : 'dangerous'}`}>
            {problem ?? hint}
          </p>
        )}
      </div>
    </>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
  hint?: string;
  problem?: string | undefined;
  placeholder?: string;
  autoFocus?: boolean;
  isNumber?: boolean;
}

export function TextField({ label, value, onChange, hint, problem, placeholder, autoFocus, isNumber }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <input
          {...attributes}
          type="text"
          value={value}
          spellCheck={false}
          autoComplete="off"
          autoFocus={autoFocus === true}
          placeholder={placeholder}
          inputMode={isNumber === true ? 'numeric' : undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

interface ChoiceFieldProps<T extends string> {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onChange(value: T): void;
  hint?: string;
  problem?: string | undefined;
}

export function ChoiceField<T extends string>({ label, value, choices, onChange, hint, problem }: ChoiceFieldProps<T>) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(attributes) => (
        <select
          {...attributes}
          value={value}
          onChange={(event) => {
            const chosen = choices.find(([each]) => each === event.target.value);
            if (chosen) onChange(chosen[0]);
          }}
        >
          {choices.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckFieldProps {
  label: string;
  isOn: boolean;
  onChange(isOn: boolean): void;
}

export function CheckField({ label, isOn, onChange }: CheckFieldProps) {
  return (
    <label className="check-field">
      <input type="checkbox" checked={isOn} onChange={(event) => onChange(event.target.checked)} /> {label}
    </label>
  );
}
