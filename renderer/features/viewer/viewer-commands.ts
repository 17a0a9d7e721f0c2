// What can be done in the viewer: one list for tool strip, menu, palette, keys, help and settings.
import type { StackView } from '../../imaging/index.ts';
import type { Command } from '../../commands/command.ts';
import type { DragTool } from './mouse-bindings.ts';

/** What commands act on: the active cell's view, and the screen. */
export interface ViewerContext {
  view: StackView | undefined;
  count: number;
  /** Windows of the number keys, and those of the header. */
  presetCount: number;
  headerCount: number;
  lengthCount: number;
  canUndoLength: boolean;
  /** There are lengths or key images that are not part of the study as they are. */
  canSaveMarks: boolean;
  applyPreset(number: number): void;
  /** The header's next window after the one last taken; or that one. */
  applyHeader(number?: number): void;
  applyRange(kind: 'full' | 'auto'): void;
  editWindows(): void;
  setTool(tool: DragTool): void;
  toggle(what: Toggle): void;
  setLayout(rows: number, columns: number): void;
  fillCells(): void;
  moveCell(columns: number, rows: number): void;
  nextSeries(by: number): void;
  trueSize(): void;
  changeCineSpeed(by: 1 | -1): void;
  deleteLengths(): void;
  undoLength(): void;
  saveMarks(): void;
  toggleKeyImage(): void;
  escape(): void;
  close(): void;
}

export type Toggle = 'text' | 'tags' | 'chrome' | 'cine' | 'bounce' | 'maximised' | 'probe' | 'lengths' | Panel;
export type Panel = 'palette' | 'help' | 'settings' | 'layout';

