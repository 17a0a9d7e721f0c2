// For menus and panels that float: Escape or a press outside closes them, and the focus goes back to where it was.
import { useEffect, useRef, type RefObject } from 'react';
import { useFocusBack } from './use-focus-back.ts';

/** Calls `onClose` on Escape and on a press outside `element`; gives the focus back when the element goes. */
export function useDismiss(element: RefObject<HTMLElement | null>, onClose: () => void): void {
  const close = useRef(onClose);
  useFocusBack();
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
    };
  }, [element]);
}
