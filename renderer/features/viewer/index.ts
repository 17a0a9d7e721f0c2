// The viewer: series rail, grid of cells, tools.
import type { ArchiveStore } from '../archive/index.ts';
import './viewer.css';
import './toolbar.css';
import './cell.css';
import './corners.css';
import './panels.css';
import { firstToShow, inReadingOrder } from './reading-order.ts';
import { checkGraphics, loadStage } from '../../imaging/index.ts';
import { studyData } from './study-data.ts';

export { ViewerScreen } from './ViewerScreen.tsx';

/** Begins to fetch what the study's first picture needs, before its screen is built. */
export async function prepareStudy(studyUid: string, store: ArchiveStore): Promise<void> {
  const row = store.state().studies.find((each) => each.studyUid === studyUid);
  const data = studyData(studyUid, row);
  const first = firstToShow(inReadingOrder(await store.seriesOf(studyUid)));
  // A failure shows in the cell, which asks again.
  if (first) await data.prepare(first.seriesUid).catch(() => undefined);
}

/** Loads what the first picture will need while the person still looks for the study. */
export function warmUp(): void {
  document.createElement('canvas').getContext('2d');
  // A failure is told where measuring is asked for.
  requestIdleCallback(() => {
    checkGraphics();
    loadStage().catch(() => undefined);
  });
}
