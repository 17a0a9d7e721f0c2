// A question mark that opens a list of examples and what they mean.
import { CircleHelp } from 'lucide-react';
import { useRef, useState } from 'react';
import { Float } from './Float.tsx';

interface HelpButtonProps {
  label: string;
  /** A sentence before the list. */
  intro: string;
  lines: readonly (readonly [example: string, meaning: string])[];
}

export function HelpButton({ label, intro, lines }: HelpButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        ref={button}
        type="button"
        className="plain"
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <CircleHelp size={16} aria-hidden="true" />
      </button>
      {isOpen && (
        <Float label={label} below={button.current} widthPx={560} onClose={() => setOpen(false)}>
          <p>{intro}</p>
          <dl className="help-list">
            {lines.map(([example, meaning]) => (
              <div key={example}>
                <dt>{example}</dt>
                <dd className="quiet">{meaning}</dd>
              </div>
            ))}
          </dl>
        </Float>
      )}
    </>
  );
}
