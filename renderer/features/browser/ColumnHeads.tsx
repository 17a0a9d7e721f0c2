// The heads of the study table: sort (with more keys by Shift), resize, move, hide; one tab stop, arrows go along.
import { useRef, useState, type DragEvent, type KeyboardEvent, type PointerEvent } from 'react';
import { useStore } from 'zustand';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';
import { MIN_WIDTH_PX, type BrowserStore } from './browser-store.ts';
import { columnOf, type ColumnKey } from './columns.ts';
import { nextSort } from './sort.logic.ts';

const DRAG_TYPE = 'application/x-lectern-column';
const STEP_PX = 16;

export function ColumnHeads({ store, onChoose }: { store: BrowserStore; onChoose(): void }) {
  const { columns, widthsPx, sort, remember, moveColumn, toggleColumn } = useStore(store);
  const [current, setCurrent] = useState(0);
  const [menu, setMenu] = useState<{ key: ColumnKey; at: { x: number; y: number } }>();
  const heads = useRef<HTMLDivElement>(null);
  const width = (key: ColumnKey): number => {
    const index = columns.indexOf(key);
    return widthsPx[key] ?? heads.current?.children[index]?.getBoundingClientRect().width ?? columnOf(key).widthPx;
  };
  const resize = (key: ColumnKey, widthPx: number): void =>
    remember({ widthsPx: { ...widthsPx, [key]: Math.max(MIN_WIDTH_PX, Math.round(widthPx)) } });
  const sortBy = (key: ColumnKey, add: boolean): void => remember({ sort: nextSort(sort, key, add) });
  const focusHead = (index: number): void => {
    const to = Math.max(0, Math.min(columns.length - 1, index));
    setCurrent(to);
    heads.current?.querySelectorAll<HTMLElement>('button')[to]?.focus();
  };
  const hide = (key: ColumnKey): void => {
    const index = columns.indexOf(key);
    // Before this one goes, and takes the focus with it.
    focusHead(index === 0 ? 1 : index - 1);
    setCurrent(Math.max(0, index - 1));
    toggleColumn(key);
  };
  const onKey = (event: KeyboardEvent, key: ColumnKey, index: number): void => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by !== 0 && event.altKey) {
      moveColumn(key, by);
      setCurrent(Math.max(0, Math.min(columns.length - 1, index + by)));
    } else if (by !== 0 && event.shiftKey) resize(key, width(key) + by * STEP_PX);
    else if (by !== 0) focusHead(index + by);
    else if (event.key === 'Delete') hide(key);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      const box = event.currentTarget.getBoundingClientRect();
      setMenu({ key, at: { x: box.left, y: box.bottom } });
    } else if (event.key !== 'Enter' && event.key !== ' ') return;
    else sortBy(key, event.shiftKey);
    event.preventDefault();
    event.stopPropagation();
  };
  const items = (key: ColumnKey): MenuItem[] => [
    { id: 'up', label: 'Sort ascending', run: () => remember({ sort: [{ key, isDescending: false }] }) },
    { id: 'down', label: 'Sort descending', run: () => remember({ sort: [{ key, isDescending: true }] }) },
    { id: 'then', label: 'Then sort by this', keys: 'Shift+Enter', run: () => sortBy(key, true) },
    { id: 'left', label: 'Move left', keys: 'Alt+\u2190', startsGroup: true, run: () => moveColumn(key, -1) },
    { id: 'right', label: 'Move right', keys: 'Alt+\u2192', run: () => moveColumn(key, 1) },
    { id: 'wider', label: 'Wider', keys: 'Shift+\u2192', run: () => resize(key, width(key) + 2 * STEP_PX) },
    { id: 'narrower', label: 'Narrower', keys: 'Shift+\u2190', run: () => resize(key, width(key) - 2 * STEP_PX) },
    { id: 'hide', label: 'Hide', keys: 'Delete', isDisabled: columns.length === 1, run: () => hide(key) },
    { id: 'choose', label: 'Choose columns', startsGroup: true, run: onChoose },
  ];
  return (
    <>
      <div className="table-head" role="row" aria-rowindex={1} ref={heads}>
        {columns.map((key, index) => {
          const column = columnOf(key);
          const place = sort.findIndex((term) => term.key === key);
          const term = sort[place];
          return (
            <div
              key={key}
              className={`column-head ${column.isNumber === true ? 'number' : ''}`}
              role="columnheader"
              aria-sort={term ? (term.isDescending ? 'descending' : 'ascending') : 'none'}
            >
              <button
                type="button"
                tabIndex={index === Math.min(current, columns.length - 1) ? 0 : -1}
                title={`Sort by ${column.label.toLowerCase()}; Shift adds it to the order. Alt+arrows move, Shift+arrows resize, right button: more`}
                draggable
                onDragOver={(event) => event.dataTransfer.types.includes(DRAG_TYPE) && event.preventDefault()}
                onDrop={(event) => {
                  const from = columns.findIndex((each) => each === event.dataTransfer.getData(DRAG_TYPE));
                  const moved = columns[from];
                  if (moved !== undefined) moveColumn(moved, index - from);
                }}
                onContextMenu={(event) => {
                  event.preventDefault();
                  setMenu({ key, at: { x: event.clientX, y: event.clientY } });
                }}
                onDragStart={(event: DragEvent) => event.dataTransfer.setData(DRAG_TYPE, key)}
                onFocus={() => setCurrent(index)}
                onKeyDown={(event) => onKey(event, key, index)}
                onClick={(event) => sortBy(key, event.shiftKey)}
              >
                {column.label}
                {term && (
                  <span aria-hidden="true">
                    {term.isDescending ? '\u25be' : '\u25b4'}
                    {sort.length > 1 && place + 1}
                  </span>
                )}
              </button>
              <Grip start={() => width(key)} onWidth={(widthPx) => resize(key, widthPx)} />
            </div>
          );
        })}
      </div>
      {menu && (
        <Menu
          label={`Column ${columnOf(menu.key).label}`}
          items={items(menu.key)}
          at={menu.at}
          onClose={() => setMenu(undefined)}
        />
      )}
    </>
  );
}

/** The edge that is dragged to resize; keys do it on the head itself. */
function Grip({ start, onWidth }: { start(): number; onWidth(widthPx: number): void }) {
  const press = (event: PointerEvent<HTMLSpanElement>): void => {
    const [startX, startPx] = [event.clientX, start()];
    const grip = event.currentTarget;
    grip.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent): void => onWidth(startPx + moved.clientX - startX);
    const end = (): void => {
      grip.removeEventListener('pointermove', move);
      grip.removeEventListener('pointerup', end);
    };
    grip.addEventListener('pointermove', move);
    grip.addEventListener('pointerup', end);
  };
  return (
    <span
      className="column-grip"
      onPointerDown={press}
      // The edge leaves the place of the press: what stands there then, a head, would be dragged for it.
      onMouseDown={(event) => event.preventDefault()}
      aria-hidden="true"
    />
  );
}
