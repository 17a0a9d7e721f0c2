// The tool strip: groups of at most six, each button with its name and key from the one list of commands.
import {
  ArrowLeft,
  Contrast,
  Crosshair,
  FlipHorizontal2,
  FlipVertical2,
  Grid2x2,
  Hand,
  Info,
  Keyboard,
  Maximize,
  Pause,
  Play,
  Redo2,
  RotateCcw,
  RotateCw,
  Ruler,
  RulerDimensionLine,
  ScanSearch,
  Command,
  Scaling,
  Scroll,
  Search,
  Settings2,
  SquareMinus,
  Star,
  SunMoon,
  Tags,
  Type,
  Undo2,
  ZoomIn,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { hintOf, type KeyOverrides } from '../../commands/bindings.ts';
import { commandOf, type CommandId, type ViewerContext } from './viewer-commands.ts';
import { WindowMenu } from './WindowMenu.tsx';
import type { Presets } from './window-presets.ts';

interface ToolbarProps {
  context: ViewerContext;
  overrides: KeyOverrides;
  /** Commands whose state is on; buttons of these are pressed. */
  pressed: ReadonlySet<CommandId>;
  presets: Presets;
  layout: string;
  children: ReactNode;
}

type Tool = readonly [CommandId, typeof Hand];

const GROUPS: readonly { tools: readonly Tool[]; isToggle?: boolean; isMinor?: boolean }[] = [
  {
    tools: [
      ['tool.window', Contrast],
      ['tool.scroll', Scroll],
      ['tool.zoom', ZoomIn],
      ['tool.pan', Hand],
      ['tool.magnify', Search],
      ['tool.length', Ruler],
    ],
    isToggle: true,
  },
  {
    tools: [
      ['fit', Maximize],
      ['actualPixels', ScanSearch],
      ['trueSize', Scaling],
    ],
  },
  {
    tools: [
      ['rotateLeft', RotateCcw],
      ['rotateRight', RotateCw],
      ['flipHorizontal', FlipHorizontal2],
      ['flipVertical', FlipVertical2],
      ['invert', SunMoon],
    ],
    isMinor: true,
  },
  {
    tools: [
      ['undo', Undo2],
      ['redo', Redo2],
      ['reset', SquareMinus],
    ],
  },
  {
    tools: [
      ['cine', Play],
      ['probe', Crosshair],
      ['text', Type],
      ['tags', Tags],
      ['lengths', RulerDimensionLine],
      ['keyImage', Star],
    ],
    isToggle: true,
  },
];

export function Toolbar({ context, overrides, pressed, presets, layout, children }: ToolbarProps) {
  const button = (id: CommandId, Icon: typeof Hand, isToggle: boolean, text?: string) => {
    const command = commandOf(id);
    return (
      <button
        key={id}
        type="button"
        className="plain"
        title={hintOf(command, overrides)}
        aria-label={text === undefined ? command.label : `${command.label}: ${text}`}
        {...(isToggle && { 'aria-pressed': pressed.has(id) })}
        disabled={command.enabled?.(context) === false}
        onClick={() => command.run(context)}
      >
        <Icon size={16} aria-hidden="true" />
        {text}
      </button>
    );
  };
  return (
    <div className="viewer-tools" role="toolbar" aria-label="Tools">
      <button
        type="button"
        className="plain back"
        title={hintOf(commandOf('close'), overrides)}
        aria-label="Back to the study browser"
        onClick={() => commandOf('close').run(context)}
      >
        <ArrowLeft size={16} aria-hidden="true" /> Studies
      </button>
      {GROUPS.map(({ tools, isToggle = false, isMinor = false }) => (
        <div className={isMinor ? 'group minor' : 'group'} key={tools[0]?.[0]}>
          {tools.map(([id, Icon]) =>
            // Whether this is a key image is told on it: the strip does not follow each slice.
            button(id, id === 'cine' && pressed.has('cine') ? Pause : Icon, isToggle && id !== 'keyImage'),
          )}
        </div>
      ))}
      <div className="group">
        <WindowMenu context={context} presets={presets} overrides={overrides} />
        <div className="anchor">
          {button('layout.pick', Grid2x2, false, layout)}
          {children}
        </div>
      </div>
      <div className="group">
        {button('palette', Command, false)}
        {button('settings', Settings2, true)}
        {button('help', Keyboard, false)}
      </div>
    </div>
  );
}

export const DemoMark = () => <Info size={14} aria-label="Synthetic demo study" />;
