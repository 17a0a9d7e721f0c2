// The study table: virtual rows, sortable and resizable columns, keyboard, multiple selection.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, type KeyboardEvent, type MouseEvent, type PointerEvent } from 'react';
import type { StudyRow } from '#shared/contract/views.ts';
import { COLUMNS, type Column } from './columns.ts';
import type { Sort } from './search.logic.ts';

export interface Selection {
  /** Row with the focus. */
  focus: string | undefined;
  selected: ReadonlySet<string>;
}

interface StudyTableProps {
  rows: readonly StudyRow[];
  widths: Readonly<Record<string, number>>;
  sort: Sort;
  selection: Selection;
  onSort(sort: Sort): void;
  onWidths(widths: Record<string, number>): void;
  onSelect(selection: Selection): void;
  onOpen(studyUid: string): void;
  onRemove(): void;
  onMenu(event: MouseEvent, row: StudyRow): void;
}

const ROW_HEIGHT = 32;
const PAGE = 12;

export function StudyTable(props: StudyTableProps) {
  const { rows, widths, selection, onSelect, onOpen } = props;
  const body = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => body.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const focusIndex = rows.findIndex((row) => row.studyUid === selection.focus);
  const focusPatient = rows[focusIndex]?.patientKey;
  const columns = COLUMNS.map((column) => `${widths[column.key] ?? column.width}px`).join(' ');

  useEffect(() => {
    // The painted rows are announced for whoever measures a keystroke.
    dispatchEvent(new CustomEvent('lectern:rows', { detail: { count: rows.length } }));
  }, [rows]);

  const focusAt = useCallback(
    (index: number, extend: boolean) => {
      const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
      if (!row) return;
      onSelect({
        focus: row.studyUid,
        selected: extend ? new Set([...selection.selected, row.studyUid]) : new Set([row.studyUid]),
      });
      virtual.scrollToIndex(rows.indexOf(row));
    },
    [rows, selection, onSelect, virtual],
  );

  const onKey = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: PAGE,
      PageUp: -PAGE,
      Home: -rows.length,
      End: rows.length,
    };
    const move = moves[event.key];
    if (move !== undefined) focusAt(focusIndex + move, event.shiftKey);
    else if (event.key === 'Enter' && selection.focus !== undefined) onOpen(selection.focus);
    else if (event.key === 'Delete' && selection.selected.size > 0) props.onRemove();
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey))
      onSelect({ ...selection, selected: new Set(rows.map((row) => row.studyUid)) });
    else return;
    event.preventDefault();
  };

  const onRow = (event: MouseEvent, row: StudyRow): void => {
    const selected = new Set(event.ctrlKey || event.metaKey ? selection.selected : []);
    if (event.shiftKey && focusIndex >= 0) {
      const index = rows.indexOf(row);
      for (let at = Math.min(index, focusIndex); at <= Math.max(index, focusIndex); at++)
        selected.add(rows[at]?.studyUid ?? '');
    } else if (selected.has(row.studyUid)) selected.delete(row.studyUid);
    else selected.add(row.studyUid);
    onSelect({ focus: row.studyUid, selected });
  };

  return (
    <div
      className="table"
      role="grid"
      tabIndex={0}
      aria-label="Studies: arrows move, Enter opens, Delete removes"
      aria-multiselectable="true"
      aria-activedescendant={selection.focus === undefined ? undefined : `row-${selection.focus}`}
      onKeyDown={onKey}
      aria-rowcount={rows.length + 1}
      style={{ ['--columns' as string]: columns }}
    >
      <div className="table-head" role="row" aria-rowindex={1}>
        {COLUMNS.map((column) => (
          <ColumnHead key={column.key} column={column} {...props} />
        ))}
      </div>
      <div className="table-body" ref={body} role="rowgroup">
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={row.studyUid}
                id={`row-${row.studyUid}`}
                className="study-row"
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={selection.selected.has(row.studyUid)}
                data-patient={row.patientKey === focusPatient}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={(event) => onRow(event, row)}
                onDoubleClick={() => onOpen(row.studyUid)}
                onContextMenu={(event) => props.onMenu(event, row)}
              >
                {COLUMNS.map((column) => (
                  <div key={column.key} role="gridcell" className={column.key === 'patientName' ? 'name' : ''}>
                    {column.show(row)}
                    {column.key === 'patientName' && <Marks row={row} />}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Marks({ row }: { row: StudyRow }) {
  return (
    <>
      {row.isDemo && <span className="tag quiet">demo</span>}
      {row.isPinned && <span className="tag quiet">pinned</span>}
      {row.repairedCount > 0 && (
        <span className="tag warning" title={`${row.repairedCount} instances were repaired; the series says how.`}>
          repaired
        </span>
      )}
      {row.conflictCount > 0 && (
        <span
          className="tag dangerous"
          title={`${row.conflictCount} instances with the same UID but other content are in quarantine.`}
        >
          conflict
        </span>
      )}
    </>
  );
}

function ColumnHead({ column, sort, widths, onSort, onWidths }: StudyTableProps & { column: Column }) {
  const direction = sort.key !== column.key ? 'none' : sort.isDescending ? 'descending' : 'ascending';
  const resize = (event: PointerEvent<HTMLSpanElement>): void => {
    const [startX, startWidth] = [event.clientX, widths[column.key] ?? column.width];
    const grip = event.currentTarget;
    grip.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent): void =>
      onWidths({ ...widths, [column.key]: Math.max(48, startWidth + moved.clientX - startX) });
    const end = (): void => {
      grip.removeEventListener('pointermove', move);
      grip.removeEventListener('pointerup', end);
    };
    grip.addEventListener('pointermove', move);
    grip.addEventListener('pointerup', end);
  };
  return (
    <div className="column-head" role="columnheader" aria-sort={direction}>
      <button
        type="button"
        title={`Sort by ${column.label.toLowerCase()}`}
        onClick={() =>
          onSort({
            key: column.key,
            isDescending:
              sort.key === column.key ? !sort.isDescending : column.key === 'studyDate' || column.key === 'receivedAt',
          })
        }
      >
        {column.label}
        {direction === 'ascending' ? ' \u25b4' : direction === 'descending' ? ' \u25be' : ''}
      </button>
      <span className="column-grip" onPointerDown={resize} aria-hidden="true" />
    </div>
  );
}