export type CommandId =
  | 'close'
  | 'escape'
  | `slice.${'next' | 'previous' | 'first' | 'last' | 'pageDown' | 'pageUp'}`
  | `series.${'next' | 'previous'}`
  | `cell.${'left' | 'right' | 'up' | 'down' | 'fill'}`
  | `layout.${'pick' | '1x1' | '1x2' | '2x2' | '3x3' | '4x5'}`
  | `tool.${DragTool}`
  | `window.${'full' | 'auto' | 'header'}`
  | `preset.${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  | `cine.${'faster' | 'slower' | 'bounce'}`
  | 'fit'
  | 'actualPixels'
  | 'trueSize'
  | 'zoomIn'
  | 'zoomOut'
  | 'rotateRight'
  | 'rotateLeft'
  | 'flipHorizontal'
  | 'flipVertical'
  | 'invert'
  | 'reset'
  | 'undo'
  | 'redo'
  | 'probe'
  | `length.${'delete' | 'undo'}`
  | 'marks.save'
  | 'keyImage'
  | 'lengths'
  | 'text'
  | 'tags'
  | 'chrome'
  | 'cine'
  | 'maximise'
  | 'palette'
  | 'settings'
  | 'help';

export type ViewerCommand = Command<CommandId, ViewerContext>;

const hasView = ({ view, count }: ViewerContext): boolean => view !== undefined && count > 0;
const hasStack = ({ view, count }: ViewerContext): boolean => view !== undefined && count > 1;

/** Commands of one heading that need the same. */
const group = (
  name: string,
  enabled: ((context: ViewerContext) => boolean) | undefined,
  lines: readonly (readonly [CommandId, string, readonly string[], (context: ViewerContext) => void, 'repeats'?])[],
): ViewerCommand[] =>
  lines.map(([id, label, keys, run, repeats]) => ({
    id,
    label,
    group: name,
    keys,
    run,
    repeats: repeats !== undefined,
    ...(enabled && { enabled }),
  }));

const ZOOM_STEP = 1.25;
const zoom =
  (factor: number) =>
  ({ view }: ViewerContext): void => {
    view?.remember();
    view?.zoomBy(factor);
  };

export const COMMANDS: readonly ViewerCommand[] = [
  ...group('Stack', hasStack, [
    ['slice.next', 'Next slice', ['ArrowDown', 'ArrowRight'], ({ view }) => view?.goTo(view.index + 1), 'repeats'],
    ['slice.previous', 'Previous slice', ['ArrowUp', 'ArrowLeft'], ({ view }) => view?.goTo(view.index - 1), 'repeats'],
    ['slice.first', 'First slice', ['Home'], ({ view }) => view?.goTo(0)],
    ['slice.last', 'Last slice', ['End'], ({ view, count }) => view?.goTo(count - 1)],
    ['slice.pageDown', 'Ten slices on', ['PageDown'], ({ view }) => view?.goTo(view.index + 10), 'repeats'],
    ['slice.pageUp', 'Ten slices back', ['PageUp'], ({ view }) => view?.goTo(view.index - 10), 'repeats'],
    ['cine', 'Play or stop cine', ['Space'], (c) => c.toggle('cine')],
    ['cine.faster', 'Cine faster', ['.'], (c) => c.changeCineSpeed(1), 'repeats'],
    ['cine.slower', 'Cine slower', [','], (c) => c.changeCineSpeed(-1), 'repeats'],
    ['cine.bounce', 'Cine back and forth', ['Shift+b'], (c) => c.toggle('bounce')],
  ]),
  ...group('Tools', undefined, [
    ['tool.window', 'Window', ['w'], (c) => c.setTool('window')],
    ['tool.scroll', 'Scroll', ['s'], (c) => c.setTool('scroll')],
    ['tool.zoom', 'Zoom', ['z'], (c) => c.setTool('zoom')],
    ['tool.pan', 'Pan', ['m'], (c) => c.setTool('pan')],
    ['tool.magnify', 'Magnifying glass', ['g'], (c) => c.setTool('magnify')],
    ['tool.length', 'Length', ['l'], (c) => c.setTool('length')],
    ['probe', 'Value under the cursor', ['q'], (c) => c.toggle('probe')],
  ]),
  ...group('Tools', hasView, [['keyImage', 'Key image, or no more', ['Shift+k'], (c) => c.toggleKeyImage()]]),
  ...group('Tools', ({ lengthCount }) => lengthCount > 0, [
    ['length.delete', 'Delete the selected length', ['Delete'], (c) => c.deleteLengths()],
  ]),
  ...group('Tools', ({ canSaveMarks }) => canSaveMarks, [
    ['marks.save', 'Save lengths and key images in the study', ['Ctrl+s'], (c) => c.saveMarks()],
  ]),
  ...group('Tools', ({ canUndoLength }) => canUndoLength, [
    ['length.undo', 'Undo the last change of a length', ['Alt+z'], (c) => c.undoLength()],
  ]),
  ...group('View', hasView, [
    ['fit', 'Fit to cell', ['f'], ({ view }) => view?.fit()],
    ['actualPixels', '1:1 pixels', ['o'], ({ view }) => view?.actualPixels()],
    ['trueSize', 'True size', ['u'], (c) => c.trueSize()],
    ['zoomIn', 'Zoom in', ['+', '='], zoom(ZOOM_STEP), 'repeats'],
    ['zoomOut', 'Zoom out', ['-'], zoom(1 / ZOOM_STEP), 'repeats'],
    ['rotateLeft', 'Rotate left', ['Shift+r'], ({ view }) => view?.rotate(-90)],
    ['rotateRight', 'Rotate right', ['r'], ({ view }) => view?.rotate(90)],
    ['flipHorizontal', 'Flip left-right', ['h'], ({ view }) => view?.flip(false)],
    ['flipVertical', 'Flip top-bottom', ['v'], ({ view }) => view?.flip(true)],
    ['undo', 'Undo the last view change', ['Ctrl+z'], ({ view }) => view?.undo()],
    ['redo', 'Redo the view change', ['Ctrl+y', 'Ctrl+Shift+z'], ({ view }) => view?.redo()],
    ['reset', 'Reset the view', ['0', 'Ctrl+r'], ({ view }) => view?.reset()],
  ]),
  ...group('Window', hasView, [
    ['invert', 'Invert', ['i'], ({ view }) => view?.toggleInvert()],
    ['window.full', 'Full range of values', ['Shift+a'], (c) => c.applyRange('full')],
    ['window.auto', 'Range without the outermost 1 %', ['a'], (c) => c.applyRange('auto')],
  ]),
  ...group('Window', ({ headerCount }) => headerCount > 0, [
    ['window.header', 'Next window of the header', ['d'], (c) => c.applyHeader()],
  ]),
  ...([1, 2, 3, 4, 5, 6, 7, 8, 9] as const).flatMap((number) =>
    group('Window', ({ presetCount }) => presetCount >= number, [
      [`preset.${number}`, `Window preset ${number}`, [String(number)], (c) => c.applyPreset(number - 1)],
    ]),
  ),
  ...group('Series and cells', undefined, [
    ['series.next', 'Next series', ['n', 'Shift+ArrowDown'], (c) => c.nextSeries(1)],
    ['series.previous', 'Previous series', ['p', 'Shift+ArrowUp'], (c) => c.nextSeries(-1)],
    ['cell.left', 'Cell to the left', ['Ctrl+ArrowLeft'], (c) => c.moveCell(-1, 0)],
    ['cell.right', 'Cell to the right', ['Ctrl+ArrowRight'], (c) => c.moveCell(1, 0)],
    ['cell.up', 'Cell above', ['Ctrl+ArrowUp'], (c) => c.moveCell(0, -1)],
    ['cell.down', 'Cell below', ['Ctrl+ArrowDown'], (c) => c.moveCell(0, 1)],
    ['cell.fill', 'Fill empty cells with series', ['Ctrl+Enter'], (c) => c.fillCells()],
    ['maximise', 'One cell only, or all again', ['Enter'], (c) => c.toggle('maximised')],
    ['layout.pick', 'Choose a layout', ['k'], (c) => c.toggle('layout')],
    ['layout.1x1', 'Layout 1 x 1', ['Alt+1'], (c) => c.setLayout(1, 1)],
    ['layout.1x2', 'Layout 1 x 2', ['Alt+2'], (c) => c.setLayout(1, 2)],
    ['layout.2x2', 'Layout 2 x 2', ['Alt+4'], (c) => c.setLayout(2, 2)],
    ['layout.3x3', 'Layout 3 x 3', ['Alt+9'], (c) => c.setLayout(3, 3)],
    ['layout.4x5', 'Layout 4 x 5', ['Alt+0'], (c) => c.setLayout(4, 5)],
  ]),
  ...group('Screen', undefined, [
    ['text', 'Text on the images', ['x'], (c) => c.toggle('text')],
    ['tags', 'Attributes', ['t'], (c) => c.toggle('tags')],
    ['lengths', 'Lengths and key images of the study', ['Shift+l'], (c) => c.toggle('lengths')],
    ['chrome', 'Images only', ['c', 'F9'], (c) => c.toggle('chrome')],
    ['palette', 'Find a command', ['Ctrl+k'], (c) => c.toggle('palette')],
    ['settings', 'Viewer settings', ['Ctrl+,'], (c) => c.toggle('settings')],
    ['help', 'Keys and mouse', ['?', 'F1'], (c) => c.toggle('help')],
    ['escape', 'Leave what is open, else back to the studies', ['Escape'], (c) => c.escape()],
    ['close', 'Back to the study browser', ['b'], (c) => c.close()],
  ]),
];

const byId = new Map(COMMANDS.map((command) => [command.id, command]));
export function commandOf(id: CommandId): ViewerCommand {
  const found = byId.get(id);
  if (!found) throw new Error(`no command ${id}`);
  return found;
}
