// A long list of equal rows as a table has it: only those in sight are drawn, keys and pointer move and select as in file
// lists. What a row is and shows is the table's own.
import type { KeyboardEvent, MouseEvent, RefObject } from 'react';
import { select, selectOnly, type SelectHow, type Selection } from './selection.logic.ts';
import { keyName } from './use-command-keys.ts';
import { useRowWindow } from './use-row-window.ts';

export const ROW_PX = 28;
const HEAD_PX = 28;

interface RowListProps {
  table: RefObject<HTMLDivElement | null>;
  /** Number of rows, and the name of each. */
  count: number;
  idOf(index: number): string;
  selection: Selection;
  /** Index of the row with the focus; -1 where none has it. */
  focusIndex: number;
  /** Ids of the rows that "all" means. */
  allIds(): string[];
  /** Of the row's element, for where its menu opens. */
  elementIdOf(index: number): string;
  onSelect(selection: Selection): void;
  onMenu(at: { x: number; y: number }): void;
}

export interface RowList {
  /** Indices of the rows to draw, `end` excluded. */
  start: number;
  end: number;
  isFocusInSight: boolean;
  scrollTo(index: number): void;
  selectAt(index: number, how: SelectHow): void;
  /** Moves, selects, asks for the menu; true when the key was one of those. */
  takeKey(event: KeyboardEvent): boolean;
  /** Index of the row under the pointer; -1 beside the rows. */
  indexOf(event: MouseEvent): number;
  /** Selects the row under the pointer as the held keys say. */
  takeClick(event: MouseEvent): void;
  /** Asks for the menu of the row under the pointer, which is selected if it was not. */
  takeContextMenu(event: MouseEvent): void;
}

export function useRowList(props: RowListProps): RowList {
  const { table, count, idOf, selection, focusIndex, onSelect } = props;
  const { start, end, pageRows, scrollTo } = useRowWindow(table, count, ROW_PX, HEAD_PX);
  const selectAt = (index: number, how: SelectHow): void => {
    const at = Math.min(count - 1, Math.max(0, index));
    if (at < 0) return;
    const ids = how === 'range' ? Array.from({ length: count }, (_, each) => idOf(each)) : [];
    onSelect(select(selection, idOf(at), how, ids));
    scrollTo(at);
  };
  const takeKey = (event: KeyboardEvent): boolean => {
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: pageRows,
      PageUp: -pageRows,
      Home: -count,
      End: count,
    };
    const isToggle = event.ctrlKey || event.metaKey;
    const move = moves[event.key];
    if (move !== undefined) selectAt(focusIndex + move, event.shiftKey ? 'range' : isToggle ? 'focus' : 'only');
    else if (event.key === ' ' && focusIndex >= 0) selectAt(focusIndex, event.shiftKey ? 'range' : 'toggle');
    else if (keyName(event) === 'Ctrl+A') onSelect({ ...selection, selected: new Set(props.allIds()) });
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const focused = focusIndex < 0 ? null : document.getElementById(props.elementIdOf(focusIndex));
      const box = focused?.getBoundingClientRect();
      if (box) props.onMenu({ x: box.left + 24, y: box.bottom });
    } else return false;
    return true;
  };
  const indexOf = (event: MouseEvent): number =>
    Number((event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset['index'] ?? -1);
  return {
    start,
    end,
    isFocusInSight: focusIndex >= start && focusIndex < end,
    scrollTo,
    selectAt,
    takeKey,
    indexOf,
    takeClick: (event) => {
      const index = indexOf(event);
      if (index >= 0) selectAt(index, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only');
    },
    takeContextMenu: (event) => {
      const index = indexOf(event);
      if (index < 0 || index >= count) return;
      event.preventDefault();
      const id = idOf(index);
      if (!selection.selected.has(id)) onSelect(selectOnly(id));
      props.onMenu({ x: event.clientX, y: event.clientY });
    },
  };
}
