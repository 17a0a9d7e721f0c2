// For dialogs over everything.
import { useEffect, useRef, type RefObject } from 'react';
import { useFocusBack } from './use-focus-back.ts';

/** The ref of a dialog that is shown as soon as it is there, and gives the focus back as it goes: by itself a dialog would give it
 * to its own `autoFocus`, which had it before it was shown. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useFocusBack();
  useEffect(() => dialog.current?.showModal(), []);
  return dialog;
}
