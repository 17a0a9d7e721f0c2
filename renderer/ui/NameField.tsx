// Asks for a name in the place where it will stand; one that cannot be is refused in words.
import { useState } from 'react';

interface NameFieldProps {
  label: string;
  name: string;
  /** Names that others have. */
  taken: readonly string[];
  /** With the name, or with undefined when the person changed their mind. */
  onName(name: string | undefined): void;
}

/** Names that differ in nothing else are taken for the same. */
const withoutCase = (name: string): string => name.normalize('NFC').toLowerCase();

/** The field may stand in a row that scrolls. */
const bringIntoSight = (refusal: HTMLElement | null): void =>
  refusal?.closest('form')?.scrollIntoView({ block: 'nearest' });

export function NameField({ label, name, taken, onName }: NameFieldProps) {
  const [value, setValue] = useState(name);
  const [refusal, setRefusal] = useState('');
  // Asked while rendering: the field takes the focus as soon as it is there.
  const [before] = useState(() => document.activeElement);
  const giveUp = (): void => {
    onName(undefined);
    if (before instanceof HTMLElement) before.focus();
  };
  const take = (): void => {
    const chosen = value.trim();
    const same = taken.find((each) => withoutCase(each) === withoutCase(chosen));
    if (chosen === '') setRefusal('It needs a name.');
    else if (same !== undefined) setRefusal(`There is “${same}” already: take another name.`);
    else onName(chosen);
  };
  return (
    <form
      className="name-field"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <input
        type="text"
        aria-label={label}
        autoFocus
        maxLength={60}
        aria-invalid={refusal !== ''}
        value={value}
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setValue(event.target.value);
          setRefusal('');
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          giveUp();
        }}
      />
      <button type="submit" className="chip" title="Save under this name (Enter)">
        Save
      </button>
      <button type="button" className="chip" title="Leave it (Esc)" onClick={giveUp}>
        Cancel
      </button>
      {refusal !== '' && (
        <span ref={bringIntoSight} className="warning" role="alert">
          {refusal}
        </span>
      )}
    </form>
  );
}
