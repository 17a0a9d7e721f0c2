// What a person made of the studies they opened since the page was loaded: the cells and what is in each. Going back to the
// list, also by one Escape too many, takes nothing of it away. The cells are kept over a reload too, also after the page had to end:
// in the entry of the window's history, where its study stands already. Nothing is kept over a new start.
import type { KeptView } from '../../imaging/index.ts';

export interface CellsOfStudy {
  readonly grid: readonly [rows: number, columns: number];
  /** Series by cell. */
  readonly assigned: Readonly<Record<number, string>>;
  readonly active: number;
  /** A cell that stays on the screen although there are no longer as many. */
  readonly held: number | undefined;
  readonly isMaximised: boolean;
}

interface Reading {
  cells: CellsOfStudy;
  /** By cell and series, what was made of each. */
  readonly views: Map<string, KeptView>;
}

const MOST_STUDIES = 50;
const readings = new Map<string, Reading>();
const FIRST: CellsOfStudy = { grid: [1, 1], assigned: {}, active: 0, held: undefined, isMaximised: false };

/** The cells of a study as this entry of the window's history last had them; undefined where it is new. */
export function cellsOfEntry(studyUid: string): CellsOfStudy | undefined {
  const { reading } = (globalThis.history?.state ?? {}) as { reading?: { studyUid: string; cells: CellsOfStudy } };
  return reading?.studyUid === studyUid ? reading.cells : undefined;
}

export function keepCells(studyUid: string, cells: CellsOfStudy): void {
  readingOf(studyUid).cells = cells;
  history.replaceState({ reading: { studyUid, cells } }, '');
}

/** Of a study; the one it was longest ago that was asked for goes where there are too many. */
export function readingOf(studyUid: string): Reading {
  const reading = readings.get(studyUid) ?? { cells: cellsOfEntry(studyUid) ?? FIRST, views: new Map() };
  readings.delete(studyUid);
  readings.set(studyUid, reading);
  const [oldest] = readings.keys();
  if (readings.size > MOST_STUDIES && oldest !== undefined) readings.delete(oldest);
  return reading;
}
