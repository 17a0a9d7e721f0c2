// The grid's rows and columns, chosen on a small picture of it: by mouse, or by arrows and Enter.
import { useEffect, useRef, useState } from 'react';
import { useFocusBack } from '../../ui/use-focus-back.ts';

export const MOST_ROWS = 4;
export const MOST_COLUMNS = 5;

interface LayoutPickerProps {
  rows: number;
  columns: number;
  onChoose(rows: number, columns: number): void;
  onClose(): void;
}

export function LayoutPicker({ rows, columns, onChoose, onClose }: LayoutPickerProps) {
  const [at, setAt] = useState<readonly [number, number]>([rows, columns]);
  const grid = useRef<HTMLDivElement>(null);
  useFocusBack();
  useEffect(() => grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(), [at]);
  const key = (event: React.KeyboardEvent): void => {
    event.stopPropagation();
    const [down, across] =
      { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
    if (event.key === 'Escape') onClose();
    if (down === undefined || across === undefined) return;
    event.preventDefault();
    const clamp = (value: number, most: number): number => Math.min(most, Math.max(1, value));
    setAt([clamp(at[0] + down, MOST_ROWS), clamp(at[1] + across, MOST_COLUMNS)]);
  };
  return (
    <div
      className="layout-picker"
      role="dialog"
      aria-label="Layout"
      onKeyDown={key}
      // The button that opened it is in its place with it, and closes it by itself.
      onBlur={(event) => !event.currentTarget.parentElement?.contains(event.relatedTarget) && onClose()}
    >
      <div ref={grid} role="group" aria-label="Rows and columns">
        {Array.from({ length: MOST_ROWS }, (_, row) => (
          <div key={row} className="line">
            {Array.from({ length: MOST_COLUMNS }, (_, column) => (
              <button
                key={column}
                type="button"
                aria-label={`${row + 1} x ${column + 1}`}
                tabIndex={at[0] === row + 1 && at[1] === column + 1 ? 0 : -1}
                data-in={row < at[0] && column < at[1]}
                onPointerEnter={() => setAt([row + 1, column + 1])}
                onClick={() => onChoose(row + 1, column + 1)}
              />
            ))}
          </div>
        ))}
      </div>
      <p className="quiet">
        {at[0]} x {at[1]}: rows x columns
      </p>
    </div>
  );
}
