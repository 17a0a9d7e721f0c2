// Which series stands in which cell, which cell is active, and how many there are.
import { useCallback, useEffect, useState } from 'react';
import type { SeriesRow } from '#shared/contract/views.ts';
import type { ArchiveStore } from '../archive/index.ts';
import { assignEmpty, cellsInSight, movedCell } from './cells.logic.ts';
import { cellsOfEntry, keepCells, readingOf, type CellsOfStudy } from './reading.ts';
import { firstToShow, inReadingOrder } from './reading-order.ts';

export interface Cells {
  series: readonly SeriesRow[];
  rows: number;
  columns: number;
  /** Numbers of the cells on the screen, from 0, row by row. */
  shown: readonly number[];
  active: number;
  isMaximised: boolean;
  seriesOf(cell: number): SeriesRow | undefined;
  activate(cell: number): void;
  assign(cell: number, seriesUid: string): void;
  setLayout(rows: number, columns: number): void;
  fill(): void;
  move(columns: number, rows: number): void;
  nextSeries(by: number): void;
  setMaximised(isMaximised: boolean): void;
}

/** `progress`: changes whenever more of the study has come, or the backend came back. `startUid`: series to begin with; none: the first in reading order. */
export function useCells(
  store: ArchiveStore,
  studyUid: string,
  progress: string | undefined,
  startUid: string | undefined,
): Cells {
  const [series, setSeries] = useState<SeriesRow[]>([]);
  // Newly opened by one of its series, a study shows that.
  const [before] = useState(() =>
    startUid === undefined || cellsOfEntry(studyUid) ? readingOf(studyUid).cells : undefined,
  );
  const [[rows, columns], setGrid] = useState<CellsOfStudy['grid']>(before?.grid ?? [1, 1]);
  const [assigned, setAssigned] = useState(before?.assigned ?? {});
  const [active, setActive] = useState(before?.active ?? 0);
  const [isMaximised, setMaximised] = useState(before?.isMaximised ?? false);
  const [held, setHeld] = useState(before?.held);
  useEffect(() => {
    keepCells(studyUid, { grid: [rows, columns], assigned, active, held, isMaximised });
  }, [studyUid, rows, columns, assigned, active, held, isMaximised]);
  useEffect(() => {
    let isCurrent = true;
    void store.seriesOf(studyUid).then((found) => {
      if (!isCurrent) return;
      const sorted = inReadingOrder(found);
      setSeries(sorted);
      const first = sorted.find((row) => row.seriesUid === startUid) ?? firstToShow(sorted);
      const isHere = (uid: string): boolean => sorted.some(({ seriesUid }) => seriesUid === uid);
      setAssigned((known) => (Object.values(known).some(isHere) || !first ? known : { 0: first.seriesUid }));
    });
    return () => {
      isCurrent = false;
    };
  }, [store, studyUid, progress, startUid]);

  const assign = useCallback(
    (cell: number, seriesUid: string) => setAssigned((known) => ({ ...known, [cell]: seriesUid })),
    [],
  );
  const inSight = cellsInSight(rows * columns, held);
  return {
    series,
    rows: isMaximised ? 1 : rows,
    columns: isMaximised ? 1 : columns,
    shown: isMaximised ? [active] : inSight,
    active,
    isMaximised,
    seriesOf: (cell) => series.find((row) => row.seriesUid === assigned[cell]),
    activate: setActive,
    assign,
    setLayout: (nextRows, nextColumns) => {
      setGrid([nextRows, nextColumns]);
      setMaximised(false);
      setHeld(active);
      setAssigned((known) => assignEmpty(known, series, cellsInSight(nextRows * nextColumns, active)));
    },
    fill: () => setAssigned((known) => assignEmpty(known, series, inSight)),
    move: (right, down) => setActive(inSight[movedCell(inSight.indexOf(active), rows, columns, right, down)] ?? active),
    nextSeries: (by) => {
      const at = series.findIndex((row) => row.seriesUid === assigned[active]);
      const next = series[(at + by + series.length) % series.length];
      if (next) assign(active, next.seriesUid);
    },
    setMaximised,
  };
}
