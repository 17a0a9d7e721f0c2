// The viewer: series rail, grid of cells, tools.
export { ViewerScreen } from './ViewerScreen.tsx';

/** Loads what the first picture will need while the person still looks for the study. */
export function warmUp(): void {
  document.createElement('canvas').getContext('2d');
}
