// The study table: only the rows in sight are drawn; keyboard, multiple selection, patients folded and unfolded. What it
// shows is worked out by others (grouping.logic.ts, sort.logic.ts).
import { useEffect, useMemo, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import { useStore } from 'zustand';
import type { BrowserStore } from './browser-store.ts';
import { ColumnHeads } from './ColumnHeads.tsx';
import { columnOf, type ColumnKey } from './columns.ts';
import { lineId, patientOf, type TableLine } from './grouping.logic.ts';
import { select, selectOnly, type SelectHow, type Selection } from './selection.logic.ts';
import { elementId, StudyLine } from './StudyLine.tsx';
import { useRowWindow } from './use-row-window.ts';

interface StudyTableProps {
  store: BrowserStore;
  table: RefObject<HTMLDivElement | null>;
  lines: readonly TableLine[];
  selection: Selection;
  onSelect(selection: Selection): void;
  onOpen(): void;
  /** Asked for at a point of the window, for the selected lines. */
  onMenu(at: { x: number; y: number }): void;
  onChooseColumns(): void;
}

const ROW_PX = 28;
const HEAD_PX = 28;

/** Takes the width that is left over, until the person sizes it. */
const FLEXIBLE: ColumnKey = 'description';

export function StudyTable(props: StudyTableProps) {
  const { store, table, lines, selection, onSelect } = props;
  const { columns: keys, widthsPx, togglePatient } = useStore(store);
  const columns = useMemo(() => keys.map(columnOf), [keys]);
  const template = columns
    .map(({ key, widthPx }) => {
      const chosen = widthsPx[key];
      return chosen === undefined && key === FLEXIBLE ? `minmax(${widthPx}px, 1fr)` : `${chosen ?? widthPx}px`;
    })
    .join(' ');
  /** Of a row with its padding; below it the table scrolls sideways, heads and rows alike. */
  const leastPx = columns.reduce((sum, { key, widthPx }) => sum + (widthsPx[key] ?? widthPx), 32);
  const { start, end, pageRows, scrollTo } = useRowWindow(table, lines.length, ROW_PX, HEAD_PX);
  const focusIndex = useMemo(
    () => (selection.focus === undefined ? -1 : lines.findIndex((line) => lineId(line) === selection.focus)),
    [lines, selection.focus],
  );
  const focused = lines[focusIndex];
  const focusPatient = focused?.kind === 'study' ? patientOf(focused.row) : focused?.key;

  useEffect(() => {
    // The painted rows are announced for whoever measures a keystroke.
    dispatchEvent(new CustomEvent('lectern:rows', { detail: { count: lines.length } }));
  }, [lines]);

  const selectAt = (index: number, how: SelectHow): void => {
    const at = Math.min(lines.length - 1, Math.max(0, index));
    const line = lines[at];
    if (!line) return;
    onSelect(select(selection, lineId(line), how, how === 'range' ? lines.map(lineId) : []));
    scrollTo(at);
  };
  const foldTo = (isOpen: boolean): boolean => {
    if (focused?.kind === 'patient' && focused.isOpen !== isOpen) togglePatient(focused.key);
    else if (!isOpen && focused?.kind === 'study' && focused.level === 2) {
      const head = lines.findLastIndex((line, index) => index < focusIndex && line.kind === 'patient');
      selectAt(head, 'only');
    } else return false;
    return true;
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: pageRows,
      PageUp: -pageRows,
      Home: -lines.length,
      End: lines.length,
    };
    const isToggle = event.ctrlKey || event.metaKey;
    const move = moves[event.key];
    if (move !== undefined) selectAt(focusIndex + move, event.shiftKey ? 'range' : isToggle ? 'focus' : 'only');
    else if (event.key === ' ' && focusIndex >= 0) selectAt(focusIndex, event.shiftKey ? 'range' : 'toggle');
    else if (event.key.toLowerCase() === 'a' && isToggle)
      onSelect({ ...selection, selected: new Set(lines.filter((line) => line.kind === 'study').map(lineId)) });
    else if (event.key === 'ArrowRight' && foldTo(true)) scrollTo(focusIndex);
    else if (event.key === 'ArrowLeft' && foldTo(false)) scrollTo(focusIndex);
    else if (event.key === 'Enter' && focused?.kind === 'patient') togglePatient(focused.key);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const box = focused && document.getElementById(elementId(focused))?.getBoundingClientRect();
      if (box) props.onMenu({ x: box.left + 24, y: box.bottom });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const indexOf = (event: MouseEvent): number =>
    Number((event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset['index'] ?? -1);
  const onRow = (event: MouseEvent): void => {
    const index = indexOf(event);
    const line = lines[index];
    if (!line) return;
    if (line.kind === 'patient' && (event.target as HTMLElement).closest('.fold')) togglePatient(line.key);
    selectAt(index, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only');
  };
  const onDouble = (event: MouseEvent): void => {
    const line = lines[indexOf(event)];
    if (line?.kind === 'patient') togglePatient(line.key);
    else if (line) props.onOpen();
  };
  const onMenu = (event: MouseEvent): void => {
    const line = lines[indexOf(event)];
    if (!line) return;
    event.preventDefault();
    if (!selection.selected.has(lineId(line))) onSelect(selectOnly(lineId(line)));
    props.onMenu({ x: event.clientX, y: event.clientY });
  };
  const isInSight = focusIndex >= start && focusIndex < end;
  return (
    <div
      ref={table}
      className="table"
      role="treegrid"
      tabIndex={0}
      aria-label="Studies: arrows move, Space selects, Enter opens, Shift+F10 shows the menu"
      aria-multiselectable="true"
      aria-activedescendant={focused && isInSight ? elementId(focused) : undefined}
      aria-rowcount={lines.length + 1}
      aria-colcount={columns.length}
      onKeyDown={onKey}
      style={{ ['--columns' as string]: template, ['--least' as string]: `${leastPx}px` }}
    >
      <ColumnHeads store={store} onChoose={props.onChooseColumns} />
      {/* Pointer only: the grid itself has the keys. */}
      <div
        className="table-body"
        role="rowgroup"
        style={{ height: lines.length * ROW_PX }}
        onClick={onRow}
        onDoubleClick={onDouble}
        onContextMenu={onMenu}
      >
        {lines.slice(start, end).map((line, at) => {
          const index = start + at;
          const id = lineId(line);
          return (
            <StudyLine
              key={index}
              line={line}
              index={index}
              topPx={index * ROW_PX}
              columns={columns}
              isSelected={selection.selected.has(id)}
              isFocus={index === focusIndex}
              isSamePatient={
                line.kind === 'study' && focusPatient !== undefined && patientOf(line.row) === focusPatient
              }
            />
          );
        })}
      </div>
    </div>
  );
}
