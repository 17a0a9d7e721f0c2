// What a pointer that is held on a cell does to its stack: drags by button and tool, two fingers, a long press.
import type { StackView } from '../../imaging/index.ts';
import { followPointers } from './held-pointers.ts';
import { openLens } from './lens.ts';
import { deedOf, type DragTool, type MouseBindings } from './mouse-bindings.ts';
import { pinchOf, type Fingers, type Point } from './pinch.logic.ts';
import { draggedWindow, dragStart } from './window-drag.ts';

const BAR_PX = 14;
/** A right press that moves less is a click: it asks for the menu. */
const CLICK_PX = 4;
/** A finger that rests so long asks for the menu, too. */
const LONG_PRESS_MS = 500;

export interface DragSettings {
  tool: DragTool;
  mouse: MouseBindings;
  /** Point of the page. */
  onMenu(x: number, y: number): void;
  /** A length was begun before there is what draws it. */
  onMeasureEarly(): void;
}

type Press = Pick<PointerEvent, 'pointerId' | 'pointerType' | 'button' | 'shiftKey' | 'clientX' | 'clientY'>;
export type Deed = Exclude<DragTool, 'length'> | 'bar';

/** Answers what ends the drag; undefined where the press is none. */
export function startDrag(
  press: Press,
  target: HTMLElement,
  stack: StackView,
  props: DragSettings,
): (() => void) | undefined {
  const box = target.getBoundingClientRect();
  const [x, y] = [press.clientX - box.left, press.clientY - box.top];
  const isOnBar = x > box.width - BAR_PX && stack.count > 1;
  const does = isOnBar ? 'bar' : deedOf(props.mouse, props.tool, press);
  if (!isOnBar && stack.mount?.takesPointer(press, x, y)) return undefined;
  if (does === 'length' && !stack.mount) props.onMeasureEarly();
  if (does === undefined || does === 'length') return undefined;
  const start: Point = [press.clientX, press.clientY];
  if (does === 'bar') toBarSlice(stack, box, press.clientY);
  target.setPointerCapture(press.pointerId);
  const lens = does === 'magnify' ? openLens(target, stack, box) : undefined;
  lens?.show(...start);
  let drag: Drag | undefined;
  const asks = press.pointerType === 'touch' && does !== 'bar' && does !== 'magnify';
  const longPress = asks ? setTimeout(() => askByTouch(), LONG_PRESS_MS) : undefined;
  const stop = followPointers(target, [press.pointerId], press.button, {
    move: ({ clientX, clientY }) => {
      if (!drag && Math.hypot(clientX - start[0], clientY - start[1]) < CLICK_PX) return;
      if (!drag) {
        clearTimeout(longPress);
        if (does === 'window' || does === 'zoom' || does === 'pan') stack.remember();
        // The glass shows whatever comes below it.
        stack.beginDrag(does === 'magnify' ? undefined : stop);
        drag = new Drag(does, stack, box, start);
      }
      lens?.show(clientX, clientY);
      if (!drag.follow(clientX, clientY)) stop();
    },
    end: (released) => {
      clearTimeout(longPress);
      lens?.close();
      if (drag) stack.endDrag();
      else if (press.button === 2 && released) props.onMenu(released.clientX, released.clientY);
    },
  });
  const askByTouch = (): void => {
    stop();
    // Else the release clicks what of the menu lies under the finger.
    target.addEventListener('touchend', (event) => event.preventDefault(), { once: true, capture: true });
    props.onMenu(...start);
  };
  return stop;
}

/** Zoom and pan by two fingers; answers what ends it. */
export function startPinch(
  target: HTMLElement,
  stack: StackView,
  fingers: readonly [readonly [id: number, at: Point], readonly [id: number, at: Point]],
): () => void {
  const box = target.getBoundingClientRect();
  const ids = fingers.map(([id]) => id);
  let at: Fingers = [fingers[0][1], fingers[1][1]];
  let isMoved = false;
  const stop = followPointers(target, ids, 0, {
    move: ({ pointerId, clientX, clientY }) => {
      if (!isMoved) {
        isMoved = true;
        stack.remember();
        stack.beginDrag(stop);
      }
      const now: Point = [clientX, clientY];
      const after: Fingers = pointerId === ids[0] ? [now, at[1]] : [at[0], now];
      const { factor, middle, pan } = pinchOf(at, after);
      at = after;
      stack.panBy(pan[0] * devicePixelRatio, pan[1] * devicePixelRatio);
      stack.zoomBy(factor, (middle[0] - box.left) * devicePixelRatio, (middle[1] - box.top) * devicePixelRatio);
    },
    end: () => {
      if (isMoved) stack.endDrag();
    },
  });
  return stop;
}

class Drag {
  readonly #does: Deed;
  readonly #stack: StackView;
  readonly #box: DOMRect;
  readonly #start: Point;
  readonly #startIndex: number;
  readonly #startVoi: ReturnType<typeof dragStart>;
  #last: Point;
  #voi: StackView['voi'];

  constructor(does: Deed, stack: StackView, box: DOMRect, start: Point) {
    this.#does = does;
    this.#stack = stack;
    this.#box = box;
    this.#start = this.#last = start;
    this.#startIndex = stack.index;
    this.#startVoi = dragStart(stack.voi);
    this.#voi = stack.voi;
  }

  /** False where what is dragged is not the drag's any more. */
  follow(clientX: number, clientY: number): boolean {
    const [stack, box, start] = [this.#stack, this.#box, this.#start];
    const [dx, dy] = [clientX - this.#last[0], clientY - this.#last[1]];
    this.#last = [clientX, clientY];
    switch (this.#does) {
      case 'bar':
        toBarSlice(stack, box, clientY);
        return true;
      case 'scroll': {
        // The whole stack is never further than half the cell away, and a step never finer than two pixels.
        const pixelsPerSlice = Math.max(2, Math.min(12, box.height / 2 / stack.count));
        stack.goTo(this.#startIndex + (clientY - start[1]) / pixelsPerSlice);
        return true;
      }
      case 'zoom': {
        const [x, y] = [(start[0] - box.left) * devicePixelRatio, (start[1] - box.top) * devicePixelRatio];
        stack.zoomBy(Math.exp(-dy / 150), x, y);
        return true;
      }
      case 'pan':
        stack.panBy(dx * devicePixelRatio, dy * devicePixelRatio);
        return true;
      case 'window':
        return this.#window(clientX - start[0], clientY - start[1]);
      case 'magnify':
        return true;
    }
  }

  #window(dx: number, dy: number): boolean {
    const stack = this.#stack;
    // One that a key chose meanwhile stays.
    if (stack.voi !== this.#voi) return false;
    if (this.#startVoi) stack.setVoi((this.#voi = draggedWindow(this.#startVoi, dx, dy)));
    return true;
  }
}

const toBarSlice = (stack: StackView, box: DOMRect, clientY: number): void =>
  stack.goTo(((clientY - box.top) / box.height) * (stack.count - 1));
