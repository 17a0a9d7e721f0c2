// The study table: only the rows in sight are drawn; keyboard, multiple selection, patients folded and unfolded. What it
// shows is worked out by others (grouping.logic.ts, sort.logic.ts).
import { useEffect, useMemo, type KeyboardEvent, type MouseEvent, type RefObject } from 'react';
import { useStore } from 'zustand';
import type { Selection } from '../../ui/selection.logic.ts';
import { ROW_PX, useRowList } from '../../ui/use-row-list.ts';
import type { BrowserStore } from './browser-store.ts';
import { ColumnHeads } from './ColumnHeads.tsx';
import { columnOf } from './columns.ts';
import { lineId, patientOf, type TableLine } from './grouping.logic.ts';
import { elementId, StudyLine } from './StudyLine.tsx';

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

export function StudyTable(props: StudyTableProps) {
  const { store, table, lines, selection, onSelect } = props;
  const { columns: keys, widthsPx, togglePatient } = useStore(store);
  const columns = useMemo(() => keys.map(columnOf), [keys]);
  const template = columns
    .map(({ key, widthPx, grow = 0 }) => {
      const chosen = widthsPx[key];
      return chosen === undefined && grow > 0 ? `minmax(${widthPx}px, ${grow}fr)` : `${chosen ?? widthPx}px`;
    })
    .join(' ');
  /** Of a row with its padding; below it the table scrolls sideways, heads and rows alike. */
  const leastPx = columns.reduce((sum, { key, widthPx }) => sum + (widthsPx[key] ?? widthPx), 32);
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

  const elementIdOf = (index: number): string => {
    const line = lines[index];
    return line ? elementId(line) : '';
  };
  const list = useRowList({
    table,
    count: lines.length,
    idOf: (index) => {
      const line = lines[index];
      return line ? lineId(line) : '';
    },
    selection,
    focusIndex,
    allIds: () => lines.filter((line) => line.kind === 'study').map(lineId),
    elementIdOf,
    onSelect,
    onMenu: props.onMenu,
  });
  const foldTo = (isOpen: boolean): boolean => {
    if (focused?.kind === 'patient' && focused.isOpen !== isOpen) togglePatient(focused.key);
    else if (!isOpen && focused?.kind === 'study' && focused.level === 2) {
      const head = lines.findLastIndex((line, index) => index < focusIndex && line.kind === 'patient');
      list.selectAt(head, 'only');
    } else return false;
    return true;
  };

  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'ArrowRight' && foldTo(true)) list.scrollTo(focusIndex);
    else if (event.key === 'ArrowLeft' && foldTo(false)) list.scrollTo(focusIndex);
    else if (event.key === 'Enter' && focused?.kind === 'patient') togglePatient(focused.key);
    else if (!list.takeKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onRow = (event: MouseEvent): void => {
    const line = lines[list.indexOf(event)];
    if (line?.kind === 'patient' && (event.target as HTMLElement).closest('.fold')) togglePatient(line.key);
    list.takeClick(event);
  };
  const onDouble = (event: MouseEvent): void => {
    const line = lines[list.indexOf(event)];
    if (line?.kind === 'patient') togglePatient(line.key);
    else if (line) props.onOpen();
  };
  return (
    <div
      ref={table}
      className="table"
      role="treegrid"
      tabIndex={0}
      aria-label="Studies: arrows move, Space selects, Enter opens, Shift+F10 shows the menu"
      aria-multiselectable="true"
      aria-activedescendant={list.isFocusInSight ? elementIdOf(focusIndex) : undefined}
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
        onContextMenu={list.takeContextMenu}
      >
        {lines.slice(list.start, list.end).map((line, at) => {
          const index = list.start + at;
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
