// Chooses which columns the table shows and in which order.
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useStore } from 'zustand';
import { Float } from '../../ui/Float.tsx';
import type { BrowserStore } from './browser-store.ts';
import { columnOf, COLUMNS, FIRST_COLUMNS } from './columns.ts';
import { FIRST_SORT } from './sort.logic.ts';

interface ColumnPanelProps {
  store: BrowserStore;
  below: Element | null;
  onClose(): void;
}

export function ColumnPanel({ store, below, onClose }: ColumnPanelProps) {
  const { columns, toggleColumn, moveColumn, remember } = useStore(store);
  const hidden = COLUMNS.filter(({ key }) => !columns.includes(key)).map(({ key }) => key);
  return (
    <Float label="Columns" below={below} widthPx={280} onClose={onClose}>
      <h2>Columns, left to right</h2>
      <ul className="column-list">
        {[...columns, ...hidden].map((key) => {
          const { label } = columnOf(key);
          const place = columns.indexOf(key);
          return (
            <li key={key}>
              <label>
                <input
                  type="checkbox"
                  autoFocus={key === columns[0]}
                  checked={place >= 0}
                  disabled={place >= 0 && columns.length === 1}
                  onChange={() => toggleColumn(key)}
                />
                {label}
              </label>
              {place >= 0 && (
                <span>
                  <button
                    type="button"
                    className="plain"
                    aria-label={`Move ${label} left`}
                    disabled={place === 0}
                    onClick={() => moveColumn(key, -1)}
                  >
                    <ArrowUp size={14} aria-hidden="true" />
                  </button>
                  <button
                    type="button"
                    className="plain"
                    aria-label={`Move ${label} right`}
                    disabled={place === columns.length - 1}
                    onClick={() => moveColumn(key, 1)}
                  >
                    <ArrowDown size={14} aria-hidden="true" />
                  </button>
                </span>
              )}
            </li>
          );
        })}
      </ul>
      <div className="row">
        <button type="button" onClick={() => remember({ columns: FIRST_COLUMNS, widthsPx: {}, sort: FIRST_SORT })}>
          As at first
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Float>
  );
}
