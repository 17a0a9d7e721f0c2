// Input methods (Japanese, Chinese, Korean and others) compose text by keys of their own: the Enter that takes a word is not one
// that opens a study, the Escape that gives it up clears no search.

/** Keys of a composition reach no handler of the page; what the field itself does with them stays. */
export function keepCompositionsToThemselves(): void {
  const keep = (event: KeyboardEvent): void => {
    // Safari ends the composition before its last key, and says so by this code only.
    if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation();
  };
  // Ahead of all others: on the window, on the way down.
  addEventListener('keydown', keep, true);
}
