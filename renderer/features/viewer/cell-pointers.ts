// The pointers on a cell: which finger is the second, and what is held.
import type { StackView } from '../../imaging/index.ts';
import { startDrag, startPinch, type DragSettings } from './cell-drag.ts';
import type { Point } from './pinch.logic.ts';

export class CellPointers {
  readonly #target: HTMLElement;
  readonly #touches = new Map<number, Point>();
  readonly #listening = new AbortController();
  #stop: (() => void) | undefined;

  constructor(target: HTMLElement, onHover: (x: number | undefined, y: number | undefined) => void) {
    this.#target = target;
    const { signal } = this.#listening;
    const move = ({ pointerId, clientX, clientY }: PointerEvent): void => {
      if (this.#touches.has(pointerId)) this.#touches.set(pointerId, [clientX, clientY]);
      onHover(clientX, clientY);
    };
    target.addEventListener('pointermove', move, { signal });
    target.addEventListener('pointerleave', () => onHover(undefined, undefined), { signal });
    // Wherever it is lifted: what it was put on may be gone.
    for (const type of ['pointerup', 'pointercancel'] as const)
      addEventListener(type, ({ pointerId }) => this.#touches.delete(pointerId), { signal, capture: true });
  }

  dispose(): void {
    this.#listening.abort();
    this.#stop?.();
  }

  press(event: PointerEvent, stack: StackView, props: DragSettings): void {
    if (event.isPrimary) this.#touches.clear();
    if (event.pointerType === 'touch') this.#touches.set(event.pointerId, [event.clientX, event.clientY]);
    const [first, second, third] = this.#touches;
    if (third) return;
    this.#stop?.();
    if (first && second) {
      // Of a length that the first finger began.
      stack.mount?.cancelDrawing();
      this.#stop = startPinch(this.#target, stack, [first, second]);
    } else this.#stop = startDrag(event, this.#target, stack, props);
  }
}
