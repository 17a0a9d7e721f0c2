// What can be done in the viewer, as objects: name, label, keys, action. Tool strip, keys and tooltips read this list.
import type { StackView } from '../../imaging/index.ts';
import type { DragTool } from './ViewerCell.tsx';

export interface ViewerContext {
  view: StackView | undefined;
  count: number;
  applyPreset(number: number): void;
  setTool(tool: DragTool): void;
  toggleText(): void;
  toggleTags(): void;
  toggleCine(): void;
  toggleMaximised(): void;
  nextSeries(by: number): void;
  close(): void;
}

export type CommandId =
  | 'close'
  | 'slice.next'
  | 'slice.previous'
  | 'slice.first'
  | 'slice.last'
  | 'slice.pageDown'
  | 'slice.pageUp'
  | 'series.next'
  | 'series.previous'
  | 'fit'
  | 'actualPixels'
  | 'rotateRight'
  | 'rotateLeft'
  | 'flipHorizontal'
  | 'flipVertical'
  | 'invert'
  | 'reset'
  | 'undo'
  | 'tool.window'
  | 'tool.scroll'
  | 'tool.zoom'
  | 'tool.pan'
  | 'text'
  | 'tags'
  | 'cine'
  | 'maximise'
  | `preset.${number}`;

export interface Command {
  id: CommandId;
  label: string;
  /** As KeyboardEvent.key, with Ctrl+ or Shift+ before it. */
  keys: readonly string[];
  run(context: ViewerContext): void;
}

export const COMMANDS: readonly Command[] = [
  { id: 'close', label: 'Back to the study browser', keys: ['Escape', 'b'], run: (c) => c.close() },
  {
    id: 'slice.next',
    label: 'Next slice',
    keys: ['ArrowDown', 'ArrowRight'],
    run: ({ view }) => view?.goTo(view.index + 1),
  },
  {
    id: 'slice.previous',
    label: 'Previous slice',
    keys: ['ArrowUp', 'ArrowLeft'],
    run: ({ view }) => view?.goTo(view.index - 1),
  },
  { id: 'slice.first', label: 'First slice', keys: ['Home'], run: ({ view }) => view?.goTo(0) },
  { id: 'slice.last', label: 'Last slice', keys: ['End'], run: ({ view, count }) => view?.goTo(count - 1) },
  { id: 'slice.pageDown', label: 'Ten slices on', keys: ['PageDown'], run: ({ view }) => view?.goTo(view.index + 10) },
  { id: 'slice.pageUp', label: 'Ten slices back', keys: ['PageUp'], run: ({ view }) => view?.goTo(view.index - 10) },
  { id: 'series.next', label: 'Next series', keys: ['Shift+ArrowDown', 'n'], run: (c) => c.nextSeries(1) },
  { id: 'series.previous', label: 'Previous series', keys: ['Shift+ArrowUp', 'p'], run: (c) => c.nextSeries(-1) },
  { id: 'fit', label: 'Fit to cell', keys: ['f'], run: ({ view }) => view?.fit() },
  { id: 'actualPixels', label: '1:1 pixels', keys: ['o'], run: ({ view }) => view?.actualPixels() },
  { id: 'rotateRight', label: 'Rotate right', keys: ['r'], run: ({ view }) => view?.rotate(90) },
  { id: 'rotateLeft', label: 'Rotate left', keys: ['Shift+R'], run: ({ view }) => view?.rotate(-90) },
  { id: 'flipHorizontal', label: 'Flip left-right', keys: ['h'], run: ({ view }) => view?.flip(false) },
  { id: 'flipVertical', label: 'Flip top-bottom', keys: ['v'], run: ({ view }) => view?.flip(true) },
  { id: 'invert', label: 'Invert', keys: ['i'], run: ({ view }) => view?.toggleInvert() },
  { id: 'reset', label: 'Reset the view', keys: ['Ctrl+r', '0'], run: ({ view }) => view?.reset() },
  { id: 'undo', label: 'Undo the last view change', keys: ['Ctrl+z'], run: ({ view }) => view?.undo() },
  { id: 'tool.window', label: 'Window', keys: ['w'], run: (c) => c.setTool('window') },
  { id: 'tool.scroll', label: 'Scroll', keys: ['s'], run: (c) => c.setTool('scroll') },
  { id: 'tool.zoom', label: 'Zoom', keys: ['z'], run: (c) => c.setTool('zoom') },
  { id: 'tool.pan', label: 'Pan', keys: ['m'], run: (c) => c.setTool('pan') },
  { id: 'text', label: 'Text on the images', keys: ['x'], run: (c) => c.toggleText() },
  { id: 'tags', label: 'Attributes', keys: ['t'], run: (c) => c.toggleTags() },
  { id: 'cine', label: 'Cine', keys: [' '], run: (c) => c.toggleCine() },
  { id: 'maximise', label: 'One cell only', keys: ['Enter'], run: (c) => c.toggleMaximised() },
  ...Array.from({ length: 9 }, (_, index): Command => ({
    id: `preset.${index + 1}`,
    label: `Window preset ${index + 1}`,
    keys: [String(index + 1)],
    run: (c) => c.applyPreset(index),
  })),
];

/** The command of a key press. */
export function commandOfKey(event: {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}): Command | undefined {
  if (event.altKey) return undefined;
  const pressed = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.shiftKey ? 'Shift+' : ''}${event.key}`;
  return COMMANDS.find((command) => command.keys.includes(pressed));
}

export function commandOf(id: CommandId): Command {
  const found = COMMANDS.find((command) => command.id === id);
  if (!found) throw new Error(`no command ${id}`);
  return found;
}

const KEY_NAMES: Record<string, string> = {
  ' ': 'Space',
  ArrowDown: 'Down',
  ArrowUp: 'Up',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  Escape: 'Esc',
};
/** Label with its first key, for tooltips. */
export function hintOf(command: Command): string {
  const [key = ''] = command.keys;
  return `${command.label} (${KEY_NAMES[key] ?? key.toUpperCase()})`;
}
