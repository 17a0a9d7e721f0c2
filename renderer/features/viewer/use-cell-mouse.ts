// What the mouse does in a cell: drags by button and tool, wheel, scroll bar, magnifying glass, value under the cursor.
import { useEffect, useRef, type PointerEvent, type RefObject } from 'react';
import type { StackView } from '../../imaging/index.ts';
import { turnOf, WheelSteps } from './wheel.logic.ts';
import { draggedWindow, dragStart } from './window-drag.ts';
import { deedOf, type DragTool, type MouseBindings } from './mouse-bindings.ts';

const BAR_PX = 14;
const LENS_FACTOR = 2.5;
/** A right press that moves less is a click: it asks for the menu. */
const CLICK_PX = 4;

export interface CellMouse {
  tool: DragTool;
  mouse: MouseBindings;
  /** Point of the page. */
  onMenu(x: number, y: number): void;
  /** A length was begun before there is what draws it. */
  onMeasureEarly(): void;
  /** Where the cursor is, as a point of the page; undefined when it leaves. */
  onHover(x: number | undefined, y: number | undefined): void;
}

interface Drag {
  does: DragTool | 'bar';
  button: number;
  startIndex: number;
  startVoi: ReturnType<typeof dragStart>;
  start: readonly [number, number];
  last: readonly [number, number];
  isMoved: boolean;
}

export function useCellMouse(
  element: RefObject<HTMLElement | null>,
  view: RefObject<StackView | null>,
  props: CellMouse,
): (event: PointerEvent) => void {
  const latest = useRef(props);
  latest.current = props;
  useWheel(element, view, latest);
  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const hover = ({ clientX, clientY }: globalThis.PointerEvent): void => latest.current.onHover(clientX, clientY);
    const leave = (): void => latest.current.onHover(undefined, undefined);
    target.addEventListener('pointermove', hover);
    target.addEventListener('pointerleave', leave);
    return () => {
      target.removeEventListener('pointermove', hover);
      target.removeEventListener('pointerleave', leave);
    };
  }, [element]);
  return (event) => startDrag(event, element.current, view.current, latest.current);
}

function startDrag(event: PointerEvent, target: HTMLElement | null, stack: StackView | null, props: CellMouse): void {
  if (!stack || !target || stack.count === 0) return;
  const box = target.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const isOnBar = x > box.width - BAR_PX && stack.count > 1;
  const does = isOnBar ? 'bar' : deedOf(props.mouse, props.tool, event);
  if (!isOnBar && stack.mount?.takesPointer(event.button, x, y)) return;
  if (does === 'length' && !stack.mount) props.onMeasureEarly();
  if (does === undefined || does === 'length') return;
  const drag: Drag = {
    does,
    button: event.button,
    startIndex: stack.index,
    startVoi: dragStart(stack.voi),
    start: [event.clientX, event.clientY],
    last: [event.clientX, event.clientY],
    isMoved: false,
  };
  if (does === 'bar') toBarSlice(stack, box, event.clientY);
  target.setPointerCapture(event.pointerId);
  const lens = does === 'magnify' ? openLens(target, stack, box) : undefined;
  lens?.show(event.clientX, event.clientY);
  const move = (moved: globalThis.PointerEvent): void => {
    if (!drag.isMoved && Math.hypot(moved.clientX - drag.start[0], moved.clientY - drag.start[1]) < CLICK_PX) return;
    if (!drag.isMoved) {
      drag.isMoved = true;
      if (does === 'window' || does === 'zoom' || does === 'pan') stack.remember();
      stack.setDragging(true);
    }
    lens?.show(moved.clientX, moved.clientY);
    follow(stack, drag, moved, box);
    drag.last = [moved.clientX, moved.clientY];
  };
  const end = (ended: globalThis.PointerEvent): void => {
    for (const type of ['pointerup', 'pointercancel'] as const) target.removeEventListener(type, end);
    target.removeEventListener('pointermove', move);
    lens?.close();
    if (drag.isMoved) stack.setDragging(false);
    else if (drag.button === 2 && ended.type === 'pointerup') props.onMenu(ended.clientX, ended.clientY);
  };
  target.addEventListener('pointermove', move);
  target.addEventListener('pointerup', end);
  target.addEventListener('pointercancel', end);
}

