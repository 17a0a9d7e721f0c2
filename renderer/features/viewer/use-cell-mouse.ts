// What pointers and wheel do in a cell, and where the cursor is over it.
import { useEffect, useRef, type PointerEvent, type RefObject } from 'react';
import type { StackView } from '../../imaging/index.ts';
import type { DragSettings } from './cell-drag.ts';
import { CellPointers } from './cell-pointers.ts';
import { PageZoomGuard } from './page-zoom.ts';
import { turnOf, WheelSteps } from './wheel.logic.ts';

export interface CellMouse extends DragSettings {
  /** Where the cursor is, as a point of the page; undefined when it leaves. */
  onHover(x: number | undefined, y: number | undefined): void;
}

export function useCellMouse(
  element: RefObject<HTMLElement | null>,
  view: RefObject<StackView | null>,
  props: CellMouse,
): (event: PointerEvent) => void {
  const latest = useRef(props);
  latest.current = props;
  const pointers = useRef<CellPointers>(undefined);
  useWheel(element, view, latest);
  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const made = (pointers.current = new CellPointers(target, (x, y) => latest.current.onHover(x, y)));
    return () => made.dispose();
  }, [element]);
  return ({ nativeEvent }) => {
    const stack = view.current;
    if (stack?.count) pointers.current?.press(nativeEvent, stack, latest.current);
  };
}

function useWheel(
  element: RefObject<HTMLElement | null>,
  view: RefObject<StackView | null>,
  latest: RefObject<CellMouse>,
): void {
  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const steps = new WheelSteps();
    const guard = new PageZoomGuard(target);
    const wheel = (event: WheelEvent): void => {
      const stack = view.current;
      if (guard.leaves(event) || !stack?.count) return;
      const isZoom = (latest.current.mouse.wheel === 'zoom') !== event.ctrlKey;
      if (!isZoom) return stack.goTo(stack.index + steps.take(event));
      // One step back undoes a zoom from its begin.
      if (steps.begins(event) && event.deltaY !== 0) stack.remember();
      steps.take(event);
      const box = target.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) * devicePixelRatio, (event.clientY - box.top) * devicePixelRatio];
      stack.zoomBy(1.15 ** -turnOf(event), x, y);
    };
    target.addEventListener('wheel', wheel, { passive: true });
    return () => {
      target.removeEventListener('wheel', wheel);
      guard.dispose();
    };
  }, [element, view, latest]);
}
