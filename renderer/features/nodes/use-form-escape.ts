// Escape in a form: one that is as it was opened closes; what was typed is not lost by one key.
import { useState, type KeyboardEvent } from 'react';

interface FormEscape {
  onKeyDown(event: KeyboardEvent): void;
  /** What Escape did not do, and what does it; undefined until it was pressed in a form that was changed. */
  hint: string | undefined;
}

export function useFormEscape(isChanged: boolean, onClose: () => void): FormEscape {
  const [wasPressed, setPressed] = useState(false);
  return {
    onKeyDown: (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      if (isChanged) setPressed(true);
      else onClose();
    },
    hint: wasPressed && isChanged ? 'This is not saved yet. Cancel leaves it without what was typed.' : undefined,
  };
}
