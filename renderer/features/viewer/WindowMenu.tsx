// The windows that can be taken: those of the header, those of the number keys, and the image's own range.
import { ChevronDown } from 'lucide-react';
import { useRef, useState } from 'react';
import { keysOf, type KeyOverrides } from '../../commands/bindings.ts';
import { nameOfChord } from '../../commands/chords.ts';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { commandOf, type CommandId, type ViewerContext } from './viewer-commands.ts';
import type { Presets } from './window-presets.ts';

interface WindowMenuProps {
  context: ViewerContext;
  presets: Presets;
  overrides: KeyOverrides;
}

const PRESET_KEYS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

export function WindowMenu({ context, presets, overrides }: WindowMenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [at, setAt] = useState<{ x: number; y: number }>();
  const open = (): void => {
    const box = button.current?.getBoundingClientRect();
    setAt(box && { x: box.left, y: box.bottom + 4 });
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="plain"
        title="Windows of the header, of this modality and of the image"
        aria-haspopup="menu"
        aria-expanded={at !== undefined}
        disabled={!context.view}
        onClick={() => (at ? setAt(undefined) : open())}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          open();
        }}
      >
        Windows <ChevronDown size={14} aria-hidden="true" />
      </button>
      {at && (
        <Menu label="Windows" items={itemsOf(context, presets, overrides)} at={at} onClose={() => setAt(undefined)} />
      )}
    </>
  );
}

function itemsOf(context: ViewerContext, { header, usual }: Presets, overrides: KeyOverrides): MenuItem[] {
  const keys = (id: CommandId): Pick<MenuItem, 'keys'> => {
    const [first] = keysOf(commandOf(id), overrides);
    return first === undefined ? {} : { keys: nameOfChord(first) };
  };
  return [
    ...header.map(({ label }, index) => ({
      id: `header ${index}`,
      label,
      ...(index === 0 && { heading: 'Of the header', ...keys('window.header') }),
      run: () => context.applyHeader(index),
    })),
    ...usual.map(({ label, show, reason }, index) => {
      const number = PRESET_KEYS[index];
      return {
        id: `usual ${index}`,
        label: show ? label : `${label} (not possible: ${reason ?? 'unknown'})`,
        isDisabled: !show,
        ...(index === 0 && { heading: 'Of this modality' }),
        ...(number && keys(`preset.${number}`)),
        run: () => context.applyPreset(index),
      };
    }),
    ...(['auto', 'full'] as const).map((kind, index) => ({
      id: kind,
      label: commandOf(`window.${kind}`).label,
      ...(index === 0 && { heading: 'Of the image' }),
      ...keys(`window.${kind}`),
      run: () => context.applyRange(kind),
    })),
    { id: 'edit', label: 'Change this list', startsGroup: true, run: () => context.editWindows() },
  ];
}
