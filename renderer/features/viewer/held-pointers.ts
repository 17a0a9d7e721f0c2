// Follows pointers that are held on an element until they are let go, however that comes to be known.

/** Of `PointerEvent.buttons`, by `PointerEvent.button`. */
const BITS = [1, 4, 2];

export interface PointerFollower {
  move(event: PointerEvent): void;
  /** Once; with the event of the release where there was one. */
  end(released?: PointerEvent): void;
}

/** Tells moves of these pointers alone; answers what ends it. */
export function followPointers(
  target: HTMLElement,
  ids: readonly number[],
  button: number,
  follower: PointerFollower,
): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const end = (released?: PointerEvent): void => {
    if (signal.aborted) return;
    controller.abort();
    follower.end(released);
  };
  const on = (type: 'pointermove' | 'pointerup' | 'pointercancel', tell: (event: PointerEvent) => void): void =>
    target.addEventListener(type, (event) => ids.includes(event.pointerId) && tell(event), { signal });
  on('pointermove', (event) => {
    // The release went to another window, or nowhere.
    if ((event.buttons & (BITS[button] ?? 0)) === 0) end();
    else follower.move(event);
  });
  on('pointerup', end);
  on('pointercancel', () => end());
  // Not of a child, whose capture of a finger gives way to that of the element.
  const lost = (event: PointerEvent): void => {
    if (event.target === target && ids.includes(event.pointerId)) end();
  };
  target.addEventListener('lostpointercapture', lost, { signal });
  addEventListener('blur', () => end(), { signal });
  return () => end();
}
