// Writes the texts and marks of a cell as its pictures are painted and loaded.
import type { StackView, StackViewState } from '../../imaging/index.ts';
import type { SeriesRow } from '#shared/contract/views.ts';
import { drawMarks, putText, writeOverlays } from './cell-overlays.ts';
import { fidelityOf } from './fidelity.ts';
import { cornersOf, fieldsFor, type OverlayLayout } from './overlay-fields.ts';
import type { LoadedSeries } from './study-data.ts';

/** Marks are drawn now and then: each drawing makes the compositor work, which loading needs more. */
const MARKS_EVERY_MS = 400;

/** What the cell shows, at the moment it is asked. */
export interface Painted {
  cell: number;
  series: SeriesRow | undefined;
  loaded: LoadedSeries | undefined;
  overlay: OverlayLayout;
  keyText(frame: { sopInstanceUid: string; frameIndex: number }): string;
  onShown(cell: number, sopInstanceUid: string): void;
}

/** Keeps a cell's marks true while pictures are painted and loaded. */
export class CellPainter {
  readonly #root: HTMLElement;
  readonly #props: () => Painted;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: StackViewState | undefined;

  constructor(root: HTMLElement, props: () => Painted) {
    this.#root = root;
    this.#props = props;
  }
  dispose(): void {
    clearTimeout(this.#timer);
  }

  painted(view: StackView, state: StackViewState): void {
    this.#write(state, false);
    this.#later(view);
  }
  waiting(view: StackView, state: StackViewState): void {
    this.#write(state, true);
    this.#later(view);
  }
  loadedMore(view: StackView, loadedCount: number, count: number): void {
    if (this.#state) this.#state = { ...this.#state, loadedCount, count };
    if (loadedCount === count) this.#mark(view);
    else this.#later(view);
  }

  #write(state: StackViewState, isWaiting: boolean): void {
    this.#state = state;
    const { loaded, overlay, keyText } = this.#props();
    const dataset = loaded?.bySop.get(state.image.sopInstanceUid);
    if (!loaded || !dataset) return;
    const modality = String(dataset['00080060']?.Value?.[0] ?? '');
    writeOverlays(
      this.#root,
      state,
      cornersOf(dataset, { ...state, order: loaded.stack.order }, fieldsFor(modality, overlay)),
    );
    putText(this.#root, '.key-mark', keyText(state.image));
    this.#fidelity(state, isWaiting);
    this.#root.dataset['index'] = String(state.index);
  }
  #fidelity(state: StackViewState, isWaiting: boolean): void {
    const { loaded, series } = this.#props();
    const dataset = loaded?.bySop.get(state.image.sopInstanceUid);
    if (!loaded || !dataset) return;
    const remarks = fidelityOf(dataset, state, loaded.stack.order, series?.repairs ?? [], isWaiting);
    const missing = series?.missingCount ?? 0;
    if (series && missing > 0)
      remarks.unshift(
        `incomplete: ${missing} images are not here${series.lostCount > 0 ? `, ${series.lostCount} of them lost` : ' yet'}`,
      );
    const damaged = series?.damagedCount ?? 0;
    if (damaged > 0)
      remarks.unshift(`${damaged} of ${series?.instanceCount} images are damaged: retrieve or import again`);
    putText(this.#root, '.fidelity', remarks.join('  |  '));
  }
  #later(view: StackView): void {
    this.#timer ??= setTimeout(() => this.#mark(view), MARKS_EVERY_MS);
  }
  #mark(view: StackView): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    drawMarks(this.#root, view);
    const { frame } = view;
    if (!frame || !this.#state) return;
    if (view.isLoaded(view.index)) this.#fidelity(this.#state, false);
    this.#props().onShown(this.#props().cell, frame.image.sopInstanceUid);
  }
}
