// Which rows of a long list of equal rows are in sight: constant cost however long the list is.
import { useCallback, useEffect, useState, type RefObject } from 'react';

interface RowWindow {
  /** Indices of the rows to draw, `end` excluded; a few more than fit. */
  start: number;
  end: number;
  /** Rows that fit between the head and the lower edge. */
  pageRows: number;
  scrollTo(index: number): void;
}

const SPARE_ROWS = 6;

/** `headPx`: height of what sticks to the scroller's upper edge. */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowPx: number,
  headPx: number,
): RowWindow {
  const [view, setView] = useState({ firstRow: 0, pageRows: 40 });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const look = (): void => {
      const firstRow = Math.floor(element.scrollTop / rowPx);
      const pageRows = Math.max(1, Math.floor((element.clientHeight - headPx) / rowPx));
      setView((before) =>
        before.firstRow === firstRow && before.pageRows === pageRows ? before : { firstRow, pageRows },
      );
    };
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller, rowPx, headPx]);
  const scrollTo = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (!element) return;
      const top = index * rowPx;
      const bottom = top + rowPx - (element.clientHeight - headPx);
      if (top < element.scrollTop) element.scrollTo({ top });
      else if (bottom > element.scrollTop) element.scrollTo({ top: bottom });
    },
    [scroller, rowPx, headPx],
  );
  // A list that became shorter than where it was scrolled to is drawn from its end at once.
  const firstRow = Math.min(view.firstRow, Math.max(0, count - view.pageRows));
  return {
    start: Math.max(0, firstRow - SPARE_ROWS),
    end: Math.min(count, firstRow + view.pageRows + 1 + SPARE_ROWS),
    pageRows: view.pageRows,
    scrollTo,
  };
}
