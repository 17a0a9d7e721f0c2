// The focus goes back to where it was before something opened.
import { useEffect, useState } from 'react';

/** As the component that calls this goes; only where nothing else took the focus meanwhile. */
export function useFocusBack(): void {
  // Asked while rendering: what is inside may take the focus as soon as it is there.
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && (document.activeElement === document.body || !document.activeElement))
        before.focus();
    },
    [before],
  );
}
