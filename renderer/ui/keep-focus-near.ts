// The focus stays near by where a button goes: it would fall to the page, from where Tab begins at the top.
const TAKES_FOCUS = 'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), [tabindex="0"]';

/** A `ref` for what holds buttons that take themselves away: what comes in the place of the one with the focus gets it, else what
 * stands before it. Only for who walks by key: with the mouse, keys are meant for the list or the images. */
export function keepFocusNear(root: HTMLElement | null): (() => void) | undefined {
  if (!root) return undefined;
  let held: Element | undefined;
  /** Where it stood, from the inside out: behind how many others of each element around it. */
  let places: { around: Element; index: number }[] = [];
  const note = (): void => {
    const { activeElement } = document;
    if (!activeElement || activeElement === root || !root.contains(activeElement)) return;
    held = activeElement.matches(':focus-visible') ? activeElement : undefined;
    places = [];
    for (let around = activeElement.parentElement; around && root.contains(around); around = around.parentElement)
      places.push({ around, index: [...around.querySelectorAll(TAKES_FOCUS)].indexOf(activeElement) });
  };
  /** Removal takes the focus too, but leaves nothing that could have it again. */
  const leave = ({ target }: FocusEvent): void =>
    queueMicrotask(() => {
      if (target === held && held?.isConnected && document.activeElement !== held) held = undefined;
    });
  const observer = new MutationObserver(() => {
    if (held?.isConnected === false && document.activeElement === document.body)
      for (const { around, index } of places) {
        if (!root.contains(around)) continue;
        const left = around.querySelectorAll<HTMLElement>(TAKES_FOCUS);
        const next = left[Math.max(0, Math.min(index, left.length) - 1)];
        next?.focus();
        if (next) break;
      }
    note();
  });
  observer.observe(root, { childList: true, subtree: true });
  root.addEventListener('focusin', note);
  root.addEventListener('keydown', note);
  root.addEventListener('focusout', leave);
  return () => {
    observer.disconnect();
    root.removeEventListener('focusin', note);
    root.removeEventListener('keydown', note);
    root.removeEventListener('focusout', leave);
  };
}