function follow(stack: StackView, drag: Drag, { clientX, clientY }: globalThis.PointerEvent, box: DOMRect): void {
  const [dx, dy] = [clientX - drag.last[0], clientY - drag.last[1]];
  switch (drag.does) {
    case 'bar':
      toBarSlice(stack, box, clientY);
      return;
    case 'scroll': {
      // The whole stack is never further than half the cell away, and a step never finer than two pixels.
      const pixelsPerSlice = Math.max(2, Math.min(12, box.height / 2 / stack.count));
      stack.goTo(drag.startIndex + (clientY - drag.start[1]) / pixelsPerSlice);
      return;
    }
    case 'zoom': {
      const [x, y] = [(drag.start[0] - box.left) * devicePixelRatio, (drag.start[1] - box.top) * devicePixelRatio];
      stack.zoomBy(Math.exp(-dy / 150), x, y);
      return;
    }
    case 'pan':
      stack.panBy(dx * devicePixelRatio, dy * devicePixelRatio);
      return;
    case 'window':
      if (drag.startVoi) stack.setVoi(draggedWindow(drag.startVoi, clientX - drag.start[0], clientY - drag.start[1]));
      return;
    case 'magnify':
    case 'length':
      return;
  }
}

const toBarSlice = (stack: StackView, box: DOMRect, clientY: number): void =>
  stack.goTo(((clientY - box.top) / box.height) * (stack.count - 1));

function openLens(
  target: HTMLElement,
  stack: StackView,
  box: DOMRect,
): { show(x: number, y: number): void; close(): void } {
  const lens = document.createElement('canvas');
  const size = Math.round(Math.min(260, box.width / 2, box.height / 2));
  lens.className = 'lens';
  lens.width = lens.height = size * devicePixelRatio;
  lens.style.width = lens.style.height = `${size}px`;
  const context = lens.getContext('2d', { alpha: false });
  target.append(lens);
  let [x, y] = [0, 0];
  let request = 0;
  // The picture may change below a lens that rests: by the wheel, a key, a cine.
  const draw = (): void => {
    request = requestAnimationFrame(draw);
    if (context) stack.drawLens(context, x * devicePixelRatio, y * devicePixelRatio, LENS_FACTOR);
  };
  request = requestAnimationFrame(draw);
  return {
    show: (clientX, clientY) => {
      [x, y] = [clientX - box.left, clientY - box.top];
      lens.style.transform = `translate(${x - size / 2}px, ${y - size / 2}px)`;
    },
    close: () => {
      cancelAnimationFrame(request);
      lens.remove();
    },
  };
}

/** The listener is passive, since Chromium gives a listener that may cancel only half as many wheel events; only while Ctrl
 * is held is there one that keeps the page from zooming. */
function useWheel(
  element: RefObject<HTMLElement | null>,
  view: RefObject<StackView | null>,
  latest: RefObject<CellMouse>,
): void {
  useEffect(() => {
    const target = element.current;
    if (!target) return undefined;
    const steps = new WheelSteps();
    const wheel = (event: WheelEvent): void => {
      const stack = view.current;
      if (!stack?.count) return;
      const isZoom = (latest.current.mouse.wheel === 'zoom') !== event.ctrlKey;
      if (!isZoom) return stack.goTo(stack.index + steps.take(event));
      // One step back undoes a zoom from its begin.
      if (steps.begins(event) && event.deltaY !== 0) stack.remember();
      steps.take(event);
      const box = target.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) * devicePixelRatio, (event.clientY - box.top) * devicePixelRatio];
      stack.zoomBy(1.15 ** -turnOf(event), x, y);
    };
    const keepPageZoom = (event: WheelEvent): void => event.preventDefault();
    const control = ({ key, type }: KeyboardEvent): void => {
      if (key !== 'Control') return;
      target.removeEventListener('wheel', keepPageZoom);
      if (type === 'keydown') target.addEventListener('wheel', keepPageZoom, { passive: false });
    };
    target.addEventListener('wheel', wheel, { passive: true });
    addEventListener('keydown', control);
    addEventListener('keyup', control);
    return () => {
      target.removeEventListener('wheel', wheel);
      target.removeEventListener('wheel', keepPageZoom);
      removeEventListener('keydown', control);
      removeEventListener('keyup', control);
    };
  }, [element, view, latest]);
}
