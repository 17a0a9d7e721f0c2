// The rows of a search: only those in sight are drawn; keyboard, multiple selection, order by any column.
import { useEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import type { Selection } from '../../ui/selection.logic.ts';
import { ROW_PX, useRowList } from '../../ui/use-row-list.ts';
import { localWords, type LocalState } from './local-state.logic.ts';
import { leastWidthPx, LOCAL, type ResultColumn, type ResultSort } from './result-columns.ts';
import type { FoundRow } from './search-store.ts';

interface ResultTableProps {
  table: RefObject<HTMLDivElement | null>;
  rows: readonly FoundRow[];
  columns: readonly ResultColumn[];
  sort: ResultSort;
  selection: Selection;
  /** The patient's own issuer, where one was asked for: rows of another one are marked. */
  issuer: string;
  localStateOf(row: FoundRow): LocalState | undefined;
  onSort(sort: ResultSort): void;
  onSelect(selection: Selection): void;
  onEnter(): void;
  onOpen(): void;
  onMenu(at: { x: number; y: number }): void;
}

const elementId = (row: FoundRow): string => `found-${row.id}`;

export function ResultTable(props: ResultTableProps) {
  const { table, rows, columns, selection, onSelect } = props;
  const focusIndex = rows.findIndex(({ id }) => id === selection.focus);
  const elementIdOf = (index: number): string => {
    const row = rows[index];
    return row ? elementId(row) : '';
  };
  const list = useRowList({
    table,
    count: rows.length,
    idOf: (index) => rows[index]?.id ?? '',
    selection,
    focusIndex,
    allIds: () => rows.map(({ id }) => id),
    elementIdOf,
    onSelect,
    onMenu: props.onMenu,
  });
  const focused = rows[focusIndex];
  const notes = focused ? notesOf(focused, props.issuer).join(' ') : '';
  const { scrollTo } = list;
  useEffect(() => {
    // The line that says them takes its height from the table.
    if (notes !== '') scrollTo(focusIndex);
  }, [notes, scrollTo, focusIndex]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) props.onOpen();
    else if (event.key === 'Enter') props.onEnter();
    else if (!list.takeKey(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const grid = (
    <div
      ref={table}
      className="table results"
      role="grid"
      tabIndex={0}
      aria-label="Results: arrows move, Space selects, Enter retrieves, Control and Enter opens, Shift+F10 shows the menu"
      aria-multiselectable="true"
      aria-activedescendant={list.isFocusInSight ? elementIdOf(focusIndex) : undefined}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      onKeyDown={onKey}
      style={{
        ['--columns' as string]: columns.map(({ width }) => width).join(' '),
        ['--least' as string]: `${leastWidthPx(columns)}px`,
      }}
    >
      <Heads columns={columns} sort={props.sort} onSort={props.onSort} />
      <div
        className="table-body"
        role="rowgroup"
        style={{ height: rows.length * ROW_PX }}
        onClick={list.takeClick}
        onDoubleClick={(event) => list.indexOf(event) >= 0 && props.onOpen()}
        onContextMenu={list.takeContextMenu}
      >
        {rows.slice(list.start, list.end).map((row, at) => (
          <div
            key={list.start + at}
            id={elementId(row)}
            className="study-row result-row"
            role="row"
            aria-rowindex={list.start + at + 2}
            aria-selected={selection.selected.has(row.id)}
            data-index={list.start + at}
            data-focus={list.start + at === focusIndex}
            style={{ transform: `translateY(${(list.start + at) * ROW_PX}px)` }}
          >
            {columns.map((column) => (
              <Cell key={column.key} column={column} row={row} state={props.localStateOf(row)} issuer={props.issuer} />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
  return (
    <>
      {grid}
      {/* By key as by the mouse: the marks in the row say it in tooltips only. */}
      <p className="row-notes warning" role="status">
        {notes}
      </p>
    </>
  );
}

const isOtherIssuer = (row: FoundRow, issuer: string): boolean =>
  issuer !== '' && row.issuer !== '' && row.issuer !== issuer;

/** What is to be said about whose a row is, in sentences. */
const notesOf = (row: FoundRow, issuer: string): string[] => [
  ...(isOtherIssuer(row, issuer) ? [`The patient ID is issued by ${row.issuer}: perhaps another person.`] : []),
  ...(row.kind === 'study' ? row.differences : []),
];

/** A mark in a cell, with what it is about. */
function markOf(column: ResultColumn, row: FoundRow, issuer: string): { words: string; title?: string } | undefined {
  if (column.key === 'patientId' && isOtherIssuer(row, issuer))
    return { words: 'other issuer', title: `Issued by ${row.issuer}: perhaps another person.` };
  if (row.kind !== 'study') return undefined;
  if (column.key === 'patientName' && row.differences.length > 0)
    return { words: 'nodes differ', title: row.differences.join('\n') };
  const [first] = row.at;
  if (column.key === 'nodes' && first && row.at.every(({ availability }) => availability !== ''))
    return { words: first.availability.toLowerCase() };
  return undefined;
}

interface CellProps {
  column: ResultColumn;
  row: FoundRow;
  state: LocalState | undefined;
  issuer: string;
}

function Cell({ column, row, state, issuer }: CellProps) {
  const text = column.show(row);
  const mark = markOf(column, row, issuer);
  return (
    <div
      role="gridcell"
      className={`${column.key} ${column.isNumber === true ? 'number' : ''}`}
      title={text || undefined}
    >
      {column.key === LOCAL.key && state ? <Local state={state} /> : mark ? <span>{text}</span> : text}
      {mark && (
        <span className="tag warning" title={mark.title}>
          {mark.words}
        </span>
      )}
    </div>
  );
}

function Local({ state }: { state: LocalState }) {
  const className = { absent: 'quiet', here: '', partial: 'warning', coming: '' }[state.kind];
  return (
    <span className={`local ${className}`} data-local={state.kind}>
      {state.kind === 'coming' && (
        <progress
          aria-label="Progress of the retrieval"
          {...(state.job.itemsTotal !== null &&
            state.job.itemsTotal > 0 && { max: state.job.itemsTotal, value: state.job.itemsDone })}
        />
      )}
      {localWords(state)}
    </span>
  );
}

interface HeadsProps {
  columns: readonly ResultColumn[];
  sort: ResultSort;
  onSort(sort: ResultSort): void;
}

/** One tab stop; arrows go along. */
function Heads({ columns, sort, onSort }: HeadsProps) {
  const [current, setCurrent] = useState(0);
  const heads = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(columns.length - 1, current + by));
    setCurrent(to);
    heads.current?.querySelectorAll<HTMLElement>('button')[to]?.focus();
  };
  return (
    <div role="rowgroup">
      <div ref={heads} className="table-head" role="row" aria-rowindex={1} onKeyDown={onKey}>
        {columns.map((column, index) => {
          const isSorted = sort.key === column.key;
          return (
            <div
              key={column.key}
              role="columnheader"
              className={column.isNumber === true ? 'number' : ''}
              aria-sort={isSorted ? (sort.isDown ? 'descending' : 'ascending') : 'none'}
            >
              <button
                type="button"
                tabIndex={index === current ? 0 : -1}
                onFocus={() => setCurrent(index)}
                onClick={() => onSort({ key: column.key, isDown: isSorted && !sort.isDown })}
              >
                {column.label}
                {isSorted && <span aria-hidden="true">{sort.isDown ? '\u2193' : '\u2191'}</span>}
              </button>
            </div>
          );
        })}
      </div>
    </div>
  );
}
