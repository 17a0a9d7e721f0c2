// What buttons and wheel do: defaults as readers of RadiAnt and Horos have them in their fingers, each rebindable.

export type DragTool = 'window' | 'scroll' | 'zoom' | 'pan' | 'magnify' | 'length';
export type ButtonDeed = 'tool' | Exclude<DragTool, 'length'>;
export type WheelDeed = 'scroll' | 'zoom';

export interface MouseBindings {
  left: ButtonDeed;
  middle: ButtonDeed;
  right: ButtonDeed;
  wheel: WheelDeed;
}

export const DEFAULT_MOUSE: MouseBindings = { left: 'tool', middle: 'pan', right: 'zoom', wheel: 'scroll' };

export const DEED_NAMES: Record<ButtonDeed, string> = {
  tool: 'Chosen tool',
  window: 'Window',
  scroll: 'Scroll',
  zoom: 'Zoom',
  pan: 'Pan',
  magnify: 'Magnify',
};

const BUTTONS = ['left', 'middle', 'right'] as const;

/** What a press of `button` (MouseEvent.button) does. Shift with the left button always pans. */
export function deedOf(
  bindings: MouseBindings,
  tool: DragTool,
  event: { button: number; shiftKey: boolean },
): DragTool | undefined {
  const button = BUTTONS[event.button];
  if (!button) return undefined;
  if (button === 'left' && event.shiftKey) return 'pan';
  const deed = bindings[button];
  return deed === 'tool' ? tool : deed;
}

/** Lines for the keyboard help. */
export const describeMouse = (bindings: MouseBindings): [string, string][] => [
  ['Left drag', DEED_NAMES[bindings.left]],
  ['Middle drag', DEED_NAMES[bindings.middle]],
  ['Right drag', DEED_NAMES[bindings.right]],
  ['Shift + left drag', 'Pan'],
  ['Wheel', DEED_NAMES[bindings.wheel]],
  ['Ctrl + wheel', bindings.wheel === 'zoom' ? 'Scroll' : 'Zoom'],
  ['Right click, long press', 'Menu'],
  ['Two fingers', 'Zoom and pan'],
  ['Double click', 'One cell only'],
  ['Drag on the right edge', 'Slice at that height'],
];
