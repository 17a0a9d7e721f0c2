// Keeps the page from being zoomed together with a picture. Chromium gives a listener that may cancel only half as many wheel
// events, so there is one only while Ctrl is held and, once a trackpad has pinched, for good. That first pinch zooms the page
// as well, since a pinch is the page's or not by its first event; what it did, fingers that close take back.

const guards = new Set<PageZoomGuard>();
let hasPinched = false;

export class PageZoomGuard {
  readonly #target: HTMLElement;
  readonly #listening = new AbortController();
  #isControlDown = false;

  constructor(target: HTMLElement) {
    this.#target = target;
    const { signal } = this.#listening;
    const control = ({ key, type }: KeyboardEvent): void => {
      if (key !== 'Control') return;
      this.#isControlDown = type === 'keydown';
      this.#arm();
    };
    addEventListener('keydown', control, { signal });
    addEventListener('keyup', control, { signal });
    guards.add(this);
    this.#arm();
  }

  dispose(): void {
    guards.delete(this);
    this.#listening.abort();
    this.#target.removeEventListener('wheel', this.#keep);
  }

  /** Asked for each turn of the wheel: is it the page's? */
  leaves(event: WheelEvent): boolean {
    if (!event.ctrlKey || this.#isControlDown) return false;
    if (!hasPinched) {
      hasPinched = true;
      for (const guard of guards) guard.#arm();
    }
    return event.deltaY > 0 && (visualViewport?.scale ?? 1) > 1;
  }

  #arm(): void {
    this.#target.removeEventListener('wheel', this.#keep);
    if (hasPinched || this.#isControlDown) this.#target.addEventListener('wheel', this.#keep, { passive: false });
  }
  readonly #keep = (event: WheelEvent): void => {
    if (event.ctrlKey && !this.leaves(event)) event.preventDefault();
  };
}
