// For menus and panels that float: Escape or a press outside closes them, and the focus goes back to where it was.
import { useEffect, useRef, useState, type RefObject } from 'react';

/** Calls `onClose` on Escape and on a press outside `element`; gives the focus back when the element goes. */
export function useDismiss(element: RefObject<HTMLElement | null>, onClose: () => void): void {
  const close = useRef(onClose);
  // Asked while rendering: what is inside may take the focus as soon as it is there.
  const [before] = useState(() => document.activeElement);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const press = (event: PointerEvent): void => {
      if (event.target instanceof Node && !element.current?.contains(event.target)) close.current();
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      event.preventDefault();
      close.current();
    };
    document.addEventListener('pointerdown', press, true);
    document.addEventListener('keydown', key, true);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      document.removeEventListener('keydown', key, true);
      // Only where nothing else took the focus meanwhile.
      if (before instanceof HTMLElement && (document.activeElement === document.body || !document.activeElement))
        before.focus();
    };
  }, [element, before]);
}
