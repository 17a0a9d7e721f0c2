// The menu of a right click in a cell: commands of the one list.
import { useEffect, useRef } from 'react';
import { keysOf, type KeyOverrides } from '../../commands/bindings.ts';
import { nameOfChord } from '../../commands/chords.ts';
import { commandOf, type CommandId, type ViewerContext } from './viewer-commands.ts';

const OFFERED: readonly CommandId[] = [
  'fit',
  'actualPixels',
  'trueSize',
  'rotateRight',
  'flipHorizontal',
  'invert',
  'window.auto',
  'reset',
  'undo',
  'keyImage',
  'maximise',
  'tags',
  'palette',
];

interface ContextMenuProps {
  at: readonly [number, number];
  context: ViewerContext;
  overrides: KeyOverrides;
  onClose(): void;
}

export function ContextMenu({ at: [x, y], context, overrides, onClose }: ContextMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = menu.current;
    if (!element) return;
    const { offsetWidth, offsetHeight } = element;
    element.style.left = `${Math.min(x, innerWidth - offsetWidth - 4)}px`;
    element.style.top = `${Math.min(y, innerHeight - offsetHeight - 4)}px`;
    element.querySelector('button')?.focus();
  }, [x, y]);
  const key = (event: React.KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === 'Escape') return onClose();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const buttons = [...(menu.current?.querySelectorAll<HTMLElement>('button:not(:disabled)') ?? [])];
    const index = buttons.indexOf(event.target as HTMLElement);
    buttons[(index + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div
      ref={menu}
      className="menu"
      role="menu"
      tabIndex={-1}
      aria-label="Image"
      onKeyDown={key}
      // Of the finger that is still on it.
      onContextMenu={(event) => event.preventDefault()}
      onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && onClose()}
    >
      {OFFERED.map(commandOf).map((command) => (
        <button
          key={command.id}
          type="button"
          role="menuitem"
          disabled={command.enabled?.(context) === false}
          onClick={() => {
            onClose();
            command.run(context);
          }}
        >
          {command.label} <kbd>{keysOf(command, overrides).slice(0, 1).map(nameOfChord).join('')}</kbd>
        </button>
      ))}
    </div>
  );
}
