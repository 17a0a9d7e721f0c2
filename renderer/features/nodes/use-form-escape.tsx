// Escape in a form: one that is as it was opened closes; what was typed is not lost by one key.
import { useState, type KeyboardEvent, type ReactNode } from 'react';

interface FormEscape {
  onKeyDown(event: KeyboardEvent): void;
  /** What Escape did not do, and what does it; nothing until it was pressed in a form that was changed. */
  hint: ReactNode;
}

/** A form may be higher than the page: with the buttons below it. */
const bringIntoSight = (hint: HTMLElement | null): void => hint?.scrollIntoView({ block: 'center' });

export function useFormEscape(isChanged: boolean, onClose: () => void): FormEscape {
  const [wasPressed, setPressed] = useState(false);
  return {
    onKeyDown: (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      if (isChanged) setPressed(true);
      else onClose();
    },
    hint: wasPressed && isChanged && (
      <p ref={bringIntoSight} role="status" className="warning">
        This is not saved yet. Cancel leaves it without what was typed.
      </p>
    ),
  };
}
